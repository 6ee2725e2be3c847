// Documents through the whole path, from the first upload until the last is indexed, with 1, 2 and 4 workers:
//   node bench/measure-workers.ts [--documents 500] [--workers 1,2,4]
// PostgreSQL 18 in RAGSTONE_TEST_DATABASE_URL with `ragstone work --concurrency 1` so many times; embedded with
// ingest.concurrency instead. Once with the local model, which is most of the work, once by words alone, which leaves the rest.
// Writes bench/results/workers.json.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { makeServerDatabase } from '../test/end-to-end/served-backend.ts'
import { startRagstone, type RagstoneProcess } from '../test/ragstone-process.ts'
import { BACKENDS } from '../test/storage/backends.ts'
import { startWorkerProcess } from '../test/worker-process.ts'
import { readCollection } from './collection.ts'
import { uploadAll, type TextFile } from './load-documents.ts'
import { round } from './percentiles.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: {
    documents: { type: 'string', default: '500' },
    workers: { type: 'string', default: '1,2,4' },
  },
})

export interface WorkersRow {
  readonly backend: 'pglite' | 'postgres'
  readonly embedding: 'local' | 'none'
  /** Documents at once: of so many processes, or of one. */
  readonly workers: number
  readonly chunks: number
  readonly seconds: number
  readonly documentsPerSecond: number
  readonly chunksPerSecond: number
}

type Setting = Pick<WorkersRow, 'backend' | 'embedding' | 'workers'>

const { documents } = await readCollection('scifact')
const files: readonly TextFile[] = documents
  .slice(0, Number(options.documents))
  .map(({ id, title, text }) => ({ id, filename: `${id}.md`, text: `# ${title}\n\n${text}` }))
const rows: WorkersRow[] = []
for (const backend of BACKENDS) {
  for (const embedding of ['local', 'none'] as const) {
    for (const workers of options.workers.split(',').map(Number)) {
      rows.push(await measure({ backend, embedding, workers }))
      console.log(JSON.stringify(rows.at(-1)))
    }
  }
}
await writeResults('workers', { documents: files.length, rows })

async function measure(setting: Setting): Promise<WorkersRow> {
  const { backend, embedding, workers } = setting
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-bench-'))
  const database = backend === 'postgres' ? await makeServerDatabase() : null
  const environment = {
    DATABASE_URL: database?.url ?? '',
    RAGSTONE_BLOBS_DIRECTORY: join(folder, 'blobs'),
    RAGSTONE_EMBEDDING_PROVIDER: embedding,
    RAGSTONE_INGEST_CONCURRENCY: String(workers),
    ...(database === null ? {} : { RAGSTONE_SERVER_WORKERS: '0' }),
  }
  const ragstone = await startRagstone({ dataDirectory: folder, environment })
  const apart = await Promise.all(
    Array.from({ length: database === null ? 0 : workers }, (_, at) =>
      startWorkerProcess({
        ...environment,
        RAGSTONE_INGEST_CONCURRENCY: '1',
        RAGSTONE_DATA_DIRECTORY: join(folder, `worker-${at}`),
      }),
    ),
  )
  try {
    // Every model is loaded and every path compiled before the clock starts.
    const warm = Array.from({ length: 4 * workers }, (_, at) => ({
      id: `warm-${at}`,
      filename: `warm-${at}.md`,
      text: `A document to warm up with, number ${at}.`,
    }))
    await ingest(ragstone, warm)
    const began = performance.now()
    const storeId = await ingest(ragstone, files)
    const seconds = (performance.now() - began) / 1_000
    const chunks = await countChunks(ragstone, storeId)
    return {
      ...setting,
      chunks,
      seconds: round(seconds),
      documentsPerSecond: round(files.length / seconds),
      chunksPerSecond: round(chunks / seconds),
    }
  } finally {
    for (const worker of apart) await worker.stop()
    await ragstone.stop()
    await database?.drop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function ingest({ client }: RagstoneProcess, sources: readonly TextFile[]): Promise<string> {
  const store = await client.vectorStores.create({ name: 'bench' })
  await uploadAll(client, store.id, sources)
  for (;;) {
    const { file_counts: counts } = await client.vectorStores.retrieve(store.id)
    if (counts.failed > 0) throw new Error(`${counts.failed} files failed.`)
    if (counts.completed === sources.length) return store.id
    await sleep(50)
  }
}

async function countChunks({ url, key }: RagstoneProcess, storeId: string): Promise<number> {
  const response = await fetch(`${url}/api/vector_stores/${storeId}/progress`, {
    headers: { authorization: `Bearer ${key}` },
  })
  return ((await response.json()) as { chunks: { total: number } }).chunks.total
}
