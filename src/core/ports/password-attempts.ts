import type { Transaction } from './database.ts'

/** What is tried, and how patient one must be with it. */
export interface AttemptSubject {
  /** SHA-256: of an account, an address, or both. */
  readonly subject: Buffer
  /** Failures that cost no time. */
  readonly free: number
  /** After the first one that does; doubled by every further one. */
  readonly delayMs: number
  readonly maxDelayMs: number
}

export interface PasswordAttempts {
  /**
   * Counts one try as a failure, until `forget` says otherwise: so a thousand tries at once are a thousand. Milliseconds
   * to wait where it may not be tried yet, and then nothing is counted; null where it may.
   */
  take(transaction: Transaction, attempt: AttemptSubject, now: Date): Promise<number | null>
  /** Back to none. */
  forget(transaction: Transaction, subject: Buffer): Promise<void>
  /** One of the failures was none. */
  giveBack(transaction: Transaction, subject: Buffer): Promise<void>
  deleteBefore(transaction: Transaction, before: Date): Promise<void>
}

/** Devices and addresses from which a person has signed in. */
export interface FamiliarPlaces {
  isFamiliar(
    transaction: Transaction,
    at: { readonly userId: string; readonly place: Buffer | null; readonly since: Date },
  ): Promise<boolean>
  /** Keeps the newest of them, as many as `most`. */
  remember(
    transaction: Transaction,
    seen: {
      readonly userId: string
      readonly places: readonly Buffer[]
      readonly now: Date
      readonly most: number
    },
  ): Promise<void>
}
