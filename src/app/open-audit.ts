import type { Logger } from 'pino'
import type { Metrics } from '../core/ports/metrics.ts'
import { createAuditNotes } from '../http/audit-notes.ts'
import { createDeeds } from '../http/deeds.ts'
import { createAuditLog } from '../storage/audit-log.ts'
import { createAuditOutbox } from '../storage/audit-outbox.ts'
import { createAuditSeals } from '../storage/audit-seals.ts'
import type { Backend } from '../storage/backend.ts'
import { createDatabase } from '../storage/database.ts'
import { createAuditSink } from './audit-sinks.ts'
import { startAuditWork } from './audit-work.ts'
import type { Config } from './config.ts'

/** A database whose deeds leave an entry, and what seals the entries and hands them on. */
export function openAudit(
  settings: Config['audit'],
  {
    backend,
    logger,
    metrics,
    stdout,
  }: {
    readonly backend: Backend
    readonly logger: Logger
    readonly metrics: Metrics
    readonly stdout: NodeJS.WritableStream | null
  },
) {
  const auditWork = startAuditWork({
    seals: createAuditSeals(backend.pool),
    outbox: createAuditOutbox(backend.pool),
    sink: createAuditSink(settings, stdout),
    keep: settings.sink !== 'none',
    alone: backend.kind === 'pglite',
    batchSize: settings.batchSize,
    claimSeconds: settings.timeoutSeconds * 2 + 60,
    logger,
  })
  metrics.gauge(
    {
      name: 'ragstone_audit_pending_entries',
      help: 'Entries of the audit log that have no place in the chain yet, and that the sink has not taken; at most 100000.',
      labels: ['waits_for'],
    },
    () => {
      const { unsealed, undelivered } = auditWork.state()
      return [
        [{ waits_for: 'seal' }, unsealed],
        [{ waits_for: 'sink' }, undelivered],
      ]
    },
  )
  metrics.gauge(
    { name: 'ragstone_audit_sink_failures', help: 'Tries of the sink that failed in a row.' },
    () => [[{}, auditWork.state().failures ?? 0]],
  )
  const plain = {
    database: createDatabase(backend),
    auditLog: createAuditLog({ onAppend: auditWork.wake }),
  }
  // Notes are nobody's deed.
  const auditNotes = createAuditNotes({ ...plain, logger })
  return { ...createDeeds(plain), auditNotes, auditWork }
}
