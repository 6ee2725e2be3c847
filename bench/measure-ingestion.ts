// How fast files become searchable, and what it costs in memory:
//   node bench/measure-ingestion.ts [--documents 1000] [--threads 2]
// Writes bench/results/ingestion.json.
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { OpenAI } from 'openai'
import { searchableText } from '../src/core/chunk.ts'
import { createReader, type Reader } from '../src/ingest/reader.ts'
import { createLocalEmbedder } from '../src/providers/local-embedder.ts'
import { findModelFiles } from '../src/providers/model-files.ts'
import { localTokenizerSource } from '../src/providers/tokenizer.ts'
import { startRagstone, type RagstoneProcess } from '../test/ragstone-process.ts'
import { readCollection } from './collection.ts'
import { asMarkdown, CHUNK_SIZE, PARSE_LIMITS } from './corpus/passages.ts'
import { uploadAll, type TextFile } from './load-documents.ts'
import { residentMiB } from './process-memory.ts'
import { round } from './percentiles.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: {
    documents: { type: 'string', default: '1000' },
    threads: { type: 'string', default: '2' },
  },
})
const threads = Number(options.threads)
const DATA = new URL('../../shared/data/', import.meta.url)
const files = await findModelFiles({ directories: [] })
if (files === null) throw new Error('The local embedding model is not installed.')

interface SourceFile {
  readonly filename: string
  readonly bytes: Buffer
}

export interface ReadingRow {
  readonly kind: string
  readonly files: number
  readonly megabytes: number
  readonly chunks: number
  readonly seconds: number
  readonly megabytesPerSecond: number
}

export interface MemorySample {
  readonly documents: number
  readonly residentMiB: number
}

const abstracts = await readAbstracts(Number(options.documents))
const reader = createReader({
  limits: PARSE_LIMITS,
  threads: 1,
  tokenizer: localTokenizerSource(files),
})
const reading: ReadingRow[] = []
const texts: string[] = []
try {
  await readAll(reader, 'warm-up', abstracts.slice(0, 50))
  for (const [kind, sources] of [
    ['Markdown, long (chunking-evaluation)', await readFolder('chunking-evaluation/corpora')],
    ['Markdown, short (SciFact)', abstracts],
    ['PDF (sec-10-q)', await readFolder('sec-10-q/docs')],
  ] as const) {
    reading.push(await readAll(reader, kind, sources))
    console.log(JSON.stringify(reading.at(-1)))
  }
  for (const source of abstracts) texts.push(...(await chunkTexts(reader, source)))
} finally {
  await reader.close()
}

const embedder = await createLocalEmbedder({ files, threads })
let embeddingSeconds: number
try {
  await embedder.embed(texts.slice(0, 64), { kind: 'passage' })
  const began = performance.now()
  await embedder.embed(texts, { kind: 'passage' })
  embeddingSeconds = (performance.now() - began) / 1_000
} finally {
  await embedder.close()
}
console.log(`${texts.length} chunks embedded in ${embeddingSeconds.toFixed(1)} s`)

const ragstone = await startRagstone({
  environment: { RAGSTONE_EMBEDDING_THREADS: String(threads) },
})
let pipeline: { seconds: number; memory: MemorySample[] }
try {
  pipeline = await ingest(ragstone)
} finally {
  await ragstone.stop()
}
const ratio = pipeline.seconds / embeddingSeconds
console.log(
  `whole pipeline ${pipeline.seconds.toFixed(1)} s, ${ratio.toFixed(2)} times the model alone`,
)
await writeResults('ingestion', {
  reading,
  pipeline: {
    documents: abstracts.length,
    chunks: texts.length,
    embeddingThreads: threads,
    embeddingSeconds: round(embeddingSeconds),
    pipelineSeconds: round(pipeline.seconds),
    ratio: round(ratio),
    documentsPerSecond: round(abstracts.length / pipeline.seconds),
    chunksPerSecond: round(texts.length / pipeline.seconds),
  },
  memory: pipeline.memory,
})

async function readAbstracts(count: number): Promise<SourceFile[]> {
  const { documents } = await readCollection('scifact')
  return documents.slice(0, count).map((document) => ({
    filename: `${document.id}.md`,
    bytes: Buffer.from(asMarkdown(document)),
  }))
}

async function readFolder(path: string): Promise<SourceFile[]> {
  const folder = new URL(`${path}/`, DATA)
  const names = (await readdir(folder)).toSorted()
  return Promise.all(
    names.map(async (filename) => ({
      filename,
      bytes: await readFile(new URL(encodeURIComponent(filename), folder)),
    })),
  )
}

/** Parsed and chunked one after the other in the product's reader thread. */
async function readAll(
  within: Reader,
  kind: string,
  sources: readonly SourceFile[],
): Promise<ReadingRow> {
  const began = performance.now()
  let chunks = 0
  for (const source of sources) chunks += (await chunkTexts(within, source)).length
  const seconds = (performance.now() - began) / 1_000
  const megabytes = sources.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1e6
  return {
    kind,
    files: sources.length,
    megabytes: round(megabytes),
    chunks,
    seconds: round(seconds),
    megabytesPerSecond: round(megabytes / seconds),
  }
}

async function chunkTexts(within: Reader, { filename, bytes }: SourceFile): Promise<string[]> {
  const { chunks } = await within.read(
    { bytes: Uint8Array.from(bytes), filename, chunkSize: CHUNK_SIZE },
    new AbortController().signal,
  )
  return chunks.map(searchableText)
}

async function ingest({ client, pid }: RagstoneProcess) {
  // The model is loaded and every path compiled before the clock starts.
  const warm = await client.vectorStores.create({ name: 'warm-up' })
  const first = { id: 'first', filename: 'first.md', text: 'A first document.' }
  await uploadAll(client, warm.id, [first])
  await untilDone(client, { id: warm.id, documents: 1 }, async () => {})

  const store = await client.vectorStores.create({ name: 'bench' })
  const memory: MemorySample[] = [{ documents: 0, residentMiB: await residentMiB(pid) }]
  const step = Math.max(1, Math.floor(abstracts.length / 20))
  const began = performance.now()
  const uploads = uploadAll(client, store.id, abstracts.map(toTextFile))
  await untilDone(client, { id: store.id, documents: abstracts.length }, async (documents) => {
    if (documents - (memory.at(-1)?.documents ?? 0) < step && documents < abstracts.length) return
    memory.push({ documents, residentMiB: await residentMiB(pid) })
  })
  const seconds = (performance.now() - began) / 1_000
  await uploads
  return { seconds, memory }
}

function toTextFile({ filename, bytes }: SourceFile): TextFile {
  return { id: filename, filename, text: bytes.toString('utf8') }
}

async function untilDone(
  client: OpenAI,
  store: { readonly id: string; readonly documents: number },
  onProgress: (completed: number) => Promise<void>,
): Promise<void> {
  for (;;) {
    const { file_counts: counts } = await client.vectorStores.retrieve(store.id)
    if (counts.failed > 0) throw new Error(`${counts.failed} files failed.`)
    await onProgress(counts.completed)
    if (counts.completed >= store.documents) return
    await sleep(100)
  }
}
