import { Type, type Static } from 'typebox'
import { limitUpTo, pageOf, pageQuery } from './page.ts'

export const FILE_PURPOSES = [
  'assistants',
  'batch',
  'evals',
  'fine-tune',
  'user_data',
  'vision',
] as const

export const fileObject = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('file'),
    bytes: Type.Integer(),
    created_at: Type.Integer(),
    filename: Type.String(),
    purpose: Type.String(),
    status: Type.Enum(['uploaded', 'processed', 'error'], { deprecated: true }),
    expires_at: Type.Optional(Type.Integer()),
    ragstone: Type.Object({ sha256: Type.String({ description: 'Of the bytes, in hex.' }) }),
  },
  { title: 'File' },
)
export type FileObject = Static<typeof fileObject>

export const fileDeleted = Type.Object(
  { id: Type.String(), object: Type.Literal('file'), deleted: Type.Boolean() },
  { title: 'FileDeleted' },
)

export const fileParams = Type.Object({ file_id: Type.String() })

export const fileListQuery = Type.Object(
  {
    ...pageQuery,
    limit: limitUpTo(10_000, 10_000),
    purpose: Type.Optional(Type.String({ description: 'Only files with this purpose.' })),
  },
  { additionalProperties: false },
)
export const fileList = pageOf(fileObject)

/** The multipart form of an upload; read by hand, since its fields stream. */
export const fileForm = Type.Object({
  file: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }),
  purpose: Type.Enum([...FILE_PURPOSES]),
  'expires_after[anchor]': Type.Optional(Type.Literal('created_at')),
  'expires_after[seconds]': Type.Optional(Type.Integer({ minimum: 3600, maximum: 2_592_000 })),
})
