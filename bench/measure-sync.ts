// What a large sync does to people who ask: questions at a steady rate, alone and while 10,000 documents come in.
//   node bench/measure-sync.ts [--documents 10000] [--seconds 120] [--rate 2] [--corpus 500]
// With the local model. Embedded with what works on jobs inside the server; PostgreSQL 18 in RAGSTONE_TEST_DATABASE_URL with
// `ragstone work` beside it, all on this machine. Writes bench/results/sync.json.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { toFile, type OpenAI } from 'openai'
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
    seconds: { type: 'string', default: '120' },
    rate: { type: 'string', default: '2' },
    corpus: { type: 'string', default: '500' },
  },
})
const count = Number(options.documents)
const seconds = Number(options.seconds)
const BATCH = 100
const LANES = 4

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
for (const backend of BACKENDS) {
  rows.push(await measure(backend))
  console.log(JSON.stringify(rows.at(-1)))
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
    await ask(ragstone, { storeId: vectorStoreId, seconds: 10 })
    const idle = await ask(ragstone, { storeId: vectorStoreId, seconds })
    const synced = (await ragstone.client.vectorStores.create({ name: 'synced' })).id
    const stop = new AbortController()
    const began = performance.now()
    const sync = syncAll(ragstone.client, synced, stop.signal)
    const during = await ask(ragstone, { storeId: vectorStoreId, seconds })
    const taken = (performance.now() - began) / 1_000
    const { file_counts: counts } = await ragstone.client.vectorStores.retrieve(synced)
    stop.abort()
    await sync
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
  of: { readonly storeId: string; readonly seconds: number },
): Promise<Asked> {
  const taken: number[] = []
  const everyMs = 1_000 / Number(options.rate)
  const asking: Promise<void>[] = []
  const began = performance.now()
  for (let at = 0; at * everyMs < of.seconds * 1_000; at += 1) {
    await sleep(Math.max(0, began + at * everyMs - performance.now()))
    const input = questions[at % questions.length]?.text ?? ''
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

/** As a sync does it: batch by batch, no two documents alike. */
async function syncAll(client: OpenAI, storeId: string, signal: AbortSignal): Promise<void> {
  const starts = Array.from({ length: Math.ceil(count / BATCH) }, (_, at) => at * BATCH).values()
  const lane = async (): Promise<void> => {
    for (const start of starts) {
      if (signal.aborted) return
      const ids: string[] = []
      for (let at = start; at < Math.min(count, start + BATCH); at += 1) {
        const document = documents[at % documents.length]
        if (document === undefined) throw new Error('There are no documents.')
        const { filename, text } = asMarkdown(document)
        const content = Buffer.from(`${text}\n\nCopy ${at} of the paper.`)
        const file = await client.files.create({
          file: await toFile(content, `${at}-${filename}`),
          purpose: 'assistants',
        })
        ids.push(file.id)
      }
      await client.vectorStores.fileBatches.create(storeId, { file_ids: ids })
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}
