import type { ApiKeyRecord } from '../core/ports/api-keys.ts'
import { hashApiKey, maskApiKey, parseApiKey, verifyApiKey } from './api-key.ts'
import type { SignIn } from './authenticate.ts'
import type { KeyDirectory } from './key-directory.ts'
import { keyPrincipal } from './key-principal.ts'
import type { NoteKeyUse } from './note-key-use.ts'
import { bearerOf } from './presented.ts'
import { Refusal } from './refusal.ts'

export interface KeySignInDeps {
  readonly keyDirectory: Pick<KeyDirectory, 'find'>
  readonly noteUse?: NoteKeyUse
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** `Authorization: Bearer rs_…` */
export function createApiKeySignIn({
  keyDirectory,
  noteUse = () => undefined,
  now = Date.now,
}: KeySignInDeps): SignIn {
  return async (presented) => {
    const key = bearerOf(presented)
    if (key === null || !key.startsWith('rs_')) return null
    const id = parseApiKey(key)?.id
    if (id === undefined) {
      throw incorrect(key, 'It is not spelled like a key; was it copied whole?')
    }
    const record = await keyDirectory.find(id)
    const hash = hashApiKey(key)
    if (record === null || !isOf(record, hash)) {
      const claimed = { account: id, tenantId: record?.tenantId ?? null }
      throw incorrect(key, 'It is not known here.', claimed)
    }
    if (!verifyApiKey(hash, record)) requireOverlap(record, now())
    const principal = keyPrincipal(record, now())
    noteUse(record)
    return principal
  }
}

/** Whether the key is this one, or what this one was before its rotation. */
function isOf(record: ApiKeyRecord, hash: Buffer): boolean {
  const { previous } = record
  return verifyApiKey(hash, record) || (previous !== null && verifyApiKey(hash, previous))
}

/** For what a key was before its rotation. */
export function requireOverlap({ id, tenantId, previous }: ApiKeyRecord, now: number): void {
  const ended = previous?.until ?? new Date(0)
  if (ended.getTime() > now) return
  throw new Refusal(
    `This API key was rotated and ended on ${ended.toISOString()}; use its successor.`,
    { account: id, tenantId },
  )
}

function incorrect(key: string, why: string, claimed?: Refusal['claimed']): Refusal {
  return new Refusal(`Incorrect API key provided: ${maskApiKey(key)}. ${why}`, claimed)
}
