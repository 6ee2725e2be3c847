import type { Transaction } from './database.ts'

/** What has just happened to jobs. A hint: it may be lost, and whoever misses it finds the same in the database. */
export type Signal =
  | { readonly type: 'job-sent' }
  | { readonly type: 'job-cancelled'; readonly jobId: string }
  | {
      readonly type: 'document-changed'
      readonly tenantId: string
      readonly vectorStoreId: string
      readonly fileId: string
    }

/** Between all processes of one database. */
export interface Signals {
  /** Heard when the transaction is committed. */
  announce(transaction: Transaction, signal: Signal): void
  /** Gives the way to stop listening. */
  listen(listener: (signal: Signal) => void): () => void
}
