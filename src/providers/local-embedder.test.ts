import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLocalEmbedder, type LocalEmbedder } from './local-embedder.ts'
import { findModelFiles, type ModelFiles } from './model-files.ts'

let files: ModelFiles
let embedder: LocalEmbedder

beforeAll(async () => {
  const found = await findModelFiles({ directories: [] })
  if (found === null) throw new Error('The default model is not installed.')
  files = found
  embedder = await createLocalEmbedder({ files, threads: 2 })
})

afterAll(() => embedder.close())

const PASSAGES = [
  'To change your password, open Settings and choose Security.',
  'The recipe needs two eggs, flour and a pinch of salt.',
  'Quarterly revenue grew by twelve per cent, driven by subscriptions.',
]

function cosine(left: Float32Array | undefined, right: Float32Array | undefined): number {
  if (left === undefined || right === undefined) throw new Error('A vector is missing.')
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0)
}

test.each([
  ['How do I reset my login credentials?', 0],
  ['What do I need to bake this?', 1],
  ['How did the company earn more money?', 2],
])('%j is nearest to the passage that answers it', async (question, expected) => {
  const [query] = await embedder.embed([question], { kind: 'query' })
  const passages = await embedder.embed(PASSAGES, { kind: 'passage' })
  const scores = passages.map((passage) => cosine(query, passage))
  expect(scores.indexOf(Math.max(...scores))).toBe(expected)
})

test('vectors have the stated dimensions and unit length', async () => {
  const vectors = await embedder.embed([...PASSAGES, ''], { kind: 'passage' })
  for (const vector of vectors) {
    expect(vector).toHaveLength(embedder.dimensions)
    expect(cosine(vector, vector)).toBeCloseTo(1, 5)
  }
})

test("a text's vector does not depend on its neighbours", async () => {
  const [alone] = await embedder.embed([PASSAGES[0] ?? ''], { kind: 'passage' })
  const together = await embedder.embed([...PASSAGES].reverse(), { kind: 'passage' })
  expect(together[2]).toEqual(alone)
})

test('a text beyond the model is cut, not refused', async () => {
  const text = 'word '.repeat(embedder.maxTokens)
  const [whole, longer] = await embedder.embed([text, `${text} and more`], { kind: 'passage' })
  expect(longer).toEqual(whole)
})

test('a question is answered before the passages that were there first', async () => {
  const passages = Array.from({ length: 60 }, (_, index) => `${index} ${'some words '.repeat(150)}`)
  const order: string[] = []
  const ingestion = embedder.embed(passages, { kind: 'passage' }).then(() => order.push('passages'))
  await embedder.embed(['why?'], { kind: 'query' }).then(() => order.push('question'))
  await ingestion
  expect(order).toEqual(['question', 'passages'])
})

test('an aborted call rejects with the reason of the abort', async () => {
  const controller = new AbortController()
  const embedding = embedder.embed(PASSAGES, { kind: 'passage', signal: controller.signal })
  controller.abort(new Error('gone'))
  await expect(embedding).rejects.toThrow('gone')
})

test('closing rejects what waits', async () => {
  const closing = await createLocalEmbedder({ files, threads: 1 })
  const embedding = closing.embed(PASSAGES, { kind: 'passage' })
  const rejected = expect(embedding).rejects.toMatchObject({ code: 'provider_unavailable' })
  await closing.close()
  await rejected
})
