import type { List } from './api.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'

export type OwnLimits = Readonly<Record<string, number | null>>

export interface Tenant {
  readonly id: string
  readonly name: string
  readonly status: 'active' | 'erasing' | 'suspended'
  readonly tier: string
  readonly limits: OwnLimits
  readonly effective_limits: Readonly<Record<string, number | null>>
  readonly settings: { readonly audit_questions: boolean }
  readonly created_at: number
}

export interface TenantInUse extends Tenant {
  readonly used: Readonly<Record<'chunks' | 'files' | 'stored_bytes', number>>
}

/** By id (`ten_…`) or by name. */
export async function findTenant(client: Client, name: string): Promise<TenantInUse> {
  const id = await tenantId(client, name)
  return client.send('GET', `/api/tenants/${encodeURIComponent(id)}`)
}

/** An id is taken as it is. */
export async function tenantId(client: Client, name: string): Promise<string> {
  if (name.startsWith('ten_')) return name
  const { data } = await client.send<List<Tenant>>('GET', '/api/tenants', { query: { name } })
  const [tenant] = data
  if (tenant !== undefined) return tenant.id
  throw new CliError(
    `There is no tenant “${name}”. \`ragstone tenants list\` shows those there are.`,
  )
}
