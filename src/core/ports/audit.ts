import type { Caller } from '../caller.ts'
import type { Transaction } from './database.ts'

/** Who did it. `operator` is whoever owns the machine, `system` the server by itself. */
export interface AuditActor {
  readonly kind: 'anonymous' | 'key' | 'operator' | 'service' | 'system' | 'user'
  readonly id: string | null
}

export type AuditOutcome = 'done' | 'failed' | 'refused'

/** One thing that somebody did, or was refused. */
export interface AuditEntry {
  /** Noun and verb: `api_key.create`, `file.delete`, `question.ask`, `session.refuse`. */
  readonly action: string
  readonly actor: AuditActor
  /** What it was done to, by id. */
  readonly target: string | null
  readonly outcome: AuditOutcome
  readonly requestId: string | null
  readonly address: string | null
  /** Small plain values; never a secret, and no text of a document. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** In place of a tenant: the log of what belongs to none, such as starts of the server and keys that nobody knows. */
export const SERVER_LOG = 'server'

/** What the server does by itself, asked by nobody. */
export const SYSTEM = {
  actor: { kind: 'system', id: null },
  outcome: 'done',
  requestId: null,
  address: null,
} as const satisfies Partial<AuditEntry>

/** Append-only, for the application's role too. Appending costs no round trip: the entry goes with the commit. */
export interface AuditLog {
  /** Kept or lost with the transaction that does the thing. */
  append(transaction: Transaction, entry: AuditEntry): Promise<void>
  /** Only if the transaction changes something; `told` hears after the commit whether it did. */
  appendIfChanged(
    transaction: Transaction,
    entry: AuditEntry,
    told: (appended: boolean) => void,
  ): void
}

/** What is known of a question when its answer has ended. */
export interface AskedQuestion {
  readonly answerId: string
  readonly caller: Caller
  readonly question: string
  readonly vectorStoreIds: readonly string[]
  readonly model: string
  readonly outcome: 'abstained' | 'answered' | 'cancelled' | 'failed'
}

/** What writes a question into the audit log, within the transaction that keeps the rest of it. */
export type NoteQuestion = (
  tenantId: string,
  asked: AskedQuestion,
) => Promise<(transaction: Transaction) => Promise<void>>

/** An entry as it is kept. */
export interface AuditRecord extends AuditEntry {
  readonly tenantId: string
  readonly id: string
  /** UTC, to the microsecond: `2026-11-21T08:00:00.000000Z`. */
  readonly at: string
  /** Its place in its tenant's chain, from 1; null until it is sealed, a moment after it was written. */
  readonly seal: { readonly position: number; readonly hash: string } | null
}

export interface AuditFilter {
  readonly action: string | null
  readonly actorId: string | null
  readonly target: string | null
  readonly outcome: AuditOutcome | null
  readonly requestId: string | null
  readonly address: string | null
  readonly since: Date | null
  readonly until: Date | null
}
