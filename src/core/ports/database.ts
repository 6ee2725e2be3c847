import type { Reach } from '../reach.ts'

/** One open transaction of one tenant: row-level security is on, and every query also says `tenant_id`. */
export interface Transaction {
  readonly tenantId: string
  query<Row extends object>(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<readonly Row[]>
  /**
   * A statement that is sent in one message with the commit, so that it costs no round trip. Whatever it fails with
   * undoes the transaction. `told` hears after the commit how many rows it changed.
   */
  readonly last: (text: string, values: readonly unknown[], told?: (rows: number) => void) => void
}

export interface QueryOptions {
  /** For a statement whose text is the same every time: the server may keep its plan under this name. */
  readonly name?: string
  /**
   * As the owner of the schema, for this statement alone, in the same message: for tables that belong to no tenant. The
   * tenant stays named, and the wall is forced on the owner too. Not for a transaction of one statement.
   */
  readonly asOwner?: boolean
}

export interface TransactOptions {
  /** Aborting rolls back, and ends the statement that is running. */
  readonly signal?: AbortSignal
  /** `work` asks one statement and no more: the transaction then takes one round trip to the server, not three. */
  readonly oneStatement?: boolean
  /** Everything that `work` reads is as it was when it first asked, and nothing can be changed. */
  readonly oneMoment?: boolean
}

export interface Database {
  /** Runs `work` as the tenant's role; commits what it resolves with, rolls back when it throws. */
  transact<Result>(
    tenantId: string,
    work: (transaction: Transaction) => Promise<Result>,
    options?: TransactOptions,
  ): Promise<Result>
}

/** A database that can hold work to a part of its tenant, by row-level security. */
export interface LimitableDatabase extends Database {
  /** Every transaction that `work`, and whatever it starts, opens shows only what is within reach. */
  limit(reach: Reach, work: () => void): void
}
