import type { Logger } from 'pino'
import { sweepExpired, type SweepDeps } from '../jobs/sweep-expired.ts'
import { createInvitations } from '../storage/invitations.ts'
import { periodically } from './periodically.ts'

const EVERY_MS = 3_600_000

/** Deletes what has expired, and wakes jobs that nobody else woke, every hour. */
export function openSweep({
  wake,
  deps,
  logger,
}: {
  readonly wake: () => Promise<void>
  readonly deps: Omit<SweepDeps, 'invitations'>
  readonly logger: Pick<Logger, 'error'>
}): { stop(): Promise<void> } {
  const invitations = createInvitations()
  return periodically(
    async (signal) => {
      await wake()
      await sweepExpired({ ...deps, invitations }, signal)
    },
    {
      everyMs: EVERY_MS,
      onError: (error) => logger.error({ error }, 'what has expired was not swept'),
    },
  )
}
