import type { Transaction } from './database.ts'

/** What has just happened to jobs and documents. A hint: it may be lost, and whoever misses it finds the same in the database. */
export type Signal =
  | { readonly type: 'job-sent' }
  /** Which spaces there are, or which one serves. */
  | { readonly type: 'embedding-changed' }
  | { readonly type: 'job-cancelled'; readonly jobId: string }
  | {
      readonly type: 'document-changed'
      readonly tenantId: string
      readonly vectorStoreId: string
      readonly fileId: string
    }
  /** Documents of the store came or went by themselves: what was kept of its answers may be of yesterday. */
  | {
      readonly type: 'documents-changed'
      readonly tenantId: string
      readonly vectorStoreId: string
    }
  | {
      readonly type: 'sync-changed'
      readonly tenantId: string
      readonly vectorStoreId: string
      readonly sourceId: string
      readonly syncId: string
    }

/** Between all processes of one database. */
export interface Signals {
  /** Heard when the transaction is committed. */
  announce(transaction: Transaction, signal: Signal): void
  /** Gives the way to stop listening. */
  listen(listener: (signal: Signal) => void): () => void
}
