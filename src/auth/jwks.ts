import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { AppError } from '../core/errors.ts'

interface JwksOptions {
  /** The issuer's name, for messages. */
  readonly name: string
  readonly load: () => Promise<JSONWebKeySet>
  readonly now: () => number
}

/** Keys are asked for again after this long, so that one that was withdrawn is not believed for ever. */
const FRESH_MS = 10 * 60_000
/** Between two questions because of a key that is not known: anybody can make one up. */
const COOLDOWN_MS = 30_000
const RETRY_AFTER_MS = 5_000

/**
 * The issuer's public keys. While it is away, keys that are known go on being believed; for one that is not known the
 * answer is `provider_unavailable`, because it may be a new one.
 */
export function createJwks({ name, load, now }: JwksOptions): JWTVerifyGetKey {
  let keys: { readonly ids: ReadonlySet<string>; readonly find: JWTVerifyGetKey } | null = null
  let asked = Number.NEGATIVE_INFINITY
  let failed = false
  let loading: Promise<void> | null = null

  const refresh = (): Promise<void> => {
    loading ??= (async () => {
      asked = now()
      try {
        const set = await load()
        const ids = new Set(set.keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid])))
        keys = { ids, find: createLocalJWKSet(set) }
        failed = false
      } catch {
        failed = true
      } finally {
        loading = null
      }
    })()
    return loading
  }

  return async (header, token) => {
    const known = () => keys !== null && (header.kid === undefined || keys.ids.has(header.kid))
    const age = now() - asked
    if (!known() && (age >= COOLDOWN_MS || loading !== null)) await refresh()
    else if (age >= FRESH_MS) void refresh()
    if (keys === null || (failed && !known())) {
      throw new AppError(
        'provider_unavailable',
        `The keys of the token issuer "${name}" cannot be fetched now; try again soon.`,
        { retryAfterMs: RETRY_AFTER_MS },
      )
    }
    return keys.find(header, token)
  }
}
