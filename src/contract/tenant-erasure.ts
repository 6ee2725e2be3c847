import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'

const remains = Type.Object({
  rows: Type.Record(Type.String(), Type.Integer(), { description: 'By table.' }),
  blobs: Type.Integer({ description: 'Original files and extracted texts.' }),
  blob_bytes: Type.Integer(),
  jobs: Type.Integer({ description: 'Waiting, running, done and given up.' }),
})

/** Once it is completed, the certificate. */
export const tenantErasure = Type.Object(
  {
    object: Type.Literal('tenant.erasure'),
    tenant_id: Type.String(),
    name: Type.String(),
    status: Type.Enum(['running', 'completed']),
    started_at: Type.Integer(),
    finished_at: nullable(Type.Integer()),
    before: nullable(remains),
    after: nullable(remains),
    recorded_in: Type.String({ description: 'The tenant in whose audit log the erasure is kept.' }),
  },
  { title: 'TenantErasure' },
)
export type WireTenantErasure = Static<typeof tenantErasure>

export const tenantErase = Type.Object(
  { confirm: Type.String({ description: "The tenant's name, so that no other one is meant." }) },
  { additionalProperties: false },
)
