import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

export interface MasterKey {
  /** A hash that names it and tells nothing about it. */
  readonly id: string
  readonly key: Buffer
}

export function createMasterKey(key: Buffer): MasterKey {
  const id = createHash('sha256').update('ragstone master key 1\n').update(key).digest('hex')
  return { id: id.slice(0, 16), key }
}

const NONCE = 12
const TAG = 16

const dataOf = (tenantId: string) => Buffer.from(`ragstone data key 1\n${tenantId}`)

/** The nonce, the ciphertext and the tag. */
export function wrapDataKey({ key }: MasterKey, tenantId: string, dataKey: Buffer): Buffer {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(dataOf(tenantId))
  return Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()])
}

/** Throws where it was wrapped by another key, for another tenant, or was altered. */
export function unwrapDataKey({ key }: MasterKey, tenantId: string, wrapped: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, NONCE))
  decipher.setAAD(dataOf(tenantId)).setAuthTag(wrapped.subarray(-TAG))
  return Buffer.concat([decipher.update(wrapped.subarray(NONCE, -TAG)), decipher.final()])
}
