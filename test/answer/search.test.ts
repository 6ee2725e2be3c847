import { expect, test } from 'vitest'
import { createSearch } from '../../src/answer/search.ts'
import { DEFAULT_RETRIEVAL_SETTINGS } from '../../src/answer/settings.ts'
import type { SearchRequest } from '../../src/core/question.ts'
import { exampleChunk } from './example-chunk.ts'
import { createFakeStorage } from './fake-database.ts'
import { UNLIMITED } from '../../src/core/limits.ts'
import { EXAMPLE_CALLER } from '../example-principal.ts'

const CANDIDATES = ['east', 'west', 'north'].map((word, place) =>
  exampleChunk(`The ${word} wing`, { chunkId: word, fileId: word, bm25: 10 - place }),
)

test('the best come first, as many as asked for', async () => {
  const found = await searchWith({ limit: 2 })

  expect(found.map(({ chunkId, score }) => [chunkId, score])).toEqual([
    ['east', 1],
    ['west', 3 / 4],
  ])
})

test('chunks below the threshold are left out', async () => {
  const found = await searchWith({ scoreThreshold: 0.7 })

  expect(found.map(({ chunkId }) => chunkId)).toEqual(['east', 'west'])
})

test('as many candidates are looked for as may be given', async () => {
  const storage = createFakeStorage({ candidates: CANDIDATES })
  await searchWith({ limit: 300 }, storage)

  expect(storage.queries[0]?.candidates).toBe(300)
})

test('a search for variety puts what is different before what is alike', async () => {
  const alike = ['a', 'b'].map((word, place) =>
    exampleChunk(`Rent rises by two percent a year in flat ${word}`, {
      chunkId: word,
      fileId: word,
      bm25: 10 - place,
    }),
  )
  const other = exampleChunk('Pets need consent', { chunkId: 'other', fileId: 'other', bm25: 1 })
  const storage = createFakeStorage({ candidates: [...alike, other] })
  const idsOf = async (change: Partial<SearchRequest>) =>
    (await searchWith({ limit: 2, ...change }, storage)).map(({ chunkId }) => chunkId)

  expect(await idsOf({})).toEqual(['a', 'b'])
  expect(await idsOf({ mmrLambda: 1 })).toEqual(['a', 'b'])
  expect(await idsOf({ mmrLambda: 0.5 })).toEqual(['a', 'other'])
})

test('no vector stores, no chunks, no query', async () => {
  const storage = createFakeStorage({ candidates: CANDIDATES })

  expect(await searchWith({ vectorStoreIds: [] }, storage)).toEqual([])
  expect(storage.queries).toEqual([])
})

test('an empty query is refused by its own name', async () => {
  await expect(searchWith({ text: ' ' })).rejects.toMatchObject({
    code: 'input_rejected',
    param: 'query',
  })
})

test('an aborted search rejects', async () => {
  await expect(searchWith({}, undefined, AbortSignal.abort())).rejects.toThrow('aborted')
})

function searchWith(
  change: Partial<SearchRequest>,
  storage = createFakeStorage({ candidates: CANDIDATES }),
  signal = new AbortController().signal,
) {
  const search = createSearch({
    ...storage,
    embedder: null,
    settings: DEFAULT_RETRIEVAL_SETTINGS,
  })
  const request: SearchRequest = {
    tenantId: 'ten_1',
    caller: EXAMPLE_CALLER,
    limits: UNLIMITED,
    vectorStoreIds: ['vs_1'],
    text: 'Which wing?',
    filter: null,
    limit: 10,
    scoreThreshold: 0,
  }
  return search({ ...request, ...change }, signal)
}
