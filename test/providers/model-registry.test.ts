import { expect, test } from 'vitest'
import { createModelRegistry, type ChatModelEntry } from '../../src/providers/model-registry.ts'

const ENTRY: ChatModelEntry = {
  name: 'main',
  provider: 'openai-compatible',
  base_url: 'http://127.0.0.1:9/v1',
  api_key: null,
  model: 'fake-large',
  context_tokens: 8000,
  timeout_seconds: 30,
  price: { inputPerMillion: 1, outputPerMillion: 2, currency: 'EUR', asOf: '2026-11-01' },
}

test('every configured model is described, in order', () => {
  const entries = [ENTRY, { ...ENTRY, name: 'spare', price: null }]
  expect(createModelRegistry({ entries, wrap: (model) => model }).infos).toEqual([
    {
      name: 'main',
      kind: 'chat',
      ownedBy: 'openai-compatible',
      contextTokens: 8000,
      price: ENTRY.price,
    },
    { name: 'spare', kind: 'chat', ownedBy: 'openai-compatible', contextTokens: 8000, price: null },
  ])
})

test('a model is found by its configured name, wrapped once', () => {
  const wrapped: string[] = []
  const registry = createModelRegistry({
    entries: [ENTRY],
    wrap(model, entry) {
      wrapped.push(entry.name)
      return { ...model, contextTokens: 1 }
    },
  })
  expect(registry.chat('main')).toMatchObject({ id: 'main', contextTokens: 1 })
  expect(registry.chat('main')).toBe(registry.chat('main'))
  expect(wrapped).toEqual(['main'])
})

test('a model that is not configured is null', () => {
  expect(createModelRegistry({ entries: [], wrap: (model) => model }).chat('main')).toBeNull()
})
