import { Type } from 'typebox'
import { vectorStoreFile } from './vector-store-file.ts'

export const documentQuery = Type.Object(
  { source_key: Type.String({ minLength: 1, maxLength: 2048 }) },
  { additionalProperties: false },
)
/** None or one: the newest completed or running document with that key. */
export const documentList = Type.Object({
  object: Type.Literal('list'),
  data: Type.Array(vectorStoreFile),
})
