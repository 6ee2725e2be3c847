import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exampleChunk } from '../../../test/answer/example-chunk.ts'
import { fuse } from './reciprocal-rank.ts'

const EVEN = { k: 10, denseWeight: 1, lexicalWeight: 1 }

test('first in both searches scores 1', () => {
  const [best] = fuse([candidate('a', 0.9, 12), candidate('b', 0.2, 3)], EVEN)

  expect(best).toMatchObject({ chunkId: 'a', score: 1, denseRank: 1, lexicalRank: 1 })
})

test('first in one search and unseen by the other scores the half', () => {
  const fused = fuse([candidate('a', 0.9, null), candidate('b', null, 3)], EVEN)

  expect(fused.map(({ score }) => score)).toEqual([0.5, 0.5])
})

test('without a dense search the first by words scores 1', () => {
  const [best] = fuse([candidate('a', null, 12)], EVEN)

  expect(best?.score).toBe(1)
})

test('a weight of zero leaves out what that search alone found', () => {
  const fused = fuse([candidate('a', 0.9, null), candidate('b', 0.5, 3)], {
    ...EVEN,
    denseWeight: 0,
  })

  expect(fused.map(({ chunkId, score }) => [chunkId, score])).toEqual([['b', 1]])
})

const scores = fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: null })
const candidates = fc
  .array(fc.tuple(scores, scores), { maxLength: 20 })
  .map((pairs) => pairs.map(([dense, lexical], place) => candidate(String(place), dense, lexical)))

test('the order of the input does not matter', () => {
  fc.assert(
    fc.property(
      candidates.chain((list) => fc.tuple(fc.constant(list), shuffled(list))),
      ([list, other]) => {
        expect(fuse(other, EVEN)).toEqual(fuse(list, EVEN))
      },
    ),
  )
})

test('scores fall and lie in (0, 1]', () => {
  fc.assert(
    fc.property(candidates, (list) => {
      const fused = fuse(list, EVEN).map(({ score }) => score)
      expect(fused).toEqual(fused.toSorted((left, right) => right - left))
      expect(fused.filter((score) => score <= 0 || score > 1)).toEqual([])
    }),
  )
})

test('a better place in a search never lowers the score', () => {
  fc.assert(
    fc.property(candidates, fc.nat(), (list, pick) => {
      fc.pre(list.length > 0)
      const place = pick % list.length
      const better = list.map((chunk, at) => (at === place ? { ...chunk, similarity: 2 } : chunk))
      // A search that found nothing before would change what the best possible sum is.
      fc.pre(list.some(({ similarity }) => similarity !== null))
      fc.pre(list.some(({ bm25 }) => bm25 !== null))
      const scoreOf = (chunks: typeof list) =>
        fuse(chunks, EVEN).find(({ chunkId }) => chunkId === String(place))?.score ?? 0
      expect(scoreOf(better)).toBeGreaterThanOrEqual(scoreOf(list))
    }),
  )
})

function shuffled<Item>(list: readonly Item[]): fc.Arbitrary<Item[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length })
}

function candidate(chunkId: string, similarity: number | null, bm25: number | null) {
  return exampleChunk(`text of ${chunkId}`, {
    chunkId,
    similarity,
    bm25,
    ordinal: Number(chunkId) || 0,
  })
}
