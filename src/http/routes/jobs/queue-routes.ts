import { queueQuery, queueReport, type WireQueue } from '../../../contract/job.ts'
import type { WorkerRecord } from '../../../core/ports/jobs.ts'
import { requireScope } from '../../authorization.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { unixSeconds } from '../../unix-seconds.ts'

export function queueRoutes(app: Routes, { jobs }: RouteDeps): void {
  app.get(
    '/api/queue',
    {
      schema: {
        tags: ['Jobs'],
        summary: 'How full the queue is',
        description:
          'How many jobs wait, how old the oldest is, how many are completed a minute, and whether anybody works on them. Of your tenant; with `tenants=all` of every one, with the heartbeats of the workers.',
        querystring: queueQuery,
        response: { 200: queueReport },
      },
      config: { scope: 'read' },
    },
    async ({ principal, query }) => {
      const isAll = query.tenants === 'all'
      if (isAll) requireScope(principal, 'operator')
      const states = await jobs.queues(isAll ? null : principal.tenantId)
      const workers = await jobs.workers()
      return {
        object: 'queue' as const,
        kinds: states.map((state) => ({
          kind: state.kind,
          queued: state.queued,
          retrying: state.retrying,
          suspended: state.suspended,
          running: state.running,
          dead: state.dead,
          oldest_seconds: state.oldestSeconds,
          completed_per_minute: state.completedPerMinute,
          mean_seconds: state.meanSeconds,
        })),
        workers_alive: workers.filter(({ status }) => status === 'alive').length,
        workers: isAll ? workers.map(wireWorker) : null,
      }
    },
  )
}

function wireWorker(worker: WorkerRecord): NonNullable<WireQueue['workers']>[number] {
  const { id, kind, status, host, pid, version, slots, running, startedAt, seenAt } = worker
  return {
    id,
    kind,
    status,
    host,
    pid,
    version,
    slots,
    running: [...running],
    started_at: unixSeconds(startedAt),
    seen_at: unixSeconds(seenAt),
  }
}
