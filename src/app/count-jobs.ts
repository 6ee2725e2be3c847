import type { Jobs, QueueState, WorkerRecord } from '../core/ports/jobs.ts'
import type { Metrics } from '../core/ports/metrics.ts'
import { periodically } from './periodically.ts'

const LOOK_EVERY_MS = 10_000

/** Shows the queue and its workers among the metrics, as they were a moment ago. */
export function countJobs(deps: {
  readonly jobs: Pick<Jobs, 'queues' | 'workers'>
  readonly metrics: Pick<Metrics, 'gauge'>
  readonly onError: (error: unknown) => void
}): { stop(): Promise<void> } {
  const { jobs, metrics, onError } = deps
  let queues: readonly QueueState[] = []
  let workers: readonly WorkerRecord[] = []
  metrics.gauge<'kind' | 'status'>(
    {
      name: 'ragstone_jobs',
      help: 'Jobs of all tenants, by what they wait for.',
      labels: ['kind', 'status'],
    },
    () =>
      queues.flatMap((queue) =>
        (['queued', 'retrying', 'suspended', 'running', 'dead'] as const).map(
          (status) => [{ kind: queue.kind, status }, queue[status]] as const,
        ),
      ),
  )
  metrics.gauge<'kind'>(
    {
      name: 'ragstone_jobs_oldest_seconds',
      help: 'Age of the oldest job that is due; 0 where none is.',
      labels: ['kind'],
    },
    () => queues.map(({ kind, oldestSeconds }) => [{ kind }, oldestSeconds ?? 0] as const),
  )
  metrics.gauge<'kind'>(
    {
      name: 'ragstone_jobs_completed_per_minute',
      help: 'Jobs completed a minute by all workers, in the last five minutes.',
      labels: ['kind'],
    },
    () => queues.map(({ kind, completedPerMinute }) => [{ kind }, completedPerMinute] as const),
  )
  metrics.gauge<'status'>(
    {
      name: 'ragstone_workers',
      help: 'Processes that work on jobs, by what their heartbeats say.',
      labels: ['status'],
    },
    () =>
      (['alive', 'stopping', 'lost'] as const).map(
        (status) =>
          [{ status }, workers.filter((worker) => worker.status === status).length] as const,
      ),
  )
  metrics.gauge(
    {
      name: 'ragstone_workers_heartbeat_age_seconds',
      help: 'Since the last heartbeat of the worker that was not heard of for longest.',
    },
    () => {
      const seen = workers.map(({ seenAt }) => (Date.now() - seenAt.getTime()) / 1000)
      return seen.length === 0 ? [] : [[{}, Math.max(0, ...seen)] as const]
    },
  )
  return periodically(
    async () => {
      queues = await jobs.queues(null)
      workers = await jobs.workers()
    },
    { everyMs: LOOK_EVERY_MS, onError },
  )
}
