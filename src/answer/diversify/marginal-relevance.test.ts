import { expect, test } from 'vitest'
import { exampleChunk } from '../../../test/answer/example-chunk.ts'
import { diversify } from './marginal-relevance.ts'

const EAST = Float32Array.of(1, 0)
const NORTH = Float32Array.of(0, 1)

test('of two that say the same, the second gives way to something new', () => {
  const chunks = [chunk('1', 1, EAST), chunk('2', 0.9, EAST), chunk('3', 0.7, NORTH)]
  const { kept, dropped } = diversify(chunks, { lambda: 0.7, limit: 2 })

  expect(kept.map(({ chunkId }) => chunkId)).toEqual(['1', '3'])
  expect(dropped.map(({ chunkId }) => chunkId)).toEqual(['2'])
})

test('a lambda of 1 keeps the order of relevance', () => {
  const chunks = [chunk('1', 1, EAST), chunk('2', 0.9, EAST), chunk('3', 0.7, NORTH)]
  const { kept } = diversify(chunks, { lambda: 1, limit: 3 })

  expect(kept).toEqual(chunks)
})

test('without vectors the words say what is alike', () => {
  const chunks = [
    exampleChunk('returns postage customers', { chunkId: '1', score: 1 }),
    exampleChunk('customers postage returns', { chunkId: '2', score: 0.9 }),
    exampleChunk('quarterly revenue figures', { chunkId: '3', score: 0.8 }),
  ]
  const { kept } = diversify(chunks, { lambda: 0.7, limit: 2 })

  expect(kept.map(({ chunkId }) => chunkId)).toEqual(['1', '3'])
})

function chunk(chunkId: string, score: number, vector: Float32Array) {
  return exampleChunk(`text of ${chunkId}`, { chunkId, score, vector })
}
