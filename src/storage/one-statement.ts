import type pg from 'pg'
import type { Transaction } from '../core/ports/database.ts'
import type { Backend } from './backend.ts'
import { cancelStatement } from './cancel-statement.ts'
import { asDatabaseError } from './database-error.ts'
import { queryWithSettings } from './settled-query.ts'
import { keptPlanSettingsOf, settingsOf, type Within } from './tenant-settings.ts'

export interface OneStatementOptions {
  readonly client: pg.PoolClient
  readonly backend: Backend
  readonly within: Within
  readonly signal: AbortSignal | undefined
  readonly onQuery: ((text: string) => void) | undefined
}

/**
 * Runs `work`, whose one statement is a transaction of its own in one round trip. The client is let go of in any case;
 * after an error it is closed, because nobody knows how far the message got.
 */
export async function askOnce<Result>(
  { client, backend, within, signal, onQuery }: OneStatementOptions,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  let asked = false
  let running = false
  let broken = false
  let interrupting: Promise<void> | undefined
  const interrupt = () => {
    if (running) interrupting = cancelStatement(backend, client)
  }
  signal?.addEventListener('abort', interrupt, { once: true })
  const query: Transaction['query'] = async <Row extends object>(
    ...[text, values = [], { name, asOwner = false } = {}]: Parameters<Transaction['query']>
  ) => {
    if (asOwner) throw new Error('This transaction is one statement, and the tenant’s own')
    if (asked) throw new Error('This transaction was for one statement, and has had it')
    asked = true
    onQuery?.(text)
    // The embedded database has one session for all connections, in which names would meet.
    const isKept = name !== undefined && backend.kind === 'postgres'
    running = true
    try {
      const settings = isKept ? keptPlanSettingsOf(within) : settingsOf(within)
      const kept = isKept ? { name } : {}
      const { rows } = await queryWithSettings(client, { settings, text, values, ...kept })
      return rows as readonly Row[]
    } catch (error) {
      broken = true
      throw asDatabaseError(error)
    } finally {
      running = false
    }
  }
  const last = () => {
    throw new Error('This transaction is one statement: nothing goes with its commit')
  }
  try {
    return await work({ tenantId: within.tenantId, query, last })
  } finally {
    signal?.removeEventListener('abort', interrupt)
    // Else the order to stop could reach what is asked next on this connection.
    await interrupting
    client.release(broken)
  }
}
