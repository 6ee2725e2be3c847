import type pg from 'pg'
import type { Transaction } from '../core/ports/database.ts'
import type { Backend } from './backend.ts'
import { cancelStatement } from './cancel-statement.ts'
import { asDatabaseError, isConnectionLost } from './database-error.ts'

/** One client for the length of one transaction. */
export interface Session {
  /** One statement at a time, in the order of the calls. Refused once the transaction is over. */
  readonly query: Transaction['query']
  /** When it rejects, `rollback` is still to be called. */
  commit(): Promise<void>
  /** Never rejects. Interrupting asks the server to end the statement that is running. */
  rollback(options: { readonly interrupt: boolean }): Promise<void>
}

export interface SessionOptions {
  readonly client: pg.PoolClient
  readonly backend: Backend
  readonly onQuery: ((text: string) => void) | undefined
}

export function openSession({ client, backend, onQuery }: SessionOptions): Session {
  let over = false
  let running = 0
  let last: Promise<unknown> = Promise.resolve()

  async function send(text: string, values?: readonly unknown[]): Promise<pg.QueryResult> {
    onQuery?.(text)
    running += 1
    try {
      return await client.query(text, values as unknown[] | undefined)
    } catch (error) {
      throw asDatabaseError(error)
    } finally {
      running -= 1
    }
  }

  /** After everything asked before it, however that went. */
  function inTurn<Value>(ask: () => Promise<Value>): Promise<Value> {
    const turn = last.then(ask)
    last = turn.catch(() => undefined)
    return turn
  }

  return {
    async query<Row extends object>(text: string, values?: readonly unknown[]) {
      const insistOpen = () => {
        if (over) throw new Error('This transaction is over; nothing can be asked in it any longer')
      }
      insistOpen()
      const { rows } = await inTurn(() => {
        insistOpen()
        return send(text, values)
      })
      return rows as readonly Row[]
    },

    async commit() {
      over = true
      const { command } = await inTurn(() => send('commit'))
      // PostgreSQL answers ROLLBACK when a statement failed and its error was swallowed.
      if (command !== 'COMMIT')
        throw new Error('A statement of this transaction failed, so nothing of it was kept')
      client.release()
    },

    async rollback({ interrupt }) {
      over = true
      if (interrupt && running > 0) await cancelStatement(backend, client)
      try {
        await inTurn(() => send('rollback'))
        client.release()
      } catch (error) {
        client.release(isConnectionLost(error) ? true : error instanceof Error ? error : true)
      }
    },
  }
}
