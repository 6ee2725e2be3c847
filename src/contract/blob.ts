import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'

export const blobCheck = Type.Object(
  {
    repair: Type.Optional(
      Type.Boolean({
        description:
          'Removes what nothing refers to and what interrupted writes have left, where it is old enough. What is damaged or missing only a backup brings back.',
        default: false,
      }),
    ),
    verify: Type.Optional(
      Type.Boolean({ description: 'Reads every content and hashes it.', default: false }),
    ),
  },
  { additionalProperties: false },
)

export const blobReport = Type.Object(
  {
    object: Type.Literal('blobs.report'),
    tenants: Type.Integer(),
    objects: Type.Integer({ description: 'Original files and extracted texts.' }),
    bytes: Type.Integer({ description: 'As they are kept, encryption included.' }),
    verified: Type.Integer({ description: 'Contents that were read and are right.' }),
    damaged: Type.Integer({ description: 'Contents that are not what was put.' }),
    missing: Type.Integer({ description: 'Contents that a file or a document needs.' }),
    orphans: Type.Integer({ description: 'Contents that nothing refers to.' }),
    strays: Type.Integer({
      description:
        'What interrupted writes and erased tenants have left, and what Ragstone did not put there.',
    }),
    removed: Type.Integer(),
    removed_bytes: Type.Integer(),
    findings: Type.Array(
      Type.Object({
        problem: Type.Enum(['damaged', 'missing', 'orphan', 'stray']),
        tenant_id: nullable(Type.String()),
        key: Type.String(),
        bytes: Type.Integer(),
        removed: Type.Boolean(),
        detail: Type.String(),
      }),
      { description: 'The first hundred.' },
    ),
  },
  { title: 'BlobReport' },
)
export type WireBlobReport = Static<typeof blobReport>

const masterKeys = Type.Array(
  Type.Object({
    id: Type.String({ description: 'A hash that names the key and tells nothing about it.' }),
    tenants: Type.Integer({ description: 'Whose keys it wraps.' }),
    role: Type.Enum(['current', 'previous', 'unknown']),
  }),
)

export const blobEncryption = Type.Object(
  {
    object: Type.Literal('blobs.encryption'),
    enabled: Type.Boolean({ description: 'Whether what comes is encrypted.' }),
    master_keys: masterKeys,
  },
  { title: 'BlobEncryption' },
)

export const blobRewrap = Type.Object(
  {
    object: Type.Literal('blobs.rewrap'),
    rewrapped: Type.Integer({ description: 'Tenants whose key was wrapped anew.' }),
    master_keys: masterKeys,
  },
  { title: 'BlobRewrap' },
)
