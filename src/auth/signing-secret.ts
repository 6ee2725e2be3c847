import { hkdfSync, randomBytes } from 'node:crypto'

/** What a key's signing secret is derived with; of no use without the server's own secret. */
export function createSigningSalt(): Buffer {
  return randomBytes(16)
}

/**
 * Of a key, from its salt: nothing that is stored is enough to sign with. `rss_` and 43 characters. The first is the
 * present one; the others come of the server's earlier secrets, and still work.
 */
export type SigningSecretsOf = (key: SigningKey) => readonly [string, ...string[]]

interface SigningKey {
  readonly id: string
  readonly salt: Buffer
}

export function createSigningSecretsOf([current, ...earlier]: readonly [
  string,
  ...string[],
]): SigningSecretsOf {
  return (key) => [derive(current, key), ...earlier.map((authSecret) => derive(authSecret, key))]
}

function derive(authSecret: string, { id, salt }: SigningKey): string {
  const bytes = hkdfSync('sha256', authSecret, salt, `ragstone signing secret ${id}`, 32)
  return `rss_${Buffer.from(bytes).toString('base64url')}`
}
