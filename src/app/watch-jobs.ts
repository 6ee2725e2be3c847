import type { Logger } from 'pino'
import type { Metrics } from '../core/ports/metrics.ts'
import type { JobEvent } from '../queue/job-event.ts'

const LEVELS: Readonly<Record<JobEvent['type'], 'debug' | 'info' | 'warn'>> = {
  'job-begun': 'debug',
  'job-buried': 'warn',
  'job-completed': 'debug',
  'job-deferred': 'info',
  'job-handed-back': 'info',
  'job-lost': 'warn',
  'job-parked': 'info',
  'job-retried': 'warn',
  'job-withdrawn': 'info',
}
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]

/** Logs and counts what becomes of the attempts of this process. */
export function createJobWatch({
  logger,
  metrics,
}: {
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn'>
  readonly metrics: Pick<Metrics, 'counter' | 'histogram'>
}): (event: JobEvent) => void {
  const attempts = metrics.counter<'fate' | 'kind'>({
    name: 'ragstone_job_attempts_total',
    help: 'Attempts at jobs that ended in this process, by what became of them.',
    labels: ['kind', 'fate'],
  })
  const durations = metrics.histogram<'fate' | 'kind'>({
    name: 'ragstone_job_attempt_seconds',
    help: 'How long attempts at jobs took in this process.',
    labels: ['kind', 'fate'],
    buckets: SECONDS,
  })
  return (event) => {
    logger[LEVELS[event.type]](event, event.type)
    if (event.type === 'job-begun') return
    const labels = { kind: event.kind, fate: event.type.slice('job-'.length) }
    attempts.add(labels)
    durations.observe(labels, event.seconds)
  }
}
