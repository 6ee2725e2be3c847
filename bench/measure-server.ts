// The server from outside: its starts, its memory, its first byte, how much it bears, and how late its event loop is:
//   node bench/measure-server.ts [--chunks 100000] [--seconds 6] [--starts 3]
// Uses the databases that measure-search.ts filled, or fills them. PostgreSQL is the one in RAGSTONE_TEST_DATABASE_URL.
// Writes bench/results/server.json.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Backend } from '../src/storage/backend.ts'
import { startRagstone, type RagstoneProcess } from '../test/ragstone-process.ts'
import { asMarkdown, readRealCorpus } from './corpus/passages.ts'
import { openFilledDatabase } from './corpus/fill-database.ts'
import { SERVER_URL } from './corpus/open-database.ts'
import { readCollection } from './collection.ts'
import { uploadAll } from './load-documents.ts'
import { percentile, round, summarise, timeCalls, type Timing } from './percentiles.ts'
import { residentMiB } from './process-memory.ts'
import { PROBED, readEventLoopDelay, type EventLoopDelay } from './read-event-loop.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: {
    chunks: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '6' },
    starts: { type: 'string', default: '3' },
  },
})
const chunks = Number(options.chunks)
const seconds = Number(options.seconds)
const CONCURRENCIES = [1, 16, 64]

export interface StartRow {
  readonly kind: 'cold' | 'warm'
  /** Milliseconds from spawning the process to a `/readyz` that said yes. */
  readonly milliseconds: readonly number[]
}

export interface RequestRow extends Timing {
  readonly backend: Backend['kind']
  readonly what: 'answer' | 'search'
  readonly concurrency: number
  readonly failed: number
}

export interface FirstByteRow {
  readonly backend: Backend['kind']
  readonly samples: number
  /** Milliseconds from the request to the first bytes of the stream, and to the first words of the answer. */
  readonly firstByte: { readonly p50: number; readonly p95: number }
  readonly firstWords: { readonly p50: number; readonly p95: number }
}

export interface MemoryRow {
  readonly what: string
  readonly residentMiB: number
}

const real = await readRealCorpus()
const questions = real.questions.map(({ text }) => text)
const requests: RequestRow[] = []
const firstBytes: FirstByteRow[] = []
const memory: MemoryRow[] = []
const starts = await measureStarts(Number(options.starts))
const eventLoop = await measureEventLoop()
for (const kind of ['pglite', ...(SERVER_URL === undefined ? [] : ['postgres'])] as const)
  await measureLoad(kind as Backend['kind'])
await writeResults('server', { chunks, starts, eventLoop, firstBytes, requests, memory })

async function measureStarts(times: number): Promise<StartRow[]> {
  const cold: number[] = []
  const warm: number[] = []
  for (let time = 0; time < times; time += 1) {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'ragstone-start-'))
    try {
      const first = await startRagstone({ dataDirectory })
      cold.push(Math.round(first.startMilliseconds))
      await first.stop()
      const second = await startRagstone({ dataDirectory, key: first.key })
      warm.push(Math.round(second.startMilliseconds))
      if (time === 0) {
        await sleep(5_000)
        const idle = await residentMiB(second.pid)
        memory.push({ what: 'embedded database, empty, idle', residentMiB: idle })
      }
      await second.stop()
    } finally {
      await rm(dataDirectory, { recursive: true, force: true })
    }
  }
  const rows: StartRow[] = [
    { kind: 'cold', milliseconds: cold },
    { kind: 'warm', milliseconds: warm },
  ]
  console.log(JSON.stringify(rows))
  return rows
}

/** One large document: all of SciFact's abstracts as one file of 8 MB would keep the machine busy for long; 500 will do. */
async function measureEventLoop() {
  const { documents } = await readCollection('scifact')
  const text = documents.slice(0, 500).map(asMarkdown).join('\n\n')
  const ragstone = await startRagstone({ environment: PROBED })
  try {
    const { client, pid, url } = ragstone
    const store = await client.vectorStores.create({ name: 'large' })
    await sleep(1_000)
    await readEventLoopDelay(pid)
    await sleep(3_000)
    const idle = await readEventLoopDelay(pid)
    await uploadAll(client, store.id, [{ id: 'large', filename: 'large.md', text }])
    const taken: number[] = []
    let most = 0
    for (;;) {
      const began = performance.now()
      await fetch(`${url}/livez`)
      taken.push(performance.now() - began)
      most = Math.max(most, await residentMiB(pid))
      const { file_counts: counts } = await client.vectorStores.retrieve(store.id)
      if (counts.in_progress === 0) break
      await sleep(50)
    }
    const ingesting = await readEventLoopDelay(pid)
    memory.push({
      what: 'embedded database, ingesting one large document, at most',
      residentMiB: most,
    })
    const row: {
      megabytes: number
      idle: EventLoopDelay
      ingesting: EventLoopDelay
      livez: Omit<Timing, 'perSecond'>
    } = {
      megabytes: round(Buffer.byteLength(text) / 1e6),
      idle,
      ingesting,
      livez: summarise(taken),
    }
    console.log(JSON.stringify(row))
    return row
  } finally {
    await ragstone.stop()
  }
}

async function measureLoad(kind: Backend['kind']): Promise<void> {
  const filled = await openFilledDatabase(real, { kind, chunks, tenants: 1, maxConnections: 4 })
  await filled.backend.close()
  const storeId = filled.tenants[0]?.storeId ?? ''
  const { RAGSTONE_DATA_DIRECTORY: dataDirectory, ...rest } = filled.environment
  const ragstone = await startRagstone({
    environment: rest,
    ...(dataDirectory === undefined ? {} : { dataDirectory }),
  })
  try {
    const name = kind === 'pglite' ? 'embedded database' : 'PostgreSQL (the server process alone)'
    const size = `${chunks.toLocaleString('en')} chunks`
    memory.push({ what: `${name}, ${size}, idle`, residentMiB: await residentMiB(ragstone.pid) })
    const search = post(ragstone, `vector_stores/${storeId}/search`, (query) => ({ query }))
    const answer = post(ragstone, 'responses', (input) => ({ input, model: storeId, store: false }))
    for (const [what, call] of [
      ['search', search],
      ['answer', answer],
    ] as const) {
      await timeCalls({ concurrency: 1, seconds: 5, maxCalls: 50 }, call)
      for (const concurrency of CONCURRENCIES) {
        let failed = 0
        const timing = await timeCalls({ concurrency, seconds }, async (place) => {
          if (!(await call(place))) failed += 1
        })
        requests.push({ backend: kind, what, concurrency, failed, ...timing })
        console.log(JSON.stringify(requests.at(-1)))
      }
    }
    firstBytes.push(await measureFirstByte(kind, ragstone, storeId))
    console.log(JSON.stringify(firstBytes.at(-1)))
    const busy = await residentMiB(ragstone.pid)
    memory.push({ what: `${name}, ${size}, after all requests of this page`, residentMiB: busy })
    console.log(JSON.stringify(memory))
  } finally {
    await ragstone.stop()
  }
}

/** Gives whether it went well. */
function post(ragstone: RagstoneProcess, path: string, bodyOf: (question: string) => object) {
  return async (place: number): Promise<boolean> => {
    const response = await send(ragstone, path, bodyOf(questionAt(place)))
    await response.arrayBuffer()
    return response.ok
  }
}

function send({ url, key }: RagstoneProcess, path: string, body: object): Promise<Response> {
  return fetch(`${url}/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function measureFirstByte(
  backend: Backend['kind'],
  ragstone: RagstoneProcess,
  storeId: string,
): Promise<FirstByteRow> {
  const bytes: number[] = []
  const words: number[] = []
  for (let place = 0; place < 100; place += 1) {
    const began = performance.now()
    const body = { input: questionAt(place), model: storeId, store: false, stream: true }
    const response = await send(ragstone, 'responses', body)
    let text = ''
    const decoder = new TextDecoder()
    for await (const part of response.body ?? []) {
      const now = performance.now() - began
      if (text === '') bytes.push(now)
      const before = text.includes('response.output_text.delta')
      text += decoder.decode(part, { stream: true })
      if (!before && text.includes('response.output_text.delta')) words.push(now)
    }
  }
  const both = (taken: readonly number[]) => ({
    p50: round(percentile(taken, 0.5)),
    p95: round(percentile(taken, 0.95)),
  })
  return { backend, samples: bytes.length, firstByte: both(bytes), firstWords: both(words) }
}

function questionAt(place: number): string {
  return questions[place % questions.length] ?? ''
}
