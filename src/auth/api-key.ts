import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { ApiKeyRecord } from '../core/ports/api-keys.ts'

/** `rs_<24 hex digits>_<secret><checksum>`: who presents it can be found, who copied it wrongly can be told. */
const KEY = /^rs_([0-9a-f]{24})_([0-9A-Za-z]{44})([0-9A-Za-z]{6})$/
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 44 digits of base 62 hold 262 bits. */
const SECRET_DIGITS = 44
const CHECKSUM_DIGITS = 6

export interface NewApiKey {
  /** The record's id, `key_…`. */
  readonly id: string
  /** Shown once; only its hash is kept. */
  readonly key: string
  readonly hash: Buffer
}

/** A new one, or a new secret for the key of that id. */
export function createApiKey(ofId?: string): NewApiKey {
  const digits = ofId?.replace(/^key_/, '') ?? randomBytes(12).toString('hex')
  const secret = Array.from({ length: SECRET_DIGITS }, () => BASE62.charAt(randomInt(62))).join('')
  const body = `rs_${digits}_${secret}`
  const key = `${body}${checksumOf(body)}`
  return { id: `key_${digits}`, key, hash: hashApiKey(key) }
}

/** The id of the record that a well-formed key names; null for a typo, which then costs no look-up. */
export function parseApiKey(key: string): { readonly id: string } | null {
  const [, digits, secret, checksum] = KEY.exec(key) ?? []
  if (digits === undefined || checksum !== checksumOf(`rs_${digits}_${secret}`)) return null
  return { id: `key_${digits}` }
}

/** SHA-256 of the whole key. The secret is random, so a slow hash would add nothing but load. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** In constant time. */
export function verifyApiKey(hash: Buffer, record: Pick<ApiKeyRecord, 'hash'>): boolean {
  return hash.length === record.hash.length && timingSafeEqual(hash, record.hash)
}

/** For logs and messages: `rs_…abcd`. */
export function maskApiKey(key: string): string {
  const prefix = key.startsWith('rs_') ? 'rs_' : ''
  // Of a short string, four characters would be too much of it.
  return key.length < 20 ? `${prefix}…` : `${prefix}…${key.slice(-4)}`
}

function checksumOf(body: string): string {
  let rest = crc32(body)
  let digits = ''
  for (let place = 0; place < CHECKSUM_DIGITS; place += 1) {
    digits = BASE62.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}
