import type { Logger } from 'pino'
import type { AuditSink } from '../core/ports/audit-sink.ts'
import type { AuditBacklog, AuditOutbox } from '../storage/audit-outbox.ts'
import type { AuditSeals } from '../storage/audit-seals.ts'
import { takeTurns, type TurnTiming } from './turns.ts'

export interface AuditState extends AuditBacklog {
  /** Tries of the sink that failed in a row; null where there is no sink. */
  readonly failures: number | null
}

export interface AuditWork {
  /** Entries were written: they are sealed within about a second. */
  readonly wake: () => void
  /** As it was when it was last looked at: after every turn of the work. */
  readonly state: () => AuditState
  /** What is written so far is sealed, and told as far as the sink takes it in a moment. */
  stop(): Promise<void>
}

export interface AuditWorkDeps {
  readonly seals: AuditSeals
  readonly outbox: AuditOutbox
  readonly sink: AuditSink | null
  /** Whether what is sealed waits for a sink: for one that another process has, where there is none here. */
  readonly keep: boolean
  /** Nobody else has this database open: what was on its way when a process died is nobody's. */
  readonly alone: boolean
  readonly batchSize: number
  /** How long a batch may be on its way before another server sends it too. */
  readonly claimSeconds: number
  readonly logger: Logger
  readonly timing?: TurnTiming & { readonly graceMs: number }
}

const SEALED_AT_ONCE = 500
/** `everyMs` finds what another server left behind; `graceMs` is what the sink is given at the end. */
const TIMING = { soonMs: 1_000, everyMs: 30_000, mostMs: 60_000, graceMs: 3_000 }

/** Seals entries in batches behind the writes, and hands them to the sink: neither waits for the other. */
export function startAuditWork(deps: AuditWorkDeps): AuditWork {
  const { outbox, sink, logger, timing = TIMING } = deps
  const giveUp = new AbortController()
  let backlog: AuditBacklog = { unsealed: 0, undelivered: 0, oldest: null }
  const look = async (): Promise<void> => {
    backlog = await outbox.backlog()
  }

  const seal = async (): Promise<void> => {
    for (;;) {
      const sealed = await deps.seals.seal(SEALED_AT_ONCE, { keep: deps.keep })
      // Another server is at it, and may have looked before the last entries were there.
      if (sealed === null) return sealing.wake()
      if (sealed < SEALED_AT_ONCE) return
    }
  }
  let isReclaimed = !deps.alone
  const deliver = async (to: AuditSink): Promise<void> => {
    if (!isReclaimed) await outbox.reclaim()
    isReclaimed = true
    while (!giveUp.signal.aborted) {
      const records = await outbox.claim(deps.batchSize, deps.claimSeconds)
      if (records.length === 0) return
      const ids = records.map(({ id }) => id)
      try {
        await to.deliver(records, giveUp.signal)
      } catch (error) {
        await outbox.release(ids)
        throw error
      }
      await outbox.remove(ids)
    }
  }

  const delivering =
    sink === null
      ? null
      : takeTurns(
          async () => {
            try {
              await deliver(sink)
            } finally {
              await look()
            }
          },
          {
            timing,
            onError: (error, failures) =>
              logger.error({ err: error, failures }, 'the audit log was not handed on; again soon'),
          },
        )
  let isCleared = deps.keep
  const sealing = takeTurns(
    async () => {
      await seal()
      if (!isCleared) await outbox.clear()
      isCleared = true
      delivering?.wake()
      await look()
    },
    {
      timing,
      onError: (error, failures) =>
        logger.error({ err: error, failures }, 'the audit log was not sealed; again soon'),
    },
  )

  return {
    wake: () => sealing.wake(),
    state: () => ({ ...backlog, failures: delivering?.failures ?? null }),
    async stop() {
      await sealing.stop()
      const told = (error: unknown) =>
        logger.error({ err: error }, 'the audit log is left to the next start')
      await seal().catch(told)
      if (sink === null || delivering === null) return
      const isAway = delivering.failures > 0
      const timer = setTimeout(() => giveUp.abort(), isAway ? 0 : timing.graceMs)
      await delivering.stop()
      if (delivering.failures === 0) await deliver(sink).catch(told)
      clearTimeout(timer)
      await sink.close()
    },
  }
}
