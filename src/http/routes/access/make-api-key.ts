import type { FastifyRequest } from 'fastify'
import { createApiKey } from '../../../auth/api-key.ts'
import { requireMayGive } from '../../../auth/may-give.ts'
import { createSigningSalt } from '../../../auth/signing-secret.ts'
import type { ApiKeyCreate } from '../../../contract/api-key.ts'
import type { ApiKeyRecord } from '../../../core/ports/api-keys.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { notFound } from '../../not-found.ts'
import { readOwnLimits } from '../../wire-limits.ts'
import { wireApiKey } from './wire-api-key.ts'

const DAY_MS = 86_400_000
/** What most programs need; `admin` is given on request only. */
const DEFAULT_SCOPES: NonNullable<ApiKeyCreate['scopes']> = ['ask', 'ingest', 'read']

type MakingDeps = Pick<HttpDeps, 'apiKeys' | 'database' | 'signingSecretsOf' | 'vectorStores'>

/** Throws `permission_denied` for rights that its maker has not, `resource_not_found` for an unknown store. */
export async function makeApiKey(
  deps: MakingDeps,
  { principal, limits: held }: Pick<FastifyRequest, 'limits' | 'principal'>,
  body: ApiKeyCreate,
) {
  const rights = {
    scopes: body.scopes ?? DEFAULT_SCOPES,
    vectorStoreIds: body.vector_store_ids ?? null,
    // A key that is limited itself gives what it gives with the same limits, unless they are narrower.
    limits: { ...principal.limits, ...readOwnLimits(body.limits ?? {}) },
  }
  requireMayGive(principal, rights, held)
  const { id, key, hash } = createApiKey()
  const record = {
    ...rights,
    id,
    hash,
    name: body.name,
    madeBy: principal.keyId ?? principal.userId ?? principal.serviceId,
    createdAt: new Date(),
    expiresAt: expiryIn(body.expires_in_days ?? null),
    signingSalt: body.signing === true ? createSigningSalt() : null,
  }
  const stored = await deps.database.transact(principal.tenantId, async (transaction) => {
    for (const storeId of rights.vectorStoreIds ?? []) {
      const store = await deps.vectorStores.get(transaction, storeId)
      if (store === null) throw notFound('vector store', storeId, 'vector_store_ids')
    }
    await deps.apiKeys.insert(transaction, record)
    return deps.apiKeys.get(transaction, id)
  })
  if (stored === null) throw new Error('A key was stored and is not there')
  return shownOnce(deps, stored, key)
}

/** With what is shown this once. */
export function shownOnce(
  { signingSecretsOf }: Pick<HttpDeps, 'signingSecretsOf'>,
  record: ApiKeyRecord,
  key: string,
) {
  const { id, signingSalt: salt } = record
  const secret = salt === null ? {} : { signing_secret: signingSecretsOf({ id, salt })[0] }
  return { ...wireApiKey(record), key, ...secret }
}

export function expiryIn(days: number | null): Date | null {
  return days === null ? null : new Date(Date.now() + days * DAY_MS)
}
