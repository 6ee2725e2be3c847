import type { AuditProblem, ChainPage } from '../core/audit-proof.ts'
import type { AuditFilter, AuditRecord } from '../core/ports/audit.ts'
import type { Transaction } from '../core/ports/database.ts'
import type { Cursor } from '../core/ports/files.ts'
import type { AuditNotes } from './audit-notes.ts'
import type { Deeds } from './deeds.ts'

/** What the application needs to fill the audit log, and to show it. */
export interface HttpAudit extends Pick<Deeds, 'during'> {
  readonly notes: AuditNotes
  readonly records: {
    list(
      transaction: Transaction,
      cursor: Cursor,
      filter: AuditFilter,
    ): Promise<readonly AuditRecord[]>
  }
  /** Links of one log's chain behind that position, at most so many. */
  readonly chain: (tenantId: string, after: number, limit: number) => Promise<ChainPage>
  /** Of one log against its chain; `expect` is a hash that must be in it. */
  readonly verify: (tenantId: string, expect: string | null) => Promise<AuditReport>
}

interface AuditReport {
  readonly problems: readonly AuditProblem[]
  readonly sealed: number
  readonly waiting: number
  readonly head: { readonly position: number; readonly hash: string }
}
