import { Type, type Static } from 'typebox'
import { expectation } from './golden-question.ts'
import { nullable } from './nullable.ts'

const moment = (description: string) => nullable(Type.Integer({ description }))
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description })

export const embeddingMigration = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('embeddings.migration'),
    from: nullable(Type.String({ description: 'Id of a model; null was by words alone.' })),
    to: Type.String({ description: 'Id of a model.' }),
    dimensions: Type.Integer({ description: 'Of the vectors of `to`.' }),
    status: Type.Enum(
      ['planned', 'building', 'ready', 'cut_over', 'rolled_back', 'old_dropped', 'cancelled'],
      {
        description:
          '`ready`: every chunk has its vector. `cut_over`: questions are answered by `to`. The last two are over.',
      },
    ),
    can_roll_back: Type.Boolean({
      description: 'Whether `from` is written too; not where no server has that model.',
    }),
    chunks_per_second_allowed: nullable(Type.Number()),
    problem: nullable(Type.String({ description: 'Why it does not go on by itself.' })),
    created_at: Type.Integer(),
    building_at: moment('Since when new documents go into both.'),
    ready_at: moment('When every chunk had its vector.'),
    cut_over_at: moment('The last time.'),
    ended_at: moment('When it was over.'),
  },
  { title: 'EmbeddingMigration' },
)
export type WireEmbeddingMigration = Static<typeof embeddingMigration>

export const embeddingsStatus = Type.Object(
  {
    object: Type.Literal('embeddings'),
    serving: nullable(
      Type.String({
        description: 'Id of the model whose vectors are searched; null: by words alone.',
      }),
    ),
    models: Type.Array(
      Type.Object({
        id: Type.String(),
        available: Type.Boolean({ description: 'Whether this server has the model.' }),
        stored: Type.Boolean({ description: 'Whether the database has vectors of it.' }),
      }),
    ),
    migration: nullable(embeddingMigration),
    progress: nullable(
      Type.Object(
        {
          chunks: Type.Integer({ description: 'That searches can find, of all tenants.' }),
          done: Type.Integer({ description: 'Those with a vector in the new space.' }),
          chunks_per_second: nullable(Type.Number({ description: 'Since building began.' })),
          seconds_left: nullable(Type.Number({ description: 'At that pace.' })),
        },
        { description: 'Of the migration, from when its space is there.' },
      ),
    ),
  },
  { title: 'Embeddings' },
)
export type WireEmbeddingsStatus = Static<typeof embeddingsStatus>

export const embeddingsQuery = Type.Object(
  {
    stream: Type.Optional(
      Type.Boolean({ description: 'As server-sent events, until the migration waits for you.' }),
    ),
  },
  { additionalProperties: false },
)

const model = Type.String({
  minLength: 1,
  maxLength: 512,
  description: 'The id of a configured embedding model, or its name in the configuration.',
})

export const migrationEstimateRequest = Type.Object({ model }, { additionalProperties: false })

export const migrationEstimate = Type.Object(
  {
    object: Type.Literal('embeddings.estimate'),
    from: nullable(Type.String()),
    to: Type.String(),
    dimensions: Type.Integer(),
    tenants: Type.Integer({ description: 'That have chunks.' }),
    chunks: Type.Integer(),
    tokens: Type.Integer({ description: 'As they were counted when the documents were cut.' }),
    cost: nullable(
      Type.Object(
        { amount: Type.Number(), currency: Type.String() },
        { description: 'Null where no price is configured for the model.' },
      ),
    ),
    seconds: nullable(
      Type.Number({
        description:
          'With one job at a time, at the pace of a batch that was embedded just now. Null without documents.',
      }),
    ),
    bytes: Type.Integer({ description: 'About what the new vectors take on disk.' }),
    notes: Type.Array(Type.String(), { description: 'What to think of before.' }),
  },
  { title: 'EmbeddingMigrationEstimate' },
)

export const migrationRequest = Type.Object(
  {
    model,
    chunks_per_second: Type.Optional(
      nullable(
        Type.Number({
          exclusiveMinimum: 0,
          description: 'At most, over all tenants and workers; without it, as fast as it goes.',
        }),
      ),
    ),
  },
  { additionalProperties: false },
)

export const comparisonRequest = Type.Object(
  {
    questions: Type.Optional(
      Type.Array(
        Type.Object(
          {
            question: Type.String({ minLength: 1, maxLength: 10_000 }),
            vector_store_ids: Type.Optional(
              Type.Array(Type.String(), {
                maxItems: 100,
                description: 'Where to look; all of the tenant, where none are named.',
              }),
            ),
            expected: Type.Optional(
              Type.Array(expectation, { maxItems: 20, description: 'Where the answer is.' }),
            ),
          },
          { additionalProperties: false },
        ),
        {
          minItems: 1,
          maxItems: 1000,
          description:
            'Without them, the golden questions of your vector stores; where there are none, what was asked lately.',
        },
      ),
    ),
  },
  { additionalProperties: false },
)
export type ComparisonRequest = Static<typeof comparisonRequest>

const quality = nullable(
  Type.Object({
    recall_at_10: share('Share of what was expected that is among the first ten.'),
    ndcg_at_10: share('The same, and the higher the better it counts.'),
  }),
)

export const spaceComparison = Type.Object(
  {
    object: Type.Literal('embeddings.comparison'),
    old_model: Type.String(),
    new_model: Type.String(),
    questions_from: Type.Enum(['given', 'golden', 'recent']),
    questions: Type.Integer(),
    left_out: Type.Integer({ description: 'Golden questions beyond the 1,000 that are asked.' }),
    judged: Type.Integer({ description: 'Questions of which it was said where the answer is.' }),
    overlap_at_10: nullable(share('Of the first ten results, the share that both have.')),
    old: quality,
    new: quality,
    differing: Type.Array(
      Type.Object({
        question: Type.String(),
        overlap_at_10: Type.Number(),
        old: Type.Array(Type.String(), { description: 'Names of files, best first.' }),
        new: Type.Array(Type.String()),
      }),
      { description: 'The ten questions whose results differ most.' },
    ),
  },
  { title: 'EmbeddingComparison' },
)
export type WireSpaceComparison = Static<typeof spaceComparison>
