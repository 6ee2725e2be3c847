import { expect, test } from 'vitest'
import { ndcgAt, precisionAt, recallAt, reciprocalRank } from './ranking-metrics.ts'

const judgements = new Map([
  ['a', 2],
  ['b', 1],
  ['c', 0],
])

test('recall counts the relevant documents only', () => {
  expect(recallAt(2, ['a', 'c', 'b'], judgements)).toBe(0.5)
})

test('precision divides by k, not by what was found', () => {
  expect(precisionAt(4, ['a', 'b'], judgements)).toBe(0.5)
})

test('the reciprocal rank passes over what is not relevant', () => {
  expect(reciprocalRank(['c', 'x', 'b'], judgements)).toBeCloseTo(1 / 3)
})

test('the ideal order has an nDCG of one', () => {
  expect(ndcgAt(10, ['a', 'b', 'c'], judgements)).toBe(1)
})

test('a swap of grades costs what the discount says', () => {
  const ideal = 2 / Math.log2(2) + 1 / Math.log2(3)
  expect(ndcgAt(10, ['b', 'a'], judgements)).toBeCloseTo((1 + 2 / Math.log2(3)) / ideal)
})
