import { setTimeout as delay } from 'node:timers/promises'
import { STOP, type FakeOpenAiServer } from '../fake-openai-server.ts'
import type { RagstoneProcess } from '../ragstone-process.ts'
import type { Recorder } from './recorder.ts'
import { QUESTION } from './served-library.ts'

type Server = Pick<RagstoneProcess, 'key' | 'url'> & Pick<Recorder, 'fetch'>

const SLOW = { delayMs: 1_500, steps: [{ text: '{}' }, ...STOP] }
/** Needs the language model: the documents' own words cannot stand in for it. */
const ASK = {
  model: 'llama',
  input: QUESTION,
  text: { format: { type: 'json_object' as const } },
}

/** What goes wrong with others: each failure is a real answer. */
export async function exerciseOutages(server: Server, model: FakeOpenAiServer): Promise<void> {
  const ask = (more: object = {}, headers: Readonly<Record<string, string>> = {}) =>
    server.fetch(`${server.url}/v1/responses`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${server.key}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify({ ...ASK, ...more }),
    })

  // 409: the first with this key is still at work.
  model.script(SLOW)
  const first = ask({}, { 'idempotency-key': 'one' })
  await delay(500)
  await ask({}, { 'idempotency-key': 'one' })
  await first

  // 503: this server works on two responses in the background at a time.
  model.script(SLOW, SLOW)
  for (let place = 0; place < 3; place++) await ask({ background: true })
  await delay(2_000)

  // 502 and 429: the provider refuses, and limits.
  model.script({ status: 401, body: { error: { message: 'No such key.' } } })
  await ask()
  const limited = {
    status: 429,
    headers: { 'retry-after': '60' },
    body: { error: { message: 'x' } },
  }
  model.script(limited, limited, limited, limited)
  await ask()
}
