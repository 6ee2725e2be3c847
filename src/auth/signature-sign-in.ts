import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ApiKeyRecord } from '../core/ports/api-keys.ts'
import type { Database } from '../core/ports/database.ts'
import type { SignatureNonces } from '../core/ports/signature-nonces.ts'
import { requireOverlap, type KeySignInDeps } from './api-key-sign-in.ts'
import type { SignIn } from './authenticate.ts'
import { keyPrincipal } from './key-principal.ts'
import type { Presented } from './presented.ts'
import { Refusal } from './refusal.ts'
import { readSignature, signatureBase, type SignatureParts } from './signature-base.ts'
import type { SigningSecretsOf } from './signing-secret.ts'

export interface SignatureSignInDeps extends KeySignInDeps {
  readonly database: Database
  readonly nonces: SignatureNonces
  readonly signingSecretsOf: SigningSecretsOf
}

/** How far the clocks of both sides may be apart. */
const WINDOW_SECONDS = 300
const NONCE = /^[\x21-\x7e]{16,128}$/

/**
 * A request signed with a key's signing secret: HTTP Message Signatures (RFC 9421) with HMAC-SHA256. The body is signed by
 * its Content-Digest, which is compared with the body when that has come; see http/check-digest.ts.
 */
export function createSignatureSignIn(deps: SignatureSignInDeps): SignIn {
  const { keyDirectory, signingSecretsOf, noteUse = () => undefined, now = Date.now } = deps

  /** The current secret, and the one before it while that works. */
  const secretsOf = (record: ApiKeyRecord) =>
    [record, record.previous].flatMap((each) =>
      each === null || each.signingSalt === null
        ? []
        : signingSecretsOf({ id: record.id, salt: each.signingSalt }).map((secret) => ({
            isOld: each !== record,
            secret,
          })),
    )

  return async (presented) => {
    if (presented.headers['signature-input'] === undefined) return null
    const parts = readSignature(presented)
    if (parts === null) throw new Refusal(UNREADABLE)
    const record = await keyDirectory.find(parts.keyId)
    const claimed = { account: parts.keyId.slice(0, 100), tenantId: record?.tenantId ?? null }
    const fault = faultOf(presented, parts, now() / 1_000)
    if (fault !== null) throw new Refusal(fault, claimed)
    const base = signatureBase(presented, parts)
    if (base === null) throw new Refusal(UNREADABLE, claimed)
    const match = (record === null ? [] : secretsOf(record)).find(({ secret }) =>
      isSigned(base, secret, parts.signature),
    )
    if (record === null || match === undefined) throw new Refusal(MISMATCH, claimed)
    if (match.isOld) requireOverlap(record, now())
    const principal = keyPrincipal(record, now())
    const expiresAt = new Date((parts.created + 2 * WINDOW_SECONDS) * 1_000)
    const nonce = { keyId: record.id, nonce: parts.nonce, expiresAt }
    const isNew = await deps.database.transact(
      record.tenantId,
      (transaction) => deps.nonces.take(transaction, nonce),
      { oneStatement: true },
    )
    if (!isNew) {
      throw new Refusal(
        'This signed request has come before: sign each with a nonce of its own.',
        claimed,
      )
    }
    noteUse(record)
    return principal
  }
}

const UNREADABLE =
  'The signature cannot be read: send Signature-Input and Signature as RFC 9421 says, with keyid, created and nonce.'
const MISMATCH =
  'The signature does not match: check the signing secret, and that what was signed is what was sent.'

/** What is wrong with it, whoever signed it. */
function faultOf(presented: Presented, parts: SignatureParts, now: number): string | null {
  const { algorithm, components, created, expires, nonce } = parts
  if (algorithm !== null && algorithm !== 'hmac-sha256') {
    return 'The signature must be made with hmac-sha256.'
  }
  if (Math.abs(now - created) > WINDOW_SECONDS || (expires !== null && expires < now)) {
    return `The signature is too old, or of the future: it is good for ${WINDOW_SECONDS} seconds.`
  }
  if (!NONCE.test(nonce)) return 'The nonce must have 16 to 128 printable characters.'
  const covers = (...names: readonly string[]) => names.every((name) => components.includes(name))
  if (!covers('@method') || !(covers('@request-target') || covers('@path', '@query'))) {
    return 'The signature must cover "@method", "@path" and "@query".'
  }
  if (hasBody(presented) && !covers('content-digest')) {
    return 'The signature of a request with a body must cover "content-digest".'
  }
  return null
}

function hasBody({ headers }: Presented): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

function isSigned(base: string, secret: string, signature: Buffer): boolean {
  const expected = createHmac('sha256', secret).update(base).digest()
  return expected.length === signature.length && timingSafeEqual(expected, signature)
}
