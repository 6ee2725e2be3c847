import type { CliDeps } from './deps.ts'
import { excerpt, line, moment, size, table } from './terminal.ts'

type Stream = CliDeps['stdout']

/** As the server says it. */
export interface Job {
  readonly id: string
  readonly kind: string
  readonly tenant_id: string
  readonly status: string
  readonly priority: string
  readonly vector_store_id: string | null
  readonly file_id: string | null
  readonly filename: string | null
  readonly attempts: number
  readonly max_attempts: number
  readonly last_error: Failure | null
  readonly errors: readonly Failure[]
  readonly created_at: number
  readonly due_at: number | null
  readonly finished_at: number | null
  readonly worker_id: string | null
  readonly progress: Progress | null
}

interface Failure {
  readonly code: string
  readonly message: string
  readonly at: string
}

interface Progress {
  readonly stage: string
  readonly bytes: { readonly total: number; readonly done: number }
  readonly pages: number | null
  readonly pages_done: number | null
  readonly chunks: { readonly total: number; readonly done: number }
  readonly bytes_per_second: number | null
  readonly chunks_per_second: number | null
  readonly seconds_left: number | null
}

export interface Queue {
  readonly kinds: readonly {
    readonly kind: string
    readonly queued: number
    readonly retrying: number
    readonly suspended: number
    readonly running: number
    readonly dead: number
    readonly oldest_seconds: number | null
    readonly completed_per_minute: number
  }[]
  readonly workers_alive: number
  readonly workers:
    | readonly {
        readonly id: string
        readonly kind: string
        readonly status: string
        readonly host: string
        readonly pid: number
        readonly slots: number
        readonly running: readonly string[]
        readonly seen_at: number
      }[]
    | null
}

const WIDTH = 60

export function showJobs(
  stream: Stream,
  jobs: readonly Job[],
  { tenants }: { readonly tenants: boolean },
): void {
  table(
    stream,
    ['ID', ...(tenants ? ['TENANT'] : []), 'STATUS', 'ATTEMPTS', 'CREATED', 'FILE', 'WHAT'],
    jobs.map((job) => [
      job.id,
      ...(tenants ? [job.tenant_id] : []),
      job.status,
      `${job.attempts}/${job.max_attempts}`,
      moment(job.created_at),
      excerpt(job.filename ?? job.file_id ?? '–', 30),
      whatOf(job),
    ]),
  )
}

export function showJob(stream: Stream, job: Job): void {
  const facts: readonly (readonly [string, string | null])[] = [
    ['job', job.id],
    ['status', job.status],
    ['kind', `${job.kind}, ${job.priority}`],
    ['file', job.filename ?? job.file_id],
    ['vector store', job.vector_store_id],
    ['created', moment(job.created_at)],
    ['next attempt', job.due_at === null ? null : `not before ${moment(job.due_at)}`],
    ['finished', job.finished_at === null ? null : moment(job.finished_at)],
    ['attempts', `${job.attempts} of ${job.max_attempts}`],
    ['worker', job.worker_id],
    ['progress', job.progress === null ? null : progressOf(job.progress)],
    ...job.errors.map(({ code, message, at }) => [at.slice(0, 19), `${code}: ${message}`] as const),
  ]
  const known = facts.filter(([, value]) => value !== null)
  const width = Math.max(...known.map(([name]) => name.length))
  for (const [name, value] of known) line(stream, `${name.padEnd(width)}  ${value}`)
}

export function showQueue(stream: Stream, { kinds, workers, workers_alive: alive }: Queue): void {
  table(
    stream,
    ['KIND', 'QUEUED', 'RETRYING', 'SUSPENDED', 'RUNNING', 'DEAD', 'OLDEST', 'A MINUTE'],
    kinds.map((kind) => [
      kind.kind,
      kind.queued,
      kind.retrying,
      kind.suspended,
      kind.running,
      kind.dead,
      kind.oldest_seconds === null ? '–' : duration(kind.oldest_seconds),
      kind.completed_per_minute,
    ]),
  )
  if (workers === null) return line(stream, `workers alive: ${alive}`)
  line(stream)
  table(
    stream,
    ['WORKER', 'IN', 'STATUS', 'WHERE', 'RUNNING', 'SEEN'],
    workers.map((worker) => [
      worker.id,
      worker.kind,
      worker.status,
      `${worker.host}:${worker.pid}`,
      `${worker.running.length}/${worker.slots}`,
      moment(worker.seen_at),
    ]),
  )
}

function whatOf({ status, progress, last_error: error }: Job): string {
  if (status === 'running' && progress !== null) return progressOf(progress)
  return error === null || status === 'completed'
    ? ''
    : excerpt(`${error.code}: ${error.message}`, WIDTH)
}

function progressOf(progress: Progress): string {
  const { stage, bytes, pages, pages_done: pagesDone, chunks, seconds_left: left } = progress
  const { bytes_per_second: bytesPerSecond, chunks_per_second: rate } = progress
  return [
    stage,
    ofAll(bytes.done, bytes.total, size),
    ...(pages === null || pages === 0 ? [] : [`${ofAll(pagesDone ?? 0, pages, String)} pages`]),
    ...(bytesPerSecond === null ? [] : [`${size(bytesPerSecond)} a second`]),
    ...(chunks.total === 0 ? [] : [`${chunks.done} of ${chunks.total} chunks`]),
    ...(rate === null ? [] : [`${rate} a second`]),
    ...(left === null || left === 0 ? [] : [`${duration(left)} left`]),
  ].join(', ')
}

/** Without the part where it is none, or all. */
function ofAll(done: number, total: number, show: (amount: number) => string): string {
  return done === 0 || done >= total ? show(total) : `${show(done)} of ${show(total)}`
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}
