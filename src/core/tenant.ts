import type { Limits } from './limits.ts'

/** `erasing` is on its way out: nothing of it is served, and its erasure goes on until it is whole. */
export type TenantStatus = 'active' | 'erasing' | 'suspended'

/** What a tenant chooses for itself. */
export interface TenantSettings {
  /** Whether the audit log keeps the words of questions, or only that there was one. */
  readonly auditQuestions: boolean
}

export const DEFAULT_TENANT_SETTINGS: TenantSettings = { auditQuestions: false }

export interface Tenant {
  readonly id: string
  readonly name: string
  readonly status: TenantStatus
  /** Names the limits that hold where the tenant has none of its own. */
  readonly tier: string
  /** In place of the tier's. */
  readonly limits: Partial<Limits>
  readonly settings: TenantSettings
  readonly createdAt: Date
}
