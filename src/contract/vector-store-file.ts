import { Type, type Static } from 'typebox'
import { chunkingStrategy, chunkingStrategyParam } from './chunking-strategy.ts'
import { attributes } from './key-values.ts'
import { nullable } from './nullable.ts'
import { limitUpTo, pageOf, pageQuery } from './page.ts'

const documentStatus = Type.Enum(['in_progress', 'completed', 'failed', 'cancelled'])

export const vectorStoreFile = Type.Object(
  {
    id: Type.String({ description: 'Of the file.' }),
    object: Type.Literal('vector_store.file'),
    created_at: Type.Integer(),
    vector_store_id: Type.String(),
    status: documentStatus,
    last_error: nullable(
      Type.Object({
        code: Type.Enum(['server_error', 'unsupported_file', 'invalid_file']),
        message: Type.String(),
      }),
    ),
    usage_bytes: Type.Integer({ description: 'Of its extracted text.' }),
    attributes: nullable(attributes),
    chunking_strategy: chunkingStrategy,
    ragstone: Type.Object({
      filename: Type.String(),
      sha256: Type.String({ description: 'Of the original file, in hex.' }),
      source_key: nullable(Type.String()),
      batch_id: nullable(Type.String()),
      stage: Type.Enum(['queued', 'parse', 'chunk', 'embed', 'index']),
      error_code: nullable(Type.String()),
      media_type: nullable(Type.String()),
      title: nullable(Type.String()),
      text_bytes: Type.Integer(),
      chunks: Type.Integer(),
      chunks_embedded: Type.Integer(),
    }),
  },
  { title: 'VectorStoreFile' },
)
export type VectorStoreFile = Static<typeof vectorStoreFile>

export const vectorStoreFileCreate = Type.Object(
  {
    file_id: Type.String({ minLength: 1 }),
    attributes: Type.Optional(nullable(attributes)),
    chunking_strategy: Type.Optional(chunkingStrategyParam),
    source_key: Type.Optional(
      nullable(
        Type.String({
          minLength: 1,
          maxLength: 2048,
          description:
            'Where the file came from. Once indexed, it takes the place of the file with the same key; the same bytes under it are not indexed again. Not part of the OpenAI API.',
        }),
      ),
    ),
  },
  { additionalProperties: false },
)

export const vectorStoreFileUpdate = Type.Object(
  { attributes: nullable(attributes) },
  { additionalProperties: false },
)

export const vectorStoreFileParams = Type.Object({
  vector_store_id: Type.String(),
  file_id: Type.String(),
})

export const vectorStoreFileListQuery = Type.Object(
  {
    ...pageQuery,
    limit: limitUpTo(100, 20),
    filter: Type.Optional(documentStatus),
  },
  { additionalProperties: false },
)
export const vectorStoreFileList = pageOf(vectorStoreFile)

export const vectorStoreFileDeleted = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('vector_store.file.deleted'),
    deleted: Type.Boolean(),
  },
  { title: 'VectorStoreFileDeleted' },
)

export const vectorStoreFileContent = Type.Object(
  {
    object: Type.Literal('vector_store.file_content.page'),
    data: Type.Array(Type.Object({ type: Type.Literal('text'), text: Type.String() }), {
      description: 'One item, the whole extracted text: citations count its UTF-8 bytes.',
    }),
    has_more: Type.Boolean(),
    next_page: Type.Null(),
  },
  { title: 'VectorStoreFileContent' },
)
