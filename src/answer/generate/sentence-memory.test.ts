import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EmbeddingModel } from '../../core/ports/embedding-model.ts'
import { createSentenceMemory } from './sentence-memory.ts'

const KIND = { kind: 'passage' } as const

/** Gives the length of a text, and says what it was asked for. */
function fakeModel(id = 'lengths') {
  const asked: string[] = []
  const model: EmbeddingModel = {
    id,
    dimensions: 1,
    maxTokens: 10,
    async embed(texts) {
      asked.push(...texts)
      return texts.map((text) => Float32Array.of(text.length))
    },
  }
  return { model, asked }
}

test('what it gives is what the model would have given, in order, however often it is asked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.constantFrom('a', 'b'),
          fc.array(fc.string({ maxLength: 3 }), { maxLength: 6 }),
        ),
      ),
      fc.integer({ min: 204, max: 4_000 }),
      async (requests, maxBytes) => {
        const { model } = fakeModel()
        const memory = createSentenceMemory({ maxBytes })
        for (const [tenantId, texts] of requests) {
          expect(await memory.within(model, tenantId).embed(texts, KIND)).toEqual(
            await model.embed(texts, KIND),
          )
        }
      },
    ),
  )
})

test('a sentence is embedded once', async () => {
  const { model, asked } = fakeModel()
  const sentences = createSentenceMemory({ maxBytes: 10_000 }).within(model, 'ten_a')
  await sentences.embed(['one', 'two', 'one'], KIND)
  await sentences.embed(['two', 'three'], KIND)

  expect(asked).toEqual(['one', 'two', 'three'])
})

test('tenants and models share nothing', async () => {
  const [first, second] = [fakeModel('first'), fakeModel('second')]
  const memory = createSentenceMemory({ maxBytes: 10_000 })
  for (const tenantId of ['ten_a', 'ten_b']) {
    await memory.within(first.model, tenantId).embed(['one'], KIND)
    await memory.within(second.model, tenantId).embed(['one'], KIND)
  }

  expect([first.asked, second.asked]).toEqual([
    ['one', 'one'],
    ['one', 'one'],
  ])
})

test('what fails is asked for again', async () => {
  const { model, asked } = fakeModel()
  const memory = createSentenceMemory({ maxBytes: 10_000 })
  const failing = { ...model, embed: () => Promise.reject(new Error('Away.')) }
  await expect(memory.within(failing, 'ten_a').embed(['one'], KIND)).rejects.toThrow('Away.')
  await memory.within(model, 'ten_a').embed(['one'], KIND)

  expect(asked).toEqual(['one'])
})
