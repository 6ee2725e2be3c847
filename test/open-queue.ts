import type { ExecuteSql } from '../src/queue/execute-sql.ts'
import { createQueue, type JobQueue, type QueueOptions } from '../src/queue/pg-boss.ts'
import type { Backend } from '../src/storage/backend.ts'
import { openSignals, type OpenSignals } from '../src/storage/signals.ts'

export interface OpenedQueue extends JobQueue {
  readonly signals: OpenSignals
}

/** A queue of these kinds of jobs with signals of its own, started. Stopping it ends the signals too. */
export async function openQueue(
  backend: Backend,
  options: Partial<QueueOptions> & Pick<QueueOptions, 'jobs'>,
): Promise<OpenedQueue> {
  const signals = openSignals(backend)
  const queue = createQueue({
    executeSql: executeSqlOn(backend),
    kind: backend.kind,
    signals,
    onError: () => undefined,
    ...options,
  })
  await queue.start()
  return {
    ...queue,
    signals,
    async stop(limits) {
      await queue.stop(limits)
      await signals.close()
    },
  }
}

export const executeSqlOn =
  ({ pool }: Backend): ExecuteSql =>
  (text, values) =>
    pool.query(text, values)
