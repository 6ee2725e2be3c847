import { createPeopleServices, type PeopleSettings } from '../src/auth/people-services.ts'
import type { AuditLog } from '../src/core/ports/audit.ts'
import type { Database } from '../src/core/ports/database.ts'
import { createAuditLog } from '../src/storage/audit-log.ts'
import { createPeopleStores } from '../src/storage/people-stores.ts'
import type { TenantDirectory } from '../src/tenancy/tenant-directory.ts'

const PEOPLE_SETTINGS: PeopleSettings = {
  publicUrl: null,
  idleMs: 86_400_000,
  longestMs: 30 * 86_400_000,
  sessionsPerAddress: null,
  accessTokenSeconds: 900,
  providersInside: true,
}

/** Everything about people on real storage, with a secret of its own. */
export function examplePeople(of: {
  readonly database: Database
  readonly tenantDirectory: TenantDirectory
  readonly auditLog?: AuditLog
  readonly tenantId: string
  readonly settings?: Partial<PeopleSettings>
  readonly now?: () => number
}) {
  return createPeopleServices({
    database: of.database,
    tenantDirectory: of.tenantDirectory,
    auditLog: of.auditLog ?? createAuditLog(),
    stores: createPeopleStores(),
    secrets: ['a secret of the tests, long enough'],
    settings: { ...PEOPLE_SETTINGS, ...of.settings },
    defaultTenantId: of.tenantId,
    ...(of.now === undefined ? {} : { now: of.now }),
  })
}
