import type { ApiKeyRecord, ApiKeys } from '../core/ports/api-keys.ts'
import { hashApiKey, maskApiKey, parseApiKey, verifyApiKey } from './api-key.ts'
import type { SignIn } from './authenticate.ts'
import { bearerOf } from './presented.ts'
import { Refusal } from './refusal.ts'

export interface ApiKeySignInDeps {
  readonly apiKeys: Pick<ApiKeys, 'findPresented'>
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** How long a revoked key may still work, in exchange for a look-up saved on every request. */
const WARM_MILLISECONDS = 5_000
const WARM_KEYS = 1_000

interface Warm {
  readonly record: ApiKeyRecord
  readonly until: number
}

/** `Authorization: Bearer rs_…` */
export function createApiKeySignIn({ apiKeys, now = Date.now }: ApiKeySignInDeps): SignIn {
  /** By the hash of the presented key: the key itself is never kept. Oldest use first. */
  const warm = new Map<string, Warm>()

  const find = async (key: string): Promise<ApiKeyRecord> => {
    const hash = hashApiKey(key)
    const name = hash.toString('hex')
    const known = warm.get(name)
    warm.delete(name)
    if (known !== undefined && known.until > now()) {
      warm.set(name, known)
      return known.record
    }
    const parsed = parseApiKey(key)
    const record = parsed === null ? null : await apiKeys.findPresented(parsed.id)
    if (record === null || !verifyApiKey(hash, record)) throw incorrect(key)
    warm.set(name, { record, until: now() + WARM_MILLISECONDS })
    const oldest = warm.size > WARM_KEYS ? warm.keys().next().value : undefined
    if (oldest !== undefined) warm.delete(oldest)
    return record
  }

  return async (presented) => {
    const key = bearerOf(presented)
    if (key === null || !key.startsWith('rs_')) return null
    const record = await find(key)
    const claimed = { account: record.id, tenantId: record.tenantId }
    if (record.revokedAt !== null)
      throw new Refusal('This API key was revoked; use another one.', claimed)
    if (record.expiresAt !== null && record.expiresAt.getTime() <= now()) {
      throw new Refusal(
        `This API key expired on ${record.expiresAt.toISOString()}; use another one.`,
        claimed,
      )
    }
    return {
      tenantId: record.tenantId,
      keyId: record.id,
      userId: null,
      sessionId: null,
      serviceId: null,
      role: null,
      scopes: record.scopes,
      vectorStoreIds: null,
      limits: {},
    }
  }
}

function incorrect(key: string): Refusal {
  const account = parseApiKey(key)?.id ?? null
  const typo =
    account === null
      ? 'It is not spelled like a key; was it copied whole?'
      : 'It is not known here.'
  return new Refusal(`Incorrect API key provided: ${maskApiKey(key)}. ${typo}`, {
    account,
    tenantId: null,
  })
}
