import type { WireJob } from '../../../contract/job.ts'
import type {
  JobFailure,
  JobRecord,
  JobSync,
  JobWork,
  QueueState,
} from '../../../core/ports/jobs.ts'
import { unixSeconds } from '../../unix-seconds.ts'

/** `queue` is what is known of all jobs of its kind; null estimates from the job alone. */
export function wireJob(
  job: JobRecord,
  queue: QueueState | null = null,
  now = new Date(),
): WireJob {
  const seconds = (moment: Date | null) => moment && unixSeconds(moment)
  return {
    id: job.id,
    object: 'job',
    kind: job.kind,
    tenant_id: job.tenantId,
    status: job.status,
    priority: job.priority,
    vector_store_id: job.vectorStoreId,
    file_id: job.fileId,
    filename: job.work?.filename ?? null,
    source_id: job.sourceId,
    sync_id: job.syncId,
    attempts: job.attempts,
    max_attempts: job.maxAttempts,
    last_error: job.lastError && wireFailure(job.lastError),
    errors: job.history.map(wireFailure),
    created_at: unixSeconds(job.createdAt),
    started_at: seconds(job.startedAt),
    finished_at: seconds(job.finishedAt),
    due_at: seconds(job.dueAt),
    worker_id: job.worker,
    progress:
      job.work === null || job.status === 'dead' ? null : progressOf(job, job.work, { queue, now }),
    sync: job.sync === null ? null : syncOf(job, job.sync, now),
  }
}

function syncOf(job: JobRecord, sync: JobSync, now: Date): WireJob['sync'] {
  const { sourceName, dryRun, listed, unchanged, known } = sync
  const seconds = job.status === 'running' ? secondsSince(job.startedAt, now) : null
  const rate = seconds === null || seconds === 0 || listed === 0 ? null : listed / seconds
  return {
    source_name: sourceName,
    dry_run: dryRun,
    listed,
    unchanged,
    known,
    listed_per_second: rate === null ? null : round(rate),
    seconds_left: rate === null ? null : round(Math.max(0, known - listed) / rate),
  }
}

const wireFailure = ({ code, message, at }: JobFailure) => ({ code, message, at })

interface Context {
  readonly queue: QueueState | null
  readonly now: Date
}

function progressOf(job: JobRecord, work: JobWork, context: Context): WireJob['progress'] {
  const isRunning = job.status === 'running'
  const { now } = context
  const share = stageShare(job, work)
  return {
    stage: isRunning || job.status === 'completed' ? work.stage : 'queued',
    stage_done: share === null ? null : Math.floor(share * 1000) / 1000,
    bytes: { total: work.bytes, done: Math.floor(work.bytes * parsedShare(job, work)) },
    pages: work.pages,
    pages_done: pagesDone(job, work),
    chunks: chunksOf(job, work),
    bytes_per_second: isRunning ? readingRate(work, now) : null,
    chunks_per_second: isRunning ? rateOf(work, now) : null,
    seconds_running: isRunning ? secondsSince(work.workStartedAt ?? job.startedAt, now) : null,
    seconds_left: secondsLeft(job, work, context),
  }
}

/** Of the stage, from 0 to 1; null where that is not known. */
function stageShare({ status }: JobRecord, work: JobWork): number | null {
  if (status === 'completed') return 1
  if (status !== 'running') return null
  const { stage, stageDone, chunks, chunksEmbedded } = work
  if (stage === 'embed') return chunks === 0 ? null : Math.min(1, chunksEmbedded / chunks)
  return isReading(work) ? stageDone : null
}

/** Of the file. */
function parsedShare({ status }: JobRecord, { stage, stageDone }: JobWork): number {
  if (status === 'completed') return 1
  if (status !== 'running' || stage === 'queued') return 0
  return stage === 'parse' ? (stageDone ?? 0) : 1
}

function pagesDone({ status }: JobRecord, work: JobWork): number | null {
  if (work.pages === null || status === 'completed') return work.pages
  return status === 'running' ? (work.pagesDone ?? 0) : 0
}

const isReading = ({ stage }: JobWork) => stage === 'parse' || stage === 'chunk'

function readingRate(work: JobWork, now: Date): number | null {
  const seconds = secondsSince(work.stageStartedAt, now)
  if (!isReading(work) || !seconds || !work.stageDone) return null
  return Math.round((work.bytes * work.stageDone) / seconds)
}

/** What an earlier attempt had come to is begun anew. */
function chunksOf({ status }: JobRecord, { stage, chunks, chunksEmbedded }: JobWork) {
  if (status === 'completed') return { total: chunks, done: chunks }
  const isEmbedded = status === 'running' && ['embed', 'index'].includes(stage)
  return isEmbedded ? { total: chunks, done: chunksEmbedded } : { total: 0, done: 0 }
}

function rateOf({ stage, stageStartedAt, chunksEmbedded }: JobWork, now: Date): number | null {
  const seconds = secondsSince(stageStartedAt, now)
  if (stage !== 'embed' || seconds === null || seconds === 0 || chunksEmbedded === 0) return null
  return round(chunksEmbedded / seconds)
}

function secondsLeft(job: JobRecord, work: JobWork, { queue, now }: Context): number | null {
  if (job.status === 'completed') return 0
  if (job.status === 'queued') {
    if (queue === null || queue.completedPerMinute === 0) return null
    return round(((queue.queued + queue.running) / queue.completedPerMinute) * 60)
  }
  if (job.status !== 'running') return null
  const rate = rateOf(work, now)
  if (rate !== null && rate > 0) return round((work.chunks - work.chunksEmbedded) / rate)
  const byMean = meanLeft(job, queue, now)
  const byPace = readingLeft(work, now)
  if (byMean === null || byPace === null) return byMean ?? byPace
  return Math.max(byMean, byPace)
}

/** As if it took as long as others. */
function meanLeft(job: JobRecord, queue: QueueState | null, now: Date): number | null {
  const mean = queue?.meanSeconds ?? null
  return mean === null ? null : round(Math.max(0, mean - (secondsSince(job.startedAt, now) ?? 0)))
}

/** Of the stage alone. */
function readingLeft(work: JobWork, now: Date): number | null {
  const seconds = secondsSince(work.stageStartedAt, now)
  if (!isReading(work) || !seconds || !work.stageDone) return null
  return round((seconds * (1 - work.stageDone)) / work.stageDone)
}

function secondsSince(moment: Date | null, now: Date): number | null {
  return moment === null ? null : round(Math.max(0, (now.getTime() - moment.getTime()) / 1000))
}

const round = (number: number) => Math.round(number * 10) / 10
