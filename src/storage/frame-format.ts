import { hkdfSync } from 'node:crypto'

/*
 * An encrypted blob: a header, then frames. All numbers are big-endian.
 *
 *   header   "RAGSTONE" (8) · version 1 (1) · 0 (3) · length of the content (8) · salt (16) · tag (16)
 *   frame    ciphertext of up to 65,536 bytes · tag (16)
 *
 * Every object has a key of its own: HKDF-SHA-256 of the tenant's data key with the salt, for "ragstone blob 1", the
 * tenant and the content's hash. So a nonce may be a place: what it is (1) · 0 (3) · the number of the frame (8), where
 * what it is says header, frame or last frame. A frame at another place, of another object or tenant, missing at the end
 * or behind it does not open. The header's tag is that of no content, with the bytes before it as what is authenticated.
 */
export const FRAME_BYTES = 65_536
export const TAG_BYTES = 16
export const HEADER_BYTES = 52
const SALT_BYTES = 16
const MAGIC = Buffer.from('RAGSTONE')
const VERSION = 1

export interface Identity {
  readonly tenantId: string
  readonly sha256: string
}

export type Place = { readonly kind: 'header' } | { readonly frame: number; readonly last: boolean }

export function writePreface(contentBytes: number, salt: Uint8Array): Buffer {
  const preface = Buffer.alloc(HEADER_BYTES - TAG_BYTES)
  MAGIC.copy(preface)
  preface[MAGIC.length] = VERSION
  preface.writeBigUInt64BE(BigInt(contentBytes), 12)
  preface.set(salt, 20)
  return preface
}

export interface Header {
  /** What its tag authenticates. */
  readonly preface: Buffer
  readonly contentBytes: number
  readonly salt: Buffer
  readonly tag: Buffer
}

/** Null for what does not look like one. */
export function readHeader(start: Buffer): Header | null {
  if (start.length < HEADER_BYTES) return null
  if (!start.subarray(0, MAGIC.length).equals(MAGIC) || start[MAGIC.length] !== VERSION) return null
  return {
    preface: start.subarray(0, HEADER_BYTES - TAG_BYTES),
    contentBytes: Number(start.readBigUInt64BE(12)),
    salt: start.subarray(20, 20 + SALT_BYTES),
    tag: start.subarray(HEADER_BYTES - TAG_BYTES, HEADER_BYTES),
  }
}

/** Content without a byte has one frame too, so that its end is said. */
export function frameCount(contentBytes: number): number {
  return Math.max(1, Math.ceil(contentBytes / FRAME_BYTES))
}

export function sealedBytes(contentBytes: number): number {
  return HEADER_BYTES + contentBytes + frameCount(contentBytes) * TAG_BYTES
}

export function objectKey(dataKey: Uint8Array, salt: Uint8Array, of: Identity): Buffer {
  const info = `ragstone blob 1\n${of.tenantId}\n${of.sha256}`
  return Buffer.from(hkdfSync('sha256', dataKey, salt, info, 32))
}

export function nonceOf(place: Place): Buffer {
  const nonce = Buffer.alloc(12)
  if ('kind' in place) return nonce
  nonce[0] = place.last ? 2 : 1
  nonce.writeBigUInt64BE(BigInt(place.frame), 4)
  return nonce
}
