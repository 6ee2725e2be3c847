import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { complaints, measureGate, readBaseline } from '../../bench/quality-gate.ts'
import { ndcgAt } from '../../src/eval/ranking-metrics.ts'

// Skipped where the folder of test collections does not lie beside the repository.
const isAbsent = !existsSync(new URL('../../../shared/data/scifact', import.meta.url))

test(
  'no collection is searched worse than before: bench/results/gate.json has what it was',
  { skip: isAbsent, timeout: 900_000 },
  async () => {
    expect(complaints(await readBaseline(), await measureGate())).toEqual([])
  },
)

const BASELINE = { 'scifact nDCG@10': 0.72, 'xquad-en nDCG@10': 0.96 }

test('a figure that fell by more than one percent is named, with both values', () => {
  const worse = { ...BASELINE, 'scifact nDCG@10': 0.7 }
  expect(complaints(BASELINE, worse)).toEqual([
    'scifact nDCG@10 fell by 2.8 %, from 0.7200 to 0.7000.',
  ])
})

test('a smaller fall, and any rise, pass', () => {
  expect(complaints(BASELINE, { 'scifact nDCG@10': 0.714, 'xquad-en nDCG@10': 0.99 })).toEqual([])
})

test('a figure that is missing or not a number is not passed', () => {
  expect(complaints(BASELINE, { 'scifact nDCG@10': 0.72 })).toHaveLength(1)
  expect(complaints(BASELINE, { ...BASELINE, 'xquad-en nDCG@10': Number.NaN })).toHaveLength(1)
})

test('rankings turned round are a fall', () => {
  const rankings = [
    ['a', 'b', 'c'],
    ['d', 'e', 'f'],
  ]
  const wanted = [new Map([['a', 1]]), new Map([['d', 1]])]
  const score = (lists: readonly (readonly string[])[]) => ({
    nDCG: lists.reduce((sum, list, at) => sum + ndcgAt(10, list, wanted[at] ?? new Map()), 0) / 2,
  })
  const turned = rankings.map((list) => list.toReversed())
  expect(complaints(score(rankings), score(rankings))).toEqual([])
  expect(complaints(score(rankings), score(turned))).toHaveLength(1)
})
