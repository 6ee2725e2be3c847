import pg from 'pg'
import type { Reach } from '../core/reach.ts'
import { reachSettings } from './reach-settings.ts'

/** What one transaction may see. */
export interface Within {
  readonly tenantId: string
  /** Null for all of the tenant. */
  readonly reach: Reach | null
}

const JIT_OFF = `set_config('jit', 'off', true)`

/**
 * One statement that makes the rest of its transaction the tenant's own. Iterative scans: a filtered HNSW search goes on
 * until it has found enough. No compilation: a search's cost is estimated by the arms that do not run, and compiling it
 * took 4 ms of 13 at 100k chunks, and more the more there are.
 */
export const settingsOf = ({ tenantId, reach }: Within): string =>
  `select set_config('role', 'ragstone_app', true),
    set_config('ragstone.tenant_id', ${pg.escapeLiteral(tenantId)}, true),
    set_config('hnsw.iterative_scan', 'relaxed_order', true), ${[JIT_OFF, ...reachSettings(reach)].join(', ')}`

/**
 * A plan that is kept is made once, for any values: see search-statement.ts for what that saves. It takes every tenant for
 * one of average size, for which sorting is cheap; for a tenant with a quarter of 10,000 chunks, sorting by a score that is
 * made row by row took a second, where the index has the order. So what can be read in order is not sorted.
 */
export const keptPlanSettingsOf = (within: Within): string =>
  `${settingsOf(within)}, set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('enable_sort', 'off', true)`
