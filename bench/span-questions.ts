import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import type { Span } from '../src/eval/span-metrics.ts'

const DATA = new URL('../../shared/data/chunking-evaluation/', import.meta.url)

export interface SpanQuestion {
  readonly question: string
  /** In bytes of the text's UTF-8. */
  readonly spans: readonly Span[]
}

interface QuestionRecord {
  readonly question: string
  readonly references: string
  readonly corpus_id: string
}

interface Reference {
  readonly start_index: number
  readonly end_index: number
}

/** A text of chunking-evaluation, and its questions. The file's offsets count code points. */
export async function readSpanQuestions(
  corpus: string,
): Promise<{ readonly text: string; readonly questions: readonly SpanQuestion[] }> {
  const text = await readFile(new URL(`corpora/${corpus}.md`, DATA), 'utf8')
  const csv = await readFile(new URL('questions_df.csv', DATA), 'utf8')
  const records = parse(csv, { columns: true }) as unknown as readonly QuestionRecord[]
  const characters = Array.from(text)
  const bytesTo = (index: number) => Buffer.byteLength(characters.slice(0, index).join(''))
  const questions = records
    .filter(({ corpus_id }) => corpus_id === corpus)
    .map(({ question, references }) => ({
      question,
      spans: (JSON.parse(references) as readonly Reference[]).map((reference) => ({
        documentId: corpus,
        start: bytesTo(reference.start_index),
        end: bytesTo(reference.end_index),
      })),
    }))
  return { text, questions }
}
