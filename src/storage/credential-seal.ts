import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { AppError } from '../core/errors.ts'
import type { CredentialSeal, SealedPlace } from '../core/ports/credential-seal.ts'
import type { DataKeys } from '../core/ports/data-keys.ts'

const PREFIX = 'data-key-1.'
const NONCE = 12
const TAG = 16

/** Under a key made from the tenant's data key, so that whoever erases that has erased these. */
export function createCredentialSeal(dataKeys: Pick<DataKeys, 'of'>): CredentialSeal {
  const keyOf = async (tenantId: string) =>
    Buffer.from(
      hkdfSync('sha256', await dataKeys.of(tenantId), '', 'ragstone source credentials 1', 32),
    )
  return {
    async close(text, place) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', await keyOf(place.tenantId), nonce)
      cipher.setAAD(dataOf(place))
      const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return `${PREFIX}${Buffer.concat(sealed).toString('base64url')}`
    },
    async open(sealed, place) {
      try {
        const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url')
        const key = await keyOf(place.tenantId)
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE))
        decipher.setAAD(dataOf(place)).setAuthTag(bytes.subarray(-TAG))
        const opened = [decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]
        return Buffer.concat(opened).toString('utf8')
      } catch (error) {
        if (error instanceof AppError) throw error
        throw lostCredentials(error)
      }
    },
  }
}

export const isUnderDataKey = (sealed: string) => sealed.startsWith(PREFIX)

export const lostCredentials = (cause?: unknown) =>
  new AppError(
    'conflict',
    'The credentials of this source cannot be opened: the key they were sealed with is no longer there. Give them again.',
    { cause },
  )

const dataOf = ({ tenantId, sourceId }: SealedPlace) =>
  Buffer.from(`ragstone source credentials 1\n${tenantId}\n${sourceId}`)
