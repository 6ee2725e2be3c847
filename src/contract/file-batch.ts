import { Type, type Static } from 'typebox'
import { chunkingStrategyParam } from './chunking-strategy.ts'
import { attributes } from './key-values.ts'
import { nullable } from './nullable.ts'
import { fileCounts } from './vector-store.ts'

export const fileBatch = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('vector_store.files_batch'),
    created_at: Type.Integer(),
    vector_store_id: Type.String(),
    status: Type.Enum(['in_progress', 'completed', 'cancelled', 'failed']),
    file_counts: fileCounts,
  },
  { title: 'FileBatch' },
)
export type FileBatch = Static<typeof fileBatch>

const each = {
  attributes: Type.Optional(nullable(attributes)),
  chunking_strategy: Type.Optional(chunkingStrategyParam),
}

/** `file_ids` with what holds for all of them, or `files` with what holds for each; not both. */
export const fileBatchCreate = Type.Object(
  {
    file_ids: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 2000 })),
    files: Type.Optional(
      Type.Array(
        Type.Object({ file_id: Type.String(), ...each }, { additionalProperties: false }),
        { minItems: 1, maxItems: 2000 },
      ),
    ),
    ...each,
  },
  { additionalProperties: false },
)
export type FileBatchCreate = Static<typeof fileBatchCreate>

export const fileBatchParams = Type.Object({
  vector_store_id: Type.String(),
  batch_id: Type.String(),
})
