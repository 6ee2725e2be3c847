import { compactDecrypt, CompactEncrypt } from 'jose'
import type { DerivedKeys } from './derived-keys.ts'

/** Keeps small texts where others may read them. */
export interface Seal {
  close(text: string, place: string): Promise<string>
  /** Null for what was not sealed here, or for another place. */
  open(sealed: string, place: string): Promise<string | null>
}

/** AES-256-GCM as JWE; the place is authenticated, so that nothing sealed for one tenant opens in another. */
export function createSeal(keys: DerivedKeys): Seal {
  return {
    close: (text, place) =>
      new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: keys[0].id, place })
        .encrypt(keys[0].key),
    async open(sealed, place) {
      try {
        const { plaintext, protectedHeader } = await compactDecrypt(
          sealed,
          ({ kid }) => {
            const known = keys.find(({ id }) => id === kid)
            if (known === undefined) throw new Error('Sealed with a key that is gone')
            return known.key
          },
          { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] },
        )
        return protectedHeader['place'] === place ? new TextDecoder().decode(plaintext) : null
      } catch {
        return null
      }
    },
  }
}
