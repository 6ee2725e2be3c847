import type { JSONWebKeySet } from 'jose'

const TIMEOUT_MS = 5_000
const MOST_BYTES = 1_000_000

/** Fetches an issuer's public keys: from where it says, or from where its OpenID configuration says they are. */
export function createFetchKeys({
  issuer,
  jwksUrl,
}: {
  readonly issuer: string
  readonly jwksUrl: string | null
}): () => Promise<JSONWebKeySet> {
  return async () => {
    const set = await fetchJson(jwksUrl ?? (await discover(issuer)))
    if (!isKeySet(set)) throw new Error('The answer is no set of keys')
    return set
  }
}

async function discover(issuer: string): Promise<string> {
  const found = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const { jwks_uri: address, issuer: named } = Object(found) as Record<string, unknown>
  if (named !== issuer || typeof address !== 'string') {
    throw new Error('The OpenID configuration is of another issuer, or names no keys')
  }
  return address
}

async function fetchJson(address: string): Promise<unknown> {
  const response = await fetch(address, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { accept: 'application/json' },
    redirect: 'error',
  })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  const text = await response.text()
  if (text.length > MOST_BYTES) throw new Error('The answer is too long')
  return JSON.parse(text) as unknown
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  const { keys } = Object(value) as { readonly keys?: unknown }
  return Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null)
}
