import { Type } from 'typebox'
import { nullable } from './nullable.ts'

const amount = { total: Type.Integer(), done: Type.Integer() }

export const ingestProgress = Type.Object(
  {
    object: Type.Literal('vector_store.progress'),
    vector_store_id: Type.String(),
    files: Type.Object({ ...amount, failed: Type.Integer() }),
    bytes: Type.Object(amount, {
      description:
        'Of a file that is under way, a part counts as done with every stage: a fifth each for parsing and cutting it, half for embedding its chunks.',
    }),
    chunks: Type.Object(amount),
    seconds_left: nullable(
      Type.Number({
        description: 'From the pace between two calls; null until there is one to go by.',
      }),
    ),
  },
  { title: 'IngestProgress' },
)

export const progressQuery = Type.Object(
  {
    batch_id: Type.Optional(Type.String({ maxLength: 100 })),
    stream: Type.Optional(
      Type.Boolean({
        description:
          'Server-sent events: `progress` at once and whenever something changes, then `done` when nothing is under way any longer.',
      }),
    ),
  },
  { additionalProperties: false },
)
