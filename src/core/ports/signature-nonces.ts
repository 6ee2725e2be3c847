import type { Transaction } from './database.ts'

export interface SignatureNonce {
  readonly keyId: string
  readonly nonce: string
  /** From then on the signature is too old anyway. */
  readonly expiresAt: Date
}

export interface SignatureNonces {
  /** False when it was taken before, by whichever server of this database. */
  take(transaction: Transaction, nonce: SignatureNonce): Promise<boolean>
}
