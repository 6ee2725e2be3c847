import type { JobRecord, JobStatus, JobSync, JobWork } from '../core/ports/jobs.ts'
import type { IngestStage } from '../core/ports/documents.ts'
import type { JobPriority } from '../core/ports/queue.ts'
import type { JobHistory } from './job-row.ts'
import { PRIORITIES } from './priorities.ts'

/** What is asked of a job, wherever it is asked. */
export const JOB_COLUMNS = `
  job.id::text, job.name as kind, job.group_id as tenant_id, job.priority, job.state::text,
  job.start_after = 'infinity' as parked, job.output, job.created_on, job.started_on, job.completed_on,
  case when job.state < 'active' and job.start_after <> 'infinity' then job.start_after end as due_on,
  job.data ->> 'vectorStoreId' as vector_store_id, job.data ->> 'fileId' as file_id,
  job.data ->> 'sourceId' as source_id, job.data ->> 'syncId' as sync_id,
  queue.retry_limit + 1 as max_attempts`

export interface JobRow {
  readonly id: string
  readonly kind: string
  readonly tenant_id: string
  readonly priority: number
  readonly state: 'active' | 'cancelled' | 'completed' | 'created' | 'failed' | 'retry'
  readonly parked: boolean
  readonly output: JobHistory | null
  readonly created_on: Date
  readonly started_on: Date | null
  readonly completed_on: Date | null
  readonly due_on: Date | null
  readonly vector_store_id: string | null
  readonly file_id: string | null
  readonly source_id: string | null
  readonly sync_id: string | null
  readonly max_attempts: number
  readonly worker?: string | null
  readonly filename?: string | null
  readonly stage?: IngestStage | null
  readonly bytes?: number
  readonly stage_done?: number | null
  readonly pages?: number | null
  readonly pages_done?: number | null
  readonly chunk_count?: number
  readonly chunks_embedded?: number
  readonly work_started_at?: Date | null
  readonly stage_started_at?: Date | null
  readonly source_name?: string | null
  readonly dry_run?: boolean
  readonly listed?: number
  readonly unchanged?: number
  readonly known?: number
}

/** How each status is told apart in the table. */
export const STATUS_SQL: Readonly<Record<JobStatus, string>> = {
  queued: `job.state = 'created' and job.start_after <> 'infinity'`,
  suspended: `job.state = 'created' and job.start_after = 'infinity'`,
  retrying: `job.state = 'retry'`,
  running: `job.state = 'active'`,
  completed: `job.state = 'completed'`,
  dead: `job.state = 'failed'`,
  cancelled: `job.state = 'cancelled'`,
}

export function toJobRecord(row: JobRow): JobRecord {
  const status = statusOf(row)
  const failures = row.output?.failures ?? 0
  const isBegun = status === 'running' || status === 'completed'
  return {
    id: publicId(row.id),
    kind: row.kind,
    tenantId: row.tenant_id,
    status,
    priority: priorityOf(row.priority),
    vectorStoreId: row.vector_store_id,
    fileId: row.file_id,
    sourceId: row.source_id,
    syncId: row.sync_id,
    attempts: failures + (isBegun ? 1 : 0),
    maxAttempts: row.max_attempts,
    lastError: row.output?.last ?? null,
    history: row.output?.history ?? [],
    createdAt: row.created_on,
    startedAt: row.started_on,
    finishedAt: row.completed_on,
    dueAt: row.due_on,
    worker: row.worker ?? null,
    work: workOf(row, status),
    sync: syncOf(row),
  }
}

function syncOf({ source_name: sourceName = null, ...row }: JobRow): JobSync | null {
  if (sourceName === null) return null
  const { dry_run: dryRun = false, listed = 0, unchanged = 0, known = 0 } = row
  return { sourceName, dryRun, listed, unchanged, known }
}

/** The document has moved on since a job that is over and did not end well. */
function workOf(row: JobRow, status: JobStatus): JobWork | null {
  const { filename = null, stage = null } = row
  if (filename === null || stage === null || status === 'cancelled') return null
  return {
    filename,
    stage,
    ...readingOf(row),
    chunks: row.chunk_count ?? 0,
    chunksEmbedded: row.chunks_embedded ?? 0,
    workStartedAt: row.work_started_at ?? null,
    stageStartedAt: row.stage_started_at ?? null,
  }
}

const readingOf = (row: JobRow): Pick<JobWork, 'bytes' | 'pages' | 'pagesDone' | 'stageDone'> => ({
  bytes: row.bytes ?? 0,
  stageDone: row.stage_done ?? null,
  pages: row.pages ?? null,
  pagesDone: row.pages_done ?? null,
})

function statusOf({ state, parked }: JobRow): JobStatus {
  if (state === 'created') return parked ? 'suspended' : 'queued'
  return STATUSES[state]
}

const STATUSES = {
  active: 'running',
  cancelled: 'cancelled',
  completed: 'completed',
  failed: 'dead',
  retry: 'retrying',
} as const satisfies Readonly<Record<Exclude<JobRow['state'], 'created'>, JobStatus>>

function priorityOf(number: number): JobPriority {
  if (number >= PRIORITIES.interactive) return 'interactive'
  return number >= PRIORITIES.batch ? 'batch' : 'sync'
}

/** As the interface names it; the table has the same digits. */
export const publicId = (id: string): string => `job_${id.replaceAll('-', '')}`

/** Null for what is no job's id. */
export function tableId(id: string): string | null {
  return /^job_[0-9a-f]{32}$/.test(id) ? id.slice('job_'.length) : null
}
