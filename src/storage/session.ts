import type pg from 'pg'
import type { Transaction } from '../core/ports/database.ts'
import type { Backend } from './backend.ts'
import { cancelStatement } from './cancel-statement.ts'
import { asDatabaseError, isConnectionLost } from './database-error.ts'
import { withLiterals } from './with-literals.ts'

/** One client for the length of one transaction. */
export interface Session {
  /** One statement at a time, in the order of the calls. Refused once the transaction is over. */
  readonly query: Transaction['query']
  /** Kept until the commit, and sent with it. */
  readonly last: Transaction['last']
  /** When it rejects, `rollback` is still to be called. */
  commit(): Promise<void>
  /** Never rejects. Interrupting asks the server to end the statement that is running. */
  rollback(options: { readonly interrupt: boolean }): Promise<void>
}

export interface SessionOptions {
  readonly client: pg.PoolClient
  readonly backend: Backend
  readonly onQuery: ((text: string) => void) | undefined
  /** Begins the transaction and makes it its tenant's own, in one message. */
  readonly opening: string
}

/**
 * Borrows the owner's role for one statement. One that fails has aborted the transaction: PostgreSQL then refuses every
 * further statement as whatever role, and a commit becomes a roll-back, so the role cannot outlive the failure.
 */
const owned = (text: string): string => `
  select set_config('ragstone.own_role', current_setting('role'), true), set_config('role', 'none', true);
  ${text};
  select set_config('role', current_setting('ragstone.own_role'), true)`

/** Begins with the first statement: where everything goes with the commit, all of it is one message. */
export function openSession({ client, backend, onQuery, opening }: SessionOptions): Session {
  let begun: Promise<unknown> | null = null
  let over = false
  let running = 0
  let before: Promise<unknown> = Promise.resolve()
  const lasts: { readonly text: string; readonly told: ((rows: number) => void) | undefined }[] = []

  /** One result a statement: there may be several in one message. */
  async function send(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly pg.QueryResult[]> {
    onQuery?.(text)
    running += 1
    try {
      return [await client.query(text, values as unknown[] | undefined)].flat()
    } catch (error) {
      throw asDatabaseError(error)
    } finally {
      running -= 1
    }
  }

  /** Where it failed nothing is ever asked: it would be asked outside of the tenant. */
  function begin(): Promise<unknown> {
    begun ??= send(opening)
    return begun
  }

  /** After everything asked before it, however that went. */
  function inTurn<Value>(ask: () => Promise<Value>): Promise<Value> {
    const turn = before.then(ask)
    before = turn.catch(() => undefined)
    return turn
  }

  function insistOpen(): void {
    if (over) throw new Error('This transaction is over; nothing can be asked in it any longer')
  }

  return {
    async query<Row extends object>(
      ...[text, values = [], { asOwner = false } = {}]: Parameters<Transaction['query']>
    ) {
      insistOpen()
      const results = await inTurn(async () => {
        insistOpen()
        await begin()
        insistOpen()
        return asOwner ? send(owned(withLiterals(text, values))) : send(text, values)
      })
      return (results.at(asOwner ? 1 : -1)?.rows ?? []) as readonly Row[]
    },

    last(text, values, told) {
      insistOpen()
      lasts.push({ text: withLiterals(text, values), told })
    },

    async commit() {
      over = true
      const results = await inTurn(async () => {
        const texts = [...lasts.map(({ text }) => text), 'commit']
        if (begun !== null) {
          await begun
          return send(texts.join('; '))
        }
        if (lasts.length === 0) return null
        const all = send([opening, ...texts].join('; '))
        begun = all
        return all
      })
      if (results === null) return client.release()
      // PostgreSQL answers ROLLBACK when a statement failed and its error was swallowed.
      if (results.at(-1)?.command !== 'COMMIT')
        throw new Error('A statement of this transaction failed, so nothing of it was kept')
      client.release()
      const changed = results.slice(-1 - lasts.length)
      lasts.forEach(({ told }, index) => told?.(changed[index]?.rowCount ?? 0))
    },

    async rollback({ interrupt }) {
      over = true
      if (interrupt && running > 0) await cancelStatement(backend, client)
      try {
        await inTurn(async () => (begun === null ? [] : send('rollback')))
        client.release()
      } catch (error) {
        client.release(isConnectionLost(error) ? true : error instanceof Error ? error : true)
      }
    },
  }
}
