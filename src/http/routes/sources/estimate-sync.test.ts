import { expect, test } from 'vitest'
import type { SpaceState } from '../../../core/ports/embedding-migrations.ts'
import type { EmbeddingMigration, MigrationStatus } from '../../../core/embedding-migration.ts'
import type { ModelInfo } from '../../../core/model.ts'
import { embeddingModelsOf } from './embedding-models.ts'
import { estimateSync } from './estimate-sync.ts'

const priced = (name: string, inputPerMillion: number): ModelInfo => ({
  name,
  kind: 'embedding',
  ownedBy: 'openai-compatible',
  contextTokens: 8_192,
  price: { inputPerMillion, outputPerMillion: 0, currency: 'EUR', asOf: '2026-11-01' },
})
const MODELS: readonly ModelInfo[] = [
  priced('cheap', 1),
  priced('dear', 10),
  { ...priced('local', 0), ownedBy: 'ragstone', price: null },
  { ...priced('unpriced', 0), price: null },
]
const MEGATOKEN = 4_000_000

function stateOf(
  serving: string | null,
  migration: Pick<
    EmbeddingMigration,
    'fromModel' | 'keepsOld' | 'status' | 'toModel'
  > | null = null,
): SpaceState {
  return {
    spaces: [],
    serving: serving === null ? null : { name: serving, model: serving },
    migration: migration as EmbeddingMigration | null,
    isUntidy: false,
  }
}
const estimate = (state: SpaceState) =>
  estimateSync(MEGATOKEN, embeddingModelsOf({ models: MODELS, embeddings: { known: () => state } }))
const migrating = (status: MigrationStatus, keepsOld = true) =>
  stateOf('dear', { status, fromModel: 'dear', toModel: 'cheap', keepsOld })

test('the price is that of the model that serves, wherever the configuration names it', () => {
  expect(estimate(stateOf('dear'))).toEqual({
    tokens: 1_000_000,
    model: 'dear',
    cost: 10,
    currency: 'EUR',
    models: [{ model: 'dear', cost: 10, currency: 'EUR' }],
  })
})

test.each(['building', 'ready', 'cut_over', 'rolled_back'] as const)(
  'while a migration is %s, both models that are written are paid',
  (status) => {
    expect(estimate(migrating(status))).toMatchObject({
      model: 'dear',
      cost: 11,
      currency: 'EUR',
      models: [
        { model: 'dear', cost: 10 },
        { model: 'cheap', cost: 1 },
      ],
    })
  },
)

test.each(['planned', 'old_dropped', 'cancelled'] as const)(
  'of a migration that is %s only the model that serves is',
  (status) => {
    expect(estimate(migrating(status))).toMatchObject({ cost: 10, models: [{ model: 'dear' }] })
  },
)

test('a model of the server’s own costs nothing', () => {
  expect(estimate(stateOf('local'))).toMatchObject({ cost: 0, currency: null })
})

test.each(['unpriced', 'unheard-of'])('without a price of %s no cost is claimed', (model) => {
  expect(estimate(stateOf(model))).toMatchObject({ model, cost: null, currency: null })
})

test('where search is by words alone, nothing embeds', () => {
  expect(estimate(stateOf(null))).toMatchObject({ model: null, cost: null, models: [] })
})
