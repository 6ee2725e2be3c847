import { setTimeout as sleep } from 'node:timers/promises'
import type { RagstoneProcess } from '../ragstone-process.ts'
import type { Recorder } from './recorder.ts'

/** From one embedding model to another, back, and there for good; in the end the first one serves again. */
export async function exerciseEmbeddings(
  { url, key }: Pick<RagstoneProcess, 'key' | 'url'>,
  fetch: Recorder['fetch'],
): Promise<void> {
  const authorization = `Bearer ${key}`
  const get = (path: string) => fetch(`${url}${path}`, { headers: { authorization } })
  const post = (path: string, body: object = {}) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const step = (name: string, body?: object) => post(`/api/embeddings/${name}`, body)
  const status = async () =>
    (await (await get('/api/embeddings')).json()) as {
      serving: string
      migration: { status: string } | null
    }
  const untilReady = async (): Promise<void> => {
    while ((await status()).migration?.status !== 'ready') await sleep(200)
  }
  const { serving } = await status()

  await step('estimate', { model: 'other' })
  await step('estimate', { model: 'unheard-of' })
  await step('migrate', { model: 'other', chunks_per_second: 1_000 })
  await (await get('/api/embeddings?stream=true')).text()
  await untilReady()
  const expected = [{ file: 'handbook.md', quote: 'thirty days' }]
  await step('compare', { questions: [{ question: 'How many days of leave?', expected }] })
  await step('cut-over')
  await step('roll-back')
  await step('cancel')
  await step('roll-back')

  for (const model of ['other', serving]) {
    await step('migrate', { model })
    await untilReady()
    await step('cut-over')
    await step('drop-old')
  }
}
