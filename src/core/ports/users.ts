import type { User } from '../person.ts'
import type { Role } from '../principal.ts'
import type { Transaction } from './database.ts'
import type { Cursor } from './files.ts'

export interface NewUser {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly roleFromProvider: boolean
  readonly passwordHash: string | null
  readonly createdAt: Date
}

export interface UserChange {
  readonly name?: string
  readonly role?: Role
  readonly roleFromProvider?: boolean
  readonly passwordHash?: string
  readonly disabledAt?: Date | null
  readonly tokensValidFrom?: Date
  readonly lastSignInAt?: Date
}

/** Who vouches for a person: an OpenID provider, and its name for him. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
}

export interface Users {
  /** Null where the tenant has somebody with this address. */
  insert(transaction: Transaction, user: NewUser): Promise<User | null>
  get(transaction: Transaction, id: string): Promise<User | null>
  findByEmail(
    transaction: Transaction,
    email: string,
  ): Promise<{ readonly user: User; readonly passwordHash: string | null } | null>
  findByIdentity(transaction: Transaction, identity: Identity): Promise<User | null>
  addIdentity(transaction: Transaction, userId: string, identity: Identity): Promise<void>
  /** One row more than `limit` where there are more. */
  list(transaction: Transaction, cursor: Cursor): Promise<readonly User[]>
  update(transaction: Transaction, id: string, change: UserChange): Promise<User | null>
  delete(transaction: Transaction, id: string): Promise<boolean>
  /**
   * Owners that are not disabled. They stay as they are until the transaction ends: two of them cannot be taken away by
   * two transactions that each still saw the other.
   */
  lockOwners(transaction: Transaction): Promise<readonly string[]>
  passwordHash(transaction: Transaction, id: string): Promise<string | null>
}
