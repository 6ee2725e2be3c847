import { createHash, hkdfSync } from 'node:crypto'

/** A key for one purpose, made from the server's secret. */
export interface DerivedKey {
  /** Says which secret it was made from, and nothing about it. */
  readonly id: string
  readonly key: Uint8Array
}

/** The first one signs and seals; the others are still believed, so that a secret can be replaced while all goes on. */
export type DerivedKeys = readonly [DerivedKey, ...DerivedKey[]]

export function deriveKeys(
  secrets: readonly [string, ...string[]],
  purpose: 'access tokens' | 'sealing',
): DerivedKeys {
  const derive = (secret: string): DerivedKey => {
    const key = new Uint8Array(hkdfSync('sha256', secret, '', `ragstone ${purpose}`, 32))
    return { id: createHash('sha256').update(key).digest('hex').slice(0, 16), key }
  }
  const [current, ...earlier] = secrets
  return [derive(current), ...earlier.map(derive)]
}
