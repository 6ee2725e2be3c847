import type { PersonSession, User } from '../person.ts'
import type { Transaction } from './database.ts'

export interface Standing {
  readonly now: Date
  /** Sessions in which nothing was asked since are over. */
  readonly idleSince: Date
}

export interface PersonSessions {
  insert(
    transaction: Transaction,
    session: PersonSession & { readonly hash: Buffer },
  ): Promise<void>
  /** Null unless the session stands and its person is not disabled. */
  find(
    transaction: Transaction,
    hash: Buffer,
    standing: Standing,
  ): Promise<{ readonly session: PersonSession; readonly user: User } | null>
  touch(transaction: Transaction, id: string, seenAt: Date): Promise<void>
  /** Those that stand, newest first. */
  list(
    transaction: Transaction,
    userId: string,
    standing: Standing,
  ): Promise<readonly PersonSession[]>
  /** Others that count at the same address wait until the transaction ends. */
  countAtAddress(transaction: Transaction, address: string, standing: Standing): Promise<number>
  delete(
    transaction: Transaction,
    session: { readonly id: string; readonly userId: string },
  ): Promise<boolean>
  /** All of one person but `except`; gives their number. */
  deleteAll(transaction: Transaction, userId: string, except: string | null): Promise<number>
  /** Those of the whole tenant that are over. */
  deleteEnded(transaction: Transaction, standing: Standing): Promise<void>
}
