import type { Invitation } from '../person.ts'
import type { Expired } from './api-keys.ts'
import type { Transaction } from './database.ts'
import type { Cursor } from './files.ts'

export interface Invitations {
  /** In place of an earlier one to the same address. */
  insert(
    transaction: Transaction,
    invitation: Invitation & { readonly hash: Buffer },
  ): Promise<void>
  /** Pending ones, expired or not; one row more than `limit` where there are more. */
  list(transaction: Transaction, cursor: Cursor): Promise<readonly Invitation[]>
  delete(transaction: Transaction, id: string): Promise<Invitation | null>
  /** Some that have expired; each is given once. */
  noteExpired(transaction: Transaction, limit: number): Promise<readonly Expired[]>
  /** Those that expired before then. */
  deleteExpired(transaction: Transaction, before: Date): Promise<void>
  /** Takes the invitation away; null when there is none that stands. */
  accept(transaction: Transaction, hash: Buffer, now: Date): Promise<Invitation | null>
  /** The same for whoever proves the address in another way. */
  acceptByEmail(transaction: Transaction, email: string, now: Date): Promise<Invitation | null>
}

/** One at a time for each person. */
export interface PasswordResets {
  insert(
    transaction: Transaction,
    reset: { readonly userId: string; readonly hash: Buffer; readonly expiresAt: Date },
  ): Promise<void>
  /** Takes it away; the person's id, null when there is none that stands. */
  use(transaction: Transaction, hash: Buffer, now: Date): Promise<string | null>
}
