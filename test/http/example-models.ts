import type { ModelInfo } from '../../src/core/model.ts'

/** One of each kind. */
export const EXAMPLE_MODELS: readonly ModelInfo[] = [
  {
    name: 'extractive',
    kind: 'extractive',
    ownedBy: 'ragstone',
    contextTokens: null,
    price: null,
  },
  {
    name: 'llama',
    kind: 'chat',
    ownedBy: 'openai-compatible',
    contextTokens: 8192,
    price: null,
  },
  {
    name: 'bag-of-words',
    aliases: ['Bag of Words'],
    kind: 'embedding',
    ownedBy: 'ragstone',
    contextTokens: 512,
    price: null,
  },
]
