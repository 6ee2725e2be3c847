import { AsyncLocalStorage } from 'node:async_hooks'
import type { AuditEntry, AuditLog } from '../core/ports/audit.ts'
import type { LimitableDatabase, Transaction } from '../core/ports/database.ts'

/** What one request does, from the moment it may until its answer is sent. */
export interface Deed {
  readonly tenantId: string
  /** As the log shall have it when it is done. */
  entry(): AuditEntry
  /** False where the pipeline writes down what was done: a question's outcome is known there. */
  readonly byTransaction: boolean
  /** Whether the log has it. */
  noted: boolean
  over: boolean
}

export interface Deeds {
  readonly database: LimitableDatabase
  readonly auditLog: AuditLog
  /** Everything that `work` leads to is part of the deed. */
  readonly during: (deed: Deed, work: () => void) => void
}

/**
 * The same database and log; but the first transaction of a deed that changes something also writes the deed into
 * the audit log: no route has to think of it, and neither is there without the other. A handler that appends an entry
 * of its own has noted its deed.
 */
export function createDeeds(deps: {
  readonly database: LimitableDatabase
  readonly auditLog: AuditLog
}): Deeds {
  const current = new AsyncLocalStorage<Deed>()
  const { database, auditLog } = deps
  const appended = new WeakSet<Transaction>()

  return {
    during: (deed, work) => current.run(deed, work),
    auditLog: {
      ...auditLog,
      append(transaction, entry) {
        appended.add(transaction)
        return auditLog.append(transaction, entry)
      },
    },
    database: {
      limit: (reach, work) => database.limit(reach, work),
      async transact(tenantId, work, options) {
        const deed = current.getStore()
        const isOne = options?.oneStatement === true
        if (deed === undefined || deed.over || deed.noted || isOne)
          return database.transact(tenantId, work, options)
        let own = false
        const result = await database.transact(
          tenantId,
          async (transaction) => {
            const made = await work(transaction)
            own = appended.has(transaction)
            const isDue = !own && !deed.noted && deed.byTransaction && deed.tenantId === tenantId
            if (isDue) {
              auditLog.appendIfChanged(transaction, deed.entry(), (changed) => {
                deed.noted ||= changed
              })
            }
            return made
          },
          options,
        )
        if (own) deed.noted = true
        return result
      },
    },
  }
}
