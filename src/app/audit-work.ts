import type { Logger } from 'pino'
import type { AuditSink } from '../core/ports/audit-sink.ts'
import type { AuditOutbox } from '../storage/audit-outbox.ts'
import type { AuditSeals } from '../storage/audit-seals.ts'

export interface AuditWork {
  /** Entries were written: they are sealed within about a second. */
  readonly wake: () => void
  /** What is written so far is sealed, and told as far as the sink takes it. */
  stop(): Promise<void>
}

export interface AuditWorkDeps {
  readonly seals: AuditSeals
  readonly outbox: AuditOutbox
  readonly sink: AuditSink | null
  readonly batchSize: number
  /** How long a batch may be on its way before another server sends it too. */
  readonly claimSeconds: number
  readonly logger: Logger
  readonly timing?: { readonly soonMs: number; readonly everyMs: number; readonly mostMs: number }
}

const SEALED_AT_ONCE = 500
/** `everyMs` finds what another server left behind; `mostMs` is the longest wait for a sink that is away. */
const TIMING = { soonMs: 1_000, everyMs: 30_000, mostMs: 60_000 }

/** Seals entries in batches behind the writes, and hands them to the sink. */
export function startAuditWork({
  seals,
  outbox,
  sink,
  batchSize,
  claimSeconds,
  logger,
  timing = TIMING,
}: AuditWorkDeps): AuditWork {
  const stopping = new AbortController()
  let failures = 0
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | null = null
  let due = Infinity

  const seal = async (): Promise<void> => {
    for (;;) {
      const sealed = await seals.seal(SEALED_AT_ONCE, { keep: sink !== null })
      if (sealed < SEALED_AT_ONCE) return
    }
  }
  const deliver = async (to: AuditSink): Promise<void> => {
    while (!stopping.signal.aborted) {
      const records = await outbox.claim(batchSize, claimSeconds)
      if (records.length === 0) return
      const ids = records.map(({ id }) => id)
      try {
        await to.deliver(records, stopping.signal)
      } catch (error) {
        await outbox.release(ids)
        throw error
      }
      await outbox.remove(ids)
      failures = 0
    }
  }
  let cleared = false
  const run = async (): Promise<void> => {
    try {
      await seal()
      if (sink !== null) await deliver(sink)
      else if (!cleared) await outbox.clear()
      cleared = true
      plan(timing.everyMs)
    } catch (error) {
      failures += 1
      const wait = Math.min(timing.mostMs, timing.soonMs * 2 ** failures)
      logger.error(
        { err: error, failures },
        'the audit log was not sealed or not handed on; again soon',
      )
      plan(wait * (0.5 + Math.random() / 2))
    }
  }
  function plan(afterMs: number): void {
    const at = Date.now() + afterMs
    if (stopping.signal.aborted || at >= due) return
    if (timer !== null) clearTimeout(timer)
    due = at
    timer = setTimeout(() => {
      due = Infinity
      running = running.then(run)
    }, afterMs).unref()
  }

  plan(0)
  return {
    // A sink that is away is not asked more often because there is more for it.
    wake: () => plan(failures === 0 ? timing.soonMs : timing.mostMs),
    async stop() {
      if (timer !== null) clearTimeout(timer)
      due = 0
      stopping.abort()
      await running
      await seal().catch((error: unknown) =>
        logger.error({ err: error }, 'the audit log was not sealed'),
      )
      await sink?.close()
    },
  }
}
