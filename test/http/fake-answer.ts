import type { AnswerEvent, Citation, RankedChunk } from '../../src/core/answer.ts'
import type { Answer } from '../../src/core/ask.ts'
import type { Question } from '../../src/core/question.ts'

/** One step of a scripted answer: an event, a failure, or something to wait for. */
export type Step = AnswerEvent | Error | ((signal: AbortSignal) => Promise<void>)

export interface FakeAnswer {
  readonly answer: Answer
  /** Every question it was ever asked. */
  readonly questions: readonly Question[]
  /** The signal of each, in the same order. */
  readonly signals: readonly AbortSignal[]
  /** What is told from now on. */
  script(steps: readonly Step[]): void
}

export function createFakeAnswer(): FakeAnswer {
  const questions: Question[] = []
  const signals: AbortSignal[] = []
  let steps: readonly Step[] = plainAnswer()
  return {
    questions,
    signals,
    script(next) {
      steps = next
    },
    async *answer(question, signal) {
      questions.push(question)
      signals.push(signal)
      for (const step of steps) {
        signal.throwIfAborted()
        if (step instanceof Error) throw step
        if (typeof step === 'function') await step(signal)
        else yield step
      }
    },
  }
}

export const exampleChunk = (fields: Partial<RankedChunk> = {}): RankedChunk => ({
  chunkId: '7',
  vectorStoreId: 'vs_1',
  fileId: 'file-1',
  filename: 'lease.txt',
  attributes: { language: 'en' },
  title: null,
  ordinal: 0,
  start: 0,
  end: 24,
  text: 'Notice is given in days.',
  context: '',
  headings: ['Terms'],
  page: 3,
  tokens: 6,
  similarity: 0.8,
  bm25: 4.2,
  vector: null,
  score: 0.9,
  ...fields,
})

export const exampleCitation = (fields: Partial<Citation> = {}): Citation => ({
  number: 1,
  index: 12,
  vectorStoreId: 'vs_1',
  fileId: 'file-1',
  filename: 'lease.txt',
  chunkId: '7',
  start: 0,
  end: 24,
  page: 3,
  quote: 'Notice is given in days.',
  score: 0.75,
  ...fields,
})

type Finished = Extract<AnswerEvent, { type: 'finished' }>

export const finishedWith = (fields: Partial<Finished> = {}): Finished => ({
  type: 'finished',
  outcome: 'answered',
  reason: 'stop',
  model: 'extractive',
  text: 'Sixty days. [1]',
  citations: [exampleCitation()],
  usage: { inputTokens: 20, outputTokens: 5 },
  notices: [],
  ...fields,
})

export const searched: AnswerEvent = {
  type: 'searched',
  query: 'notice period',
  chunks: [exampleChunk()],
}

/** Searched, two pieces of text, a citation, the end. */
export function plainAnswer(): readonly AnswerEvent[] {
  return [
    searched,
    { type: 'text', delta: 'Sixty days.' },
    { type: 'text', delta: ' [1]' },
    { type: 'citation', citation: exampleCitation() },
    finishedWith(),
  ]
}
