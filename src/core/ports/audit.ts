import type { Transaction } from './database.ts'

/** Who did it. `operator` is whoever owns the machine, `system` the server by itself. */
export interface AuditActor {
  readonly kind: 'anonymous' | 'key' | 'operator' | 'service' | 'system' | 'user'
  readonly id: string | null
}

/** One thing that somebody did, or was refused. */
export interface AuditEntry {
  /** Noun and verb: `api_key.create`, `file.delete`, `question.ask`, `session.refuse`. */
  readonly action: string
  readonly actor: AuditActor
  /** What it was done to, by id. */
  readonly target: string | null
  readonly outcome: 'done' | 'failed' | 'refused'
  readonly requestId: string | null
  readonly address: string | null
  /** Small plain values; never a secret, and no text of a document. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** Append-only, for the application's role too. */
export interface AuditLog {
  /** Kept or lost with the transaction that does the thing. */
  append(transaction: Transaction, entry: AuditEntry): Promise<void>
}
