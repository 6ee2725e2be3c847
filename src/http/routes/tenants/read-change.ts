import type { SettingsChange, TenantUpdate } from '../../../contract/tenant.ts'
import type { TenantChange } from '../../../core/ports/tenants.ts'
import type { TenantSettings } from '../../../core/tenant.ts'
import type { Tiers } from '../../../tenancy/effective-limits.ts'
import { invalidValue } from '../../request-error.ts'
import { readOwnLimits } from '../../wire-limits.ts'

/** Settings are changed one by one, limits all at once: one that is not named is the tier's again. */
export function readChange(
  tiers: Tiers,
  { name, tier, limits, settings }: TenantUpdate,
  now: TenantSettings,
): TenantChange {
  if (tier !== undefined && !tiers.has(tier)) {
    const known = [...tiers.keys()].map((each) => `'${each}'`).join(', ')
    throw invalidValue('tier', `'tier' must be one of ${known}, as the configuration has them.`)
  }
  return {
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(tier === undefined ? {} : { tier }),
    ...(limits === undefined ? {} : { limits: readOwnLimits(limits) }),
    ...(settings === undefined ? {} : { settings: readSettings(settings, now) }),
  }
}

export function readSettings(change: SettingsChange, now: TenantSettings): TenantSettings {
  return { ...now, auditQuestions: change.audit_questions ?? now.auditQuestions }
}
