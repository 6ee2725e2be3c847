import { Type, type Static } from 'typebox'
import { limits, ownLimits } from './limits.ts'
import { limitUpTo, pageOf, pageQuery } from './page.ts'

const status = Type.Enum(['active', 'suspended', 'erasing'], {
  description: '`suspended` and `erasing` tenants are not served.',
})
const SETTINGS = {
  audit_questions: Type.Boolean({
    description: 'The audit log keeps the words of questions, not only that there was one.',
  }),
}
const settings = Type.Object(SETTINGS, { title: 'TenantSettings' })
const settingsChange = Type.Partial(Type.Object(SETTINGS), { additionalProperties: false })

const MEMBERS = {
  id: Type.String(),
  object: Type.Literal('tenant'),
  name: Type.String(),
  status,
  tier: Type.String({
    description: 'Names the limits that hold where the tenant has none of its own.',
  }),
  limits: ownLimits,
  effective_limits: limits,
  settings,
  created_at: Type.Integer(),
}
export const tenant = Type.Object(MEMBERS, { title: 'Tenant' })
export type WireTenant = Static<typeof tenant>

const used = Type.Object(
  {
    files: Type.Integer(),
    stored_bytes: Type.Integer(),
    chunks: Type.Integer(),
  },
  { description: 'What the tenant keeps of what its limits cap.' },
)
export const tenantInUse = Type.Object({ ...MEMBERS, used }, { title: 'TenantInUse' })
export type WireTenantInUse = Static<typeof tenantInUse>

export const tenantCreated = Type.Object(
  {
    ...MEMBERS,
    used,
    key: Type.String({
      description:
        "The tenant's first API key, with the scope `admin`. Shown this once: only its hash is kept.",
    }),
  },
  { title: 'CreatedTenant' },
)

const name = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '\\S',
  description: 'For people and commands; no two tenants have the same.',
})
const tier = Type.String({ minLength: 1, maxLength: 100, description: 'One of the configuration.' })
const own = Type.Optional(ownLimits)

export const tenantCreate = Type.Object(
  { name, tier: Type.Optional(tier), limits: own, settings: Type.Optional(settingsChange) },
  { additionalProperties: false },
)
export type TenantCreate = Static<typeof tenantCreate>

export const tenantUpdate = Type.Object(
  {
    name: Type.Optional(name),
    tier: Type.Optional(tier),
    limits: own,
    settings: Type.Optional(settingsChange),
  },
  { additionalProperties: false },
)
export type TenantUpdate = Static<typeof tenantUpdate>

export const ownTenantUpdate = Type.Object(
  { settings: settingsChange },
  { additionalProperties: false },
)
export type SettingsChange = Static<typeof settingsChange>

export const tenantParams = Type.Object({ tenant_id: Type.String() })
export const tenantListQuery = Type.Object(
  {
    ...pageQuery,
    limit: limitUpTo(100, 20),
    name: Type.Optional(Type.String({ description: 'Only the one of this name.' })),
    status: Type.Optional(status),
  },
  { additionalProperties: false },
)
export const tenantList = pageOf(tenant)
