// Chunking on chunking-evaluation: how much of the wanted passages the first results hold, for several sizes.
// Retrieved text is cut at the same number of bytes for all sizes, so that large chunks are not favoured.
// Run: node bench/measure-spans.ts [256+32…]   writes bench/results/spans/<size>.json
import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import { toFile } from 'openai'
import { scoreSpans, type Span, type SpanScores } from '../src/eval/span-metrics.ts'
import { startRagstone, type RagstoneProcess } from '../test/ragstone-process.ts'
import { untilIndexed } from './load-documents.ts'
import { writeResults } from './results.ts'

const DATA = new URL('../../shared/data/chunking-evaluation/', import.meta.url)
const CORPORA = ['chatlogs', 'finance', 'pubmed', 'state_of_the_union', 'wikitexts']
const DEFAULT_SIZES = ['128', '200', '256', '256+32', '256+64', '384+48', '512', '512+64']
const sizes = process.argv.length > 2 ? process.argv.slice(2) : DEFAULT_SIZES
const BYTE_BUDGETS = [2_000, 4_000, 8_000]

interface Reference {
  readonly content: string
  readonly start_index: number
  readonly end_index: number
}

interface WantedQuestion {
  readonly text: string
  readonly corpus: string
  readonly spans: readonly Span[]
}

interface SpanRow extends SpanScores {
  readonly maxTokens: number
  readonly overlapTokens: number
  /** Null: the first five chunks whatever their size, as the published figures have it. */
  readonly bytes: number | null
  readonly questions: number
}

const texts = new Map(
  await Promise.all(
    CORPORA.map(
      async (name) => [name, await readFile(new URL(`corpora/${name}.md`, DATA), 'utf8')] as const,
    ),
  ),
)
const questions = await readQuestions()
const ragstone = await startRagstone()
try {
  for (const size of sizes) {
    const [maxTokens = 256, overlapTokens = 0] = size.split('+').map(Number)
    const rows: SpanRow[] = []
    const store = await load(ragstone, maxTokens, overlapTokens)
    const found: (readonly Span[])[] = []
    for (const question of questions) found.push(await search(ragstone, store, question.text))
    for (const bytes of [null, ...BYTE_BUDGETS]) {
      const scores = questions.map((question, index) =>
        scoreSpans(cut(found[index] ?? [], bytes), question.spans),
      )
      const mean = (key: keyof SpanScores): number =>
        scores.reduce((sum, score) => sum + score[key], 0) / scores.length
      const row = { maxTokens, overlapTokens, bytes, questions: scores.length }
      rows.push({ ...row, recall: mean('recall'), precision: mean('precision'), iou: mean('iou') })
      console.log(JSON.stringify(rows.at(-1)))
    }
    await writeResults(`spans/${size}`, { rows })
  }
} finally {
  await ragstone.stop()
}

/** The references' character offsets count code points; ours are bytes of UTF-8. */
async function readQuestions(): Promise<readonly WantedQuestion[]> {
  const records = parse(await readFile(new URL('questions_df.csv', DATA), 'utf8'), {
    columns: true,
  }) as unknown as readonly { question: string; references: string; corpus_id: string }[]
  const points = new Map([...texts].map(([name, text]) => [name, Array.from(text)] as const))
  return records.map(({ question, references, corpus_id: corpus }) => {
    const characters = points.get(corpus) ?? []
    const bytesTo = (index: number): number =>
      Buffer.byteLength(characters.slice(0, index).join(''))
    const spans = (JSON.parse(references) as readonly Reference[]).map((reference) => ({
      documentId: corpus,
      start: bytesTo(reference.start_index),
      end: bytesTo(reference.end_index),
    }))
    return { text: question, corpus, spans }
  })
}

async function load(
  { client }: RagstoneProcess,
  maxTokens: number,
  overlapTokens: number,
): Promise<{ readonly id: string; readonly corpora: ReadonlyMap<string, string> }> {
  const store = await client.vectorStores.create({ name: `spans ${maxTokens}/${overlapTokens}` })
  const corpora = new Map<string, string>()
  for (const [name, text] of texts) {
    const content = await toFile(Buffer.from(text), `${name}.md`)
    const file = await client.files.create({ file: content, purpose: 'assistants' })
    corpora.set(file.id, name)
    await client.vectorStores.files.create(store.id, {
      file_id: file.id,
      chunking_strategy: {
        type: 'static',
        static: { max_chunk_size_tokens: maxTokens, chunk_overlap_tokens: overlapTokens },
      },
    })
  }
  await untilIndexed(client, store.id, `${maxTokens}/${overlapTokens}`)
  return { id: store.id, corpora }
}

async function search(
  { client }: RagstoneProcess,
  store: { readonly id: string; readonly corpora: ReadonlyMap<string, string> },
  query: string,
): Promise<readonly Span[]> {
  const results = await client.vectorStores.search(store.id, { query, max_num_results: 50 })
  return results.data.flatMap((result) => {
    const { ragstone } = result as unknown as { ragstone: { start: number; end: number } }
    const documentId = store.corpora.get(result.file_id)
    return documentId === undefined
      ? []
      : [{ documentId, start: ragstone.start, end: ragstone.end }]
  })
}

/** The first spans up to `bytes`, the last one cut to fit; the first five where `bytes` is null. */
function cut(spans: readonly Span[], bytes: number | null): readonly Span[] {
  if (bytes === null) return spans.slice(0, 5)
  let left = bytes
  return spans.flatMap((span) => {
    const end = Math.min(span.end, span.start + left)
    left -= Math.max(0, end - span.start)
    return end > span.start ? [{ ...span, end }] : []
  })
}
