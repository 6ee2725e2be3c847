import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { residentMiB } from '../bench/process-memory.ts'
import { startFakeOpenAi } from './fake-openai-server.ts'
import { startRagstone } from './ragstone-process.ts'

export interface IdleStreams {
  readonly streams: number
  /** After the start, with nothing asked yet. */
  readonly residentMiBFresh: number
  /** After as many answers as will be held, all gone again. */
  readonly residentMiBBefore: number
  readonly residentMiBHeld: number
  /** Comments that came on all streams together while they were held. */
  readonly keepAlives: number
}

/** A comment comes on every stream in that time. */
const SETTLE_MS = 15_500

/**
 * What a server's memory is with so many answers being waited for at once: each has been searched for, and its
 * model says nothing. The heap first grows by what searching leaves behind, streams or not: so as many are asked
 * and given up before.
 */
export async function measureIdleStreams(streams: number): Promise<IdleStreams> {
  const model = await startFakeOpenAi()
  model.script(...Array.from({ length: streams * 2 }, () => ({ steps: [{ hang: true as const }] })))
  const server = await startRagstone({
    environment: {
      RAGSTONE_CHAT_BASE_URL: model.baseUrl,
      RAGSTONE_CHAT_MODEL: 'silent',
      // All are to be held, however long their searches take on this machine.
      RAGSTONE_ADMISSION_QUEUE_LENGTH: String(streams),
      RAGSTONE_ADMISSION_PATIENCE_SECONDS: '600',
    },
  })
  try {
    const store = await server.client.vectorStores.create({ name: 'Idle' })
    const file = await server.client.files.create({
      file: new File([GATES], 'gates.txt'),
      purpose: 'assistants',
    })
    await server.client.vectorStores.files.createAndPoll(store.id, { file_id: file.id })
    const residentMiBFresh = await residentMiB(server.pid)
    const warm = await openAll({ ...server, storeId: store.id, streams })
    for (const stream of warm) stream.close()
    await delay(2_000)
    const residentMiBBefore = await residentMiB(server.pid)
    const held = await openAll({ ...server, storeId: store.id, streams })
    await delay(SETTLE_MS)
    const residentMiBHeld = await residentMiB(server.pid)
    const keepAlives = held.reduce((sum, stream) => sum + stream.keepAlives(), 0)
    for (const stream of held) stream.close()
    return { streams, residentMiBFresh, residentMiBBefore, residentMiBHeld, keepAlives }
  } finally {
    await server.stop()
    await model.close()
  }
}

/** Enough passages to fill both searches. */
const GATES = Array.from(
  { length: 150 },
  (_empty, gate) =>
    `## Gate ${gate}\n\nGate ${gate} closes at ten. ${'It is made of iron. '.repeat(40)}`,
).join('\n\n')
/** Asked at the same time: it is waiting that is measured, not a rush of searches. */
const AT_ONCE = 50

interface Wanted {
  readonly url: string
  readonly key: string
  readonly storeId: string
  readonly streams: number
}

async function openAll(wanted: Wanted): Promise<readonly HeldStream[]> {
  const held: HeldStream[] = []
  while (held.length < wanted.streams) {
    const next = Math.min(AT_ONCE, wanted.streams - held.length)
    held.push(...(await Promise.all(Array.from({ length: next }, () => open(wanted)))))
  }
  return held
}

interface HeldStream {
  keepAlives(): number
  close(): void
}

const agent = new Agent({ keepAlive: false })

/** Resolves when the answer has begun. */
function open({ url, key, storeId }: Wanted): Promise<HeldStream> {
  const { promise, resolve, reject } = Promise.withResolvers<HeldStream>()
  const call = request(
    `${url}/v1/responses`,
    {
      method: 'POST',
      agent,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    },
    (response) => {
      let comments = 0
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        comments += text.split(': keep-alive').length - 1
      })
      response.on('error', () => undefined)
      if (response.statusCode !== 200) reject(new Error(`The answer was ${response.statusCode}.`))
      else resolve({ keepAlives: () => comments, close: () => response.destroy() })
    },
  )
  call.on('error', reject)
  call.end(JSON.stringify({ model: storeId, input: 'When does the gate close?', stream: true }))
  return promise
}
