import type { AuditRecord } from './audit.ts'

/** Where sealed entries go beside the table. */
export interface AuditSink {
  /** Resolves when all of them are taken; what it rejects with is followed by another try, with the same or more. */
  deliver(records: readonly AuditRecord[], signal: AbortSignal): Promise<void>
  close(): Promise<void>
}
