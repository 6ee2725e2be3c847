import type { Limits } from '../core/limits.ts'
import type { RateScope } from '../core/ports/rate-counters.ts'

export type PerMinute = Pick<Limits, 'questionsPerMinute' | 'requestsPerMinute'>

/** What the configuration gives each of a kind; null is without limit. */
export interface RateSettings {
  readonly address: PerMinute & {
    /** Of requests by nobody in particular. */
    readonly strangerRequestsPerMinute: number | null
  }
  /** Of a key that has no limits of its own. */
  readonly key: PerMinute
  readonly user: PerMinute
  readonly session: PerMinute
}

/** By whom a request counts. */
export interface LimitedCaller {
  /** Whom the peer's address stands for; null on the local socket. */
  readonly address: string | null
  readonly keyId: string | null
  readonly userId: string | null
  readonly sessionId: string | null
  readonly tenantId: string
  /** Of the key itself. */
  readonly keyLimits: Partial<PerMinute>
  /** Of the tenant and its tier, without the key's. */
  readonly tenantLimits: PerMinute
}

export interface NamedScope extends RateScope {
  /** As the headers call it. */
  readonly name: string
}

const MINUTE_MS = 60_000

/** One scope for each of whom a limit is known. A tenant gets no penalty: one of its keys must not close it for the others. */
export function scopesOf(
  caller: LimitedCaller,
  settings: RateSettings,
  kind: 'questions' | 'requests',
): readonly NamedScope[] {
  const { address, keyId, userId, sessionId, tenantId } = caller
  const limit = kind === 'requests' ? 'requestsPerMinute' : 'questionsPerMinute'
  const own = caller.keyLimits[limit]
  const holders = [
    ['address', address, settings.address[limit]],
    ['key', keyId, own === undefined ? settings.key[limit] : own],
    ['user', userId, settings.user[limit]],
    ['session', sessionId, settings.session[limit]],
    ['tenant', tenantId, caller.tenantLimits[limit]],
  ] as const
  return holders.flatMap(([holder, id, most]) => {
    if (id === null || most === null) return []
    const name = kind === 'requests' ? holder : `${holder}-questions`
    return [scope({ name, id, limit: most, penalised: holder !== 'tenant' })]
  })
}

/** An address's, for what nobody in particular asks; it also counts as a request of the address. */
export function strangerScopes(address: string, settings: RateSettings): readonly NamedScope[] {
  const { requestsPerMinute, strangerRequestsPerMinute } = settings.address
  const limits = [
    ['address', requestsPerMinute],
    ['stranger', strangerRequestsPerMinute],
  ] as const
  return limits.flatMap(([name, limit]) =>
    limit === null ? [] : [scope({ name, id: address, limit, penalised: true })],
  )
}

function scope({ id, ...rest }: Pick<NamedScope, 'limit' | 'name' | 'penalised'> & { id: string }) {
  return { ...rest, key: `${rest.name}:${id}`, windowMs: MINUTE_MS }
}
