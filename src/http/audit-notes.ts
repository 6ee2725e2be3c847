import type { FastifyBaseLogger } from 'fastify'
import type { AuditEntry, AuditLog } from '../core/ports/audit.ts'
import type { Database } from '../core/ports/database.ts'

/** Entries that no transaction carries: nothing was changed, or it was refused. Written in batches, behind the answer. */
export interface AuditNotes {
  note(tenantId: string, entry: AuditEntry): void
  /** Resolves when everything noted so far is in the log, or has been told as lost. */
  flush(): Promise<void>
  /** The same, with the refusals that were only being counted. */
  close(): Promise<void>
}

const WAIT_MS = 200
/** Refusals of one kind are an entry at once, then one for all that come in this time. */
const WINDOW_MS = 60_000
const MOST_WINDOWS = 1_000
/** While the database is away. */
const MOST_WAITING = 10_000

interface Note {
  readonly tenantId: string
  readonly entry: AuditEntry
}

interface Window {
  readonly since: number
  more: number
  last: Note
}

export function createAuditNotes({
  database,
  auditLog,
  logger,
  now = Date.now,
}: {
  readonly database: Database
  readonly auditLog: AuditLog
  readonly logger: FastifyBaseLogger
  readonly now?: () => number
}): AuditNotes {
  let waiting: Note[] = []
  let timer: NodeJS.Timeout | null = null
  let due = 0
  let running: Promise<void> = Promise.resolve()
  const windows = new Map<string, Window>()

  const start = (afterMs: number): void => {
    const at = Date.now() + afterMs
    if (timer !== null && at >= due) return
    if (timer !== null) clearTimeout(timer)
    due = at
    timer = setTimeout(() => {
      timer = null
      void flush()
    }, afterMs).unref()
  }

  const add = (note: Note): void => {
    waiting.push(note)
    start(WAIT_MS)
  }

  /** A flood of refusals becomes a few entries that say how many they were. */
  const count = (note: Note): void => {
    const name = windowOf(note)
    const key = windows.has(name) || windows.size < MOST_WINDOWS ? name : note.tenantId
    const window = windows.get(key)
    if (window === undefined) {
      windows.set(key, { since: now(), more: 0, last: note })
      add(note)
      return
    }
    window.more += 1
    window.last = note
    start(WINDOW_MS)
  }

  const closeWindows = (before: number): void => {
    for (const [key, { since, more, last }] of windows) {
      if (since > before) continue
      windows.delete(key)
      if (more === 0) continue
      const { entry, tenantId } = last
      waiting.push({ tenantId, entry: { ...entry, detail: { ...entry.detail, times: more } } })
    }
    if (windows.size > 0) start(WINDOW_MS)
  }

  const write = async (): Promise<void> => {
    closeWindows(now() - WINDOW_MS)
    const batch = waiting
    waiting = []
    for (const [tenantId, notes] of Map.groupBy(batch, (note) => note.tenantId)) {
      try {
        await database.transact(tenantId, async (transaction) => {
          for (const { entry } of notes) await auditLog.append(transaction, entry)
        })
      } catch (error) {
        waiting.push(...notes)
        logger.error({ err: error, entries: notes.length }, 'the audit log could not be written to')
      }
    }
    if (waiting.length === 0) return
    const lost = waiting.splice(0, Math.max(0, waiting.length - MOST_WAITING))
    for (const note of lost) logger.fatal({ ...note }, 'an entry of the audit log was lost')
    start(WINDOW_MS / 30)
  }

  const flush = (): Promise<void> => {
    running = running.then(write)
    return running
  }

  return {
    note(tenantId, entry) {
      const note = { tenantId, entry }
      if (entry.outcome === 'done') add(note)
      else count(note)
    },
    flush,
    async close() {
      if (timer !== null) clearTimeout(timer)
      closeWindows(Infinity)
      await flush()
      if (timer !== null) clearTimeout(timer)
      for (const note of waiting) logger.fatal({ ...note }, 'an entry of the audit log was lost')
    },
  }
}

function windowOf({ tenantId, entry }: Note): string {
  const { action, actor, outcome, address, detail } = entry
  return JSON.stringify([tenantId, action, actor.kind, actor.id, outcome, address, detail['code']])
}
