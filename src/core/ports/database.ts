/** One open transaction of one tenant: row-level security is on, and every query also says `tenant_id`. */
export interface Transaction {
  readonly tenantId: string
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
}

export interface TransactOptions {
  /** Aborting rolls back, and ends the statement that is running. */
  readonly signal?: AbortSignal
}

export interface Database {
  /** Runs `work` as the tenant's role; commits what it resolves with, rolls back when it throws. */
  transact<Result>(
    tenantId: string,
    work: (transaction: Transaction) => Promise<Result>,
    options?: TransactOptions,
  ): Promise<Result>
}
