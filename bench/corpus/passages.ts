import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Judgements } from '../../src/eval/ranking-metrics.ts'
import { searchableText, type Chunk } from '../../src/core/chunk.ts'
import type { EmbeddingModel } from '../../src/core/ports/embedding-model.ts'
import { chunkDocument } from '../../src/ingest/chunk/chunk.ts'
import { parse } from '../../src/ingest/parse/parse.ts'
import { createTokenizer, localTokenizerSource } from '../../src/providers/tokenizer.ts'
import { findModelFiles, type ModelFiles } from '../../src/providers/model-files.ts'
import { createLocalEmbedder } from '../../src/providers/local-embedder.ts'
import { readCollection } from '../collection.ts'
import { cacheDirectory, fingerprintOf } from '../cache-directory.ts'

export interface Passage {
  readonly documentId: string
  readonly text: string
  readonly context: string
  readonly tokens: number
  /** Unit length. */
  readonly vector: Float32Array
}

export interface AskedQuestion {
  readonly text: string
  readonly vector: Float32Array
  readonly judgements: Judgements
}

export interface RealCorpus {
  readonly model: string
  readonly dimensions: number
  readonly passages: readonly Passage[]
  readonly questions: readonly AskedQuestion[]
}

export const CHUNK_SIZE = { maxTokens: 256, overlapTokens: 32 }
export const PARSE_LIMITS = {
  maxBytes: 1e9,
  maxExpandedBytes: 1e9,
  maxPages: 10_000,
  maxSeconds: 600,
}

/** What a collection's document is uploaded as. */
export function asMarkdown({ title, text }: { title: string; text: string }): string {
  return title === '' ? text : `# ${title}\n\n${text}`
}

/** SciFact, parsed, chunked and embedded as the product does it: once, then from a file. */
export async function readRealCorpus(): Promise<RealCorpus> {
  const files = await findModelFiles({ directories: [] })
  if (files === null) throw new Error('The local embedding model is not installed.')
  const collection = await readCollection('scifact')
  const tokenizer = await createTokenizer(localTokenizerSource(files).options)
  const chunked: { documentId: string; chunk: Chunk }[] = []
  for (const document of collection.documents) {
    const parsed = await parse(Buffer.from(asMarkdown(document)), 'document.md', PARSE_LIMITS)
    for (const chunk of chunkDocument(parsed, CHUNK_SIZE, { tokenizer }))
      chunked.push({ documentId: document.id, chunk })
  }
  const { id: model, dimensions } = files.model
  const texts = [
    ...chunked.map(({ chunk }) => searchableText(chunk)),
    ...collection.questions.map(({ text }) => text),
  ]
  const vectors = await embedOnce(texts, files)
  const vectorAt = (place: number) => vectors.subarray(place * dimensions, (place + 1) * dimensions)
  return {
    model,
    dimensions,
    passages: chunked.map(({ documentId, chunk: { text, context, tokens } }, place) => ({
      documentId,
      text,
      context,
      tokens,
      vector: vectorAt(place),
    })),
    questions: collection.questions.map(({ text, judgements }, place) => ({
      text,
      judgements,
      vector: vectorAt(chunked.length + place),
    })),
  }
}

/** Vectors of the local model one behind the other, kept in a file: the second time costs nothing. */
export async function embedOnce(
  texts: readonly string[],
  files: ModelFiles,
): Promise<Float32Array> {
  const { id: model, dimensions } = files.model
  return cachedVectors(texts, { model, dimensions }, async () => {
    const embedder = await createLocalEmbedder({ files, threads: 2 })
    try {
      return await embedAll(embedder, texts)
    } finally {
      await embedder.close()
    }
  })
}

async function cachedVectors(
  texts: readonly string[],
  { model, dimensions }: { model: string; dimensions: number },
  make: () => Promise<Float32Array>,
): Promise<Float32Array> {
  const path = join(await cacheDirectory('vectors'), `${fingerprintOf(model, ...texts)}.f32`)
  const cached = await readFile(path).catch(() => null)
  if (cached?.byteLength === texts.length * dimensions * 4)
    return new Float32Array(Uint8Array.from(cached).buffer)
  process.stderr.write(`embedding ${texts.length} texts once\n`)
  const made = await make()
  await writeFile(path, new Uint8Array(made.buffer))
  return made
}

async function embedAll(model: EmbeddingModel, texts: readonly string[]): Promise<Float32Array> {
  const all = new Float32Array(texts.length * model.dimensions)
  const BATCH = 512
  for (let from = 0; from < texts.length; from += BATCH) {
    const vectors = await model.embed(texts.slice(from, from + BATCH), { kind: 'passage' })
    vectors.forEach((vector, place) => all.set(vector, (from + place) * model.dimensions))
    process.stderr.write(`\r${Math.min(from + BATCH, texts.length)} of ${texts.length} `)
  }
  process.stderr.write('\n')
  return all
}
