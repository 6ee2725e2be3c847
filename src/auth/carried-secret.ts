import { createHash, randomBytes } from 'node:crypto'

/**
 * What people carry: `rs_<kind>_<tenant>_<secret>`. It names its tenant, so that the row is looked for as that tenant and
 * row-level security needs no exception; it begins like an API key, so that the log hides it.
 */
export type SecretKind = 'device' | 'invitation' | 'reset' | 'session'

export interface NewSecret {
  /** Given out once. */
  readonly secret: string
  readonly hash: Buffer
}

export interface PresentedSecret {
  readonly tenantId: string
  readonly hash: Buffer
}

const SECRET = /^rs_(?<kind>[a-z]+)_(?<tenant>ten_[0-9a-f]{1,64})_[\w-]{43}$/

export function createSecret(kind: SecretKind, tenantId: string): NewSecret {
  const secret = `rs_${kind}_${tenantId}_${randomBytes(32).toString('base64url')}`
  return { secret, hash: hashSecret(secret) }
}

/** Null for what is not spelled like one of this kind, which then costs no look-up. */
export function readSecret(kind: SecretKind, secret: string): PresentedSecret | null {
  const { kind: spelled, tenant } = SECRET.exec(secret)?.groups ?? {}
  if (spelled !== kind || tenant === undefined) return null
  return { tenantId: tenant, hash: hashSecret(secret) }
}

/** SHA-256. The secret is 256 random bits, so a slow hash would add nothing but load. */
function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
