// What a large sync does to people who ask: questions at a steady rate, alone and while a folder of 10,000 files comes in.
// No question comes twice, and as many others come before, so that both times find a server that is as warm.
//   node bench/measure-sync.ts [--documents 10000] [--seconds 50] [--rate 2] [--corpus 500]
// With the local model. Embedded with what works on jobs inside the server; PostgreSQL 18 in RAGSTONE_TEST_DATABASE_URL with
// `ragstone work` beside it, all on this machine. Writes bench/results/sync.json.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { OpenAI } from 'openai'
import { makeServerDatabase } from '../test/end-to-end/served-backend.ts'
import { startRagstone, type RagstoneProcess } from '../test/ragstone-process.ts'
import { BACKENDS } from '../test/storage/backends.ts'
import { startWorkerProcess } from '../test/worker-process.ts'
import { readCollection } from './collection.ts'
import { loadDocuments, type TextFile } from './load-documents.ts'
import { round, summarise, type Timing } from './percentiles.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: {
    documents: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '50' },
    rate: { type: 'string', default: '2' },
    corpus: { type: 'string', default: '500' },
  },
})
const count = Number(options.documents)
const seconds = Number(options.seconds)
const everyMs = 1_000 / Number(options.rate)
const WARMING_MS = 250

type Asked = Omit<Timing, 'perSecond'>

export interface SyncRow {
  readonly backend: 'pglite' | 'postgres'
  readonly idle: Asked
  readonly during: Asked
  /** p95 during the sync over p95 without it. */
  readonly growth: number
  /** Of the sync, by the time that the last question was answered. */
  readonly indexed: number
  readonly documentsPerSecond: number
}

const { documents, questions } = await readCollection('scifact')
const asMarkdown = ({ id, title, text }: (typeof documents)[number]): TextFile => ({
  id,
  filename: `${id}.md`,
  text: `# ${title}\n\n${text}`,
})
const rows: SyncRow[] = []
const papers = await mkdtemp(join(tmpdir(), 'ragstone-papers-'))
try {
  await writePapers()
  for (const backend of BACKENDS) {
    rows.push(await measure(backend))
    console.log(JSON.stringify(rows.at(-1)))
  }
} finally {
  await rm(papers, { recursive: true, force: true })
}
await writeResults('sync', {
  documents: count,
  corpus: Number(options.corpus),
  seconds,
  rate: Number(options.rate),
  rows,
})

async function measure(backend: SyncRow['backend']): Promise<SyncRow> {
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-bench-'))
  const database = backend === 'postgres' ? await makeServerDatabase() : null
  const environment = {
    DATABASE_URL: database?.url ?? '',
    RAGSTONE_BLOBS_DIRECTORY: join(folder, 'blobs'),
    RAGSTONE_SOURCES_FOLDER_ROOTS: papers,
    ...(database === null ? {} : { RAGSTONE_SERVER_WORKERS: '0' }),
  }
  const ragstone = await startRagstone({ dataDirectory: folder, environment })
  const worker =
    database === null
      ? null
      : await startWorkerProcess({
          ...environment,
          RAGSTONE_DATA_DIRECTORY: join(folder, 'worker'),
        })
  try {
    const asked = documents.slice(0, Number(options.corpus)).map(asMarkdown)
    const { vectorStoreId } = await loadDocuments(ragstone.client, 'asked', asked)
    const places = questions.keys()
    const warm = { storeId: vectorStoreId, seconds, places }
    await ask(ragstone, { ...warm, everyMs: WARMING_MS })
    const idle = await ask(ragstone, { ...warm, everyMs })
    const synced = (await ragstone.client.vectorStores.create({ name: 'synced' })).id
    const began = performance.now()
    await beginSync(ragstone.client, synced)
    const during = await ask(ragstone, { ...warm, everyMs })
    const taken = (performance.now() - began) / 1_000
    const { file_counts: counts } = await ragstone.client.vectorStores.retrieve(synced)
    if (counts.completed === count) process.stderr.write('the sync was over before the questions\n')
    return {
      backend,
      idle,
      during,
      growth: round(during.p95 / idle.p95),
      indexed: counts.completed,
      documentsPerSecond: round(counts.completed / taken),
    }
  } finally {
    await worker?.stop()
    await ragstone.stop()
    await database?.drop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Each question at its time, whether those before it are answered or not. */
async function ask(
  { client }: RagstoneProcess,
  of: {
    readonly storeId: string
    readonly seconds: number
    readonly everyMs: number
    readonly places: Iterator<number>
  },
): Promise<Asked> {
  const taken: number[] = []
  const asking: Promise<void>[] = []
  const began = performance.now()
  for (let at = 0; at < (of.seconds * 1_000) / everyMs; at += 1) {
    await sleep(Math.max(0, began + at * of.everyMs - performance.now()))
    const input = questions[of.places.next().value ?? 0]?.text ?? ''
    const tools = [{ type: 'file_search' as const, vector_store_ids: [of.storeId] }]
    const started = performance.now()
    asking.push(
      client.responses.create({ input, tools, store: false }).then(() => {
        taken.push(performance.now() - started)
      }),
    )
  }
  await Promise.all(asking)
  return summarise(taken)
}

/** No two alike. */
async function writePapers(): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    const document = documents[at % documents.length]
    if (document === undefined) throw new Error('There are no documents.')
    const { filename, text } = asMarkdown(document)
    await writeFile(join(papers, `${at}-${filename}`), `${text}\n\nCopy ${at} of the paper.`)
  }
}

async function beginSync(client: OpenAI, storeId: string): Promise<void> {
  const settings = { path: papers, watch: false }
  const wish = { vector_store_id: storeId, name: 'papers', kind: 'folder', settings }
  const source = await client.post<{ readonly id: string }>('/../api/sources', { body: wish })
  await client.post(`/../api/sources/${source.id}/syncs`, { body: {} })
}
