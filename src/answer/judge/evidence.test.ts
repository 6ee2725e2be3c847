import { expect, test } from 'vitest'
import { exampleChunk } from '../../../test/answer/example-chunk.ts'
import { judge } from './answerability.ts'
import { evidenceOf } from './evidence.ts'

const CHUNKS = [
  'Customers may return a product within 14 days of delivery.',
  'The shop opens at nine in the morning.',
  'Opera singers rest their voices before a premiere.',
].map((text, place) => exampleChunk(text, { chunkId: String(place) }))

test('a question whose words one chunk holds is covered by it', () => {
  const evidence = evidenceOf(
    { query: 'When may customers return a product?', vector: null },
    CHUNKS,
  )

  expect(evidence).toEqual({ similarity: null, margin: null, coverage: 1, known: 1 })
})

test('words that are scattered over chunks are known, but not covered', () => {
  const evidence = evidenceOf(
    { query: 'Which singers return customers to the shop?', vector: null },
    CHUNKS,
  )

  expect(evidence.known).toBe(1)
  expect(evidence.coverage).toBeLessThan(0.7)
})

test('the nearest chunk is compared exactly, also one that words alone found', () => {
  const near = exampleChunk('near', { vector: Float32Array.of(0.6, 0.8), similarity: null })
  const far = exampleChunk('far', { vector: Float32Array.of(0, 1), similarity: null })
  const evidence = evidenceOf({ query: 'x', vector: Float32Array.of(1, 0) }, [near, far])

  expect(evidence.similarity).toBeCloseTo(0.6, 5)
  expect(evidence.margin).toBeCloseTo(0.6, 5)
})

test('nothing found is no answer at all', () => {
  const question = { query: 'Anything?', vector: null, embeddingModel: null }

  expect(judge(question, []).answerability).toBe(0)
})

test('a model whose cosines were not calibrated is not held to the question’s words', () => {
  const query = 'Within what period is a refund possible for delivery?'
  const scoreOf = (embeddingModel: string | null) =>
    judge({ query, vector: Float32Array.of(1, 0), embeddingModel }, CHUNKS).answerability

  expect(scoreOf('some-other-model')).toBeGreaterThan(scoreOf(null))
})

test('more evidence never lowers the answerability by words', () => {
  const scoreOf = (query: string) =>
    judge({ query, vector: null, embeddingModel: null }, CHUNKS).answerability

  expect(scoreOf('When may customers return a product?')).toBeGreaterThan(
    scoreOf('May customers smoke cigars?'),
  )
  expect(scoreOf('May customers smoke cigars?')).toBeGreaterThan(
    scoreOf('Do penguins smoke cigars?'),
  )
})
