import type pg from 'pg'
import type { CheckHealth, HealthReport } from '../http/health-report.ts'
import type { EmbeddingSpaces } from '../core/ports/embedding-spaces.ts'
import type { Jobs } from '../core/ports/jobs.ts'
import type { Admission } from '../limits/admission/admission.ts'
import type { OpenBlobs } from './open-blobs.ts'
import type { JobQueue } from '../queue/pg-boss.ts'
import type { Counting } from './open-limits.ts'
import type { AuditWork } from './audit-work.ts'

export interface HealthDeps {
  readonly pool: pg.Pool
  readonly kind: 'pglite' | 'postgres'
  readonly jobQueue: Pick<JobQueue, 'counts'>
  readonly jobs: Pick<Jobs, 'workers'>
  readonly spaces: Pick<EmbeddingSpaces, 'known' | 'serving' | 'why'>
  readonly admission: Pick<Admission, 'state'>
  readonly counting: Pick<Counting, 'valkey'>
  readonly filesAtRest: Pick<OpenBlobs, 'state'>
  readonly audit: Pick<AuditWork, 'state'>
}

const PATIENCE_MS = 2_000

type Finding = HealthReport['checks'][number]

/** Without the database nothing can be answered; without the rest, less well. */
export function createHealth(deps: HealthDeps): CheckHealth {
  return async () => {
    const checks = await Promise.all([
      guarded('database', () => checkDatabase(deps)),
      guarded('jobs', () => checkJobs(deps)),
      Promise.resolve(checkEmbedding(deps)),
      Promise.resolve(checkAnswering(deps)),
      Promise.resolve(checkAudit(deps)),
      ...checkValkey(deps).map((finding) => Promise.resolve(finding)),
      ...checkFiles(deps).map((finding) => Promise.resolve(finding)),
    ])
    const down = checks.some(({ name, status }) => name === 'database' && status === 'down')
    const degraded = checks.some(({ status }) => status !== 'ok')
    return { status: down ? 'down' : degraded ? 'degraded' : 'ok', checks }
  }
}

async function checkDatabase({ pool, kind }: HealthDeps): Promise<Finding> {
  await pool.query('select 1')
  const { totalCount, idleCount, waitingCount } = pool
  return {
    name: 'database',
    status: 'ok',
    detail: `${kind === 'pglite' ? 'embedded' : 'PostgreSQL'}, ${totalCount - idleCount} connections in use, ${waitingCount} waiting`,
  }
}

async function checkJobs({ jobQueue, jobs }: HealthDeps): Promise<Finding> {
  const { queued, active, failed } = await jobQueue.counts()
  const workers = (await jobs.workers()).filter(({ status }) => status === 'alive').length
  const detail = `${queued} queued, ${active} active, ${failed} failed; ${workers} at work on them`
  return workers === 0 && queued > 0
    ? {
        name: 'jobs',
        status: 'degraded',
        detail: `${detail}. Start \`ragstone work\`, or set server.workers.`,
      }
    : { name: 'jobs', status: 'ok', detail }
}

function checkEmbedding({ spaces }: HealthDeps): Finding {
  const serving = spaces.serving()
  if (serving === null) {
    return {
      name: 'embedding',
      status: 'degraded',
      detail: `${spaces.why() ?? ''} Search is by words alone.`.trim(),
    }
  }
  const problem = spaces.known().migration?.problem ?? null
  return problem === null
    ? { name: 'embedding', status: 'ok', detail: serving.id }
    : { name: 'embedding', status: 'degraded', detail: `${serving.id}. ${problem}` }
}

function checkAnswering({ admission }: HealthDeps): Finding {
  const { running, waiting } = admission.state()
  return { name: 'answering', status: 'ok', detail: `${running} worked on, ${waiting} waiting` }
}

/** A sink that is away costs nothing but patience: what it has not taken stays in the database. */
function checkAudit({ audit }: HealthDeps): Finding {
  const { unsealed, undelivered, oldest, failures } = audit.state()
  const waiting = `${unsealed} wait for their place in the chain`
  if (failures === null) return { name: 'audit', status: 'ok', detail: waiting }
  const since = oldest === null ? '' : `, the oldest since ${oldest.toISOString()}`
  const detail = `${waiting}, ${undelivered} for the sink${since}`
  return failures === 0
    ? { name: 'audit', status: 'ok', detail }
    : {
        name: 'audit',
        status: 'degraded',
        detail: `${detail}. It has failed ${failures} times in a row: look after what audit.sink names; nothing is lost meanwhile. The log says more.`,
      }
}

/** Nothing to say where none is configured. */
function checkValkey({ counting: { valkey } }: HealthDeps): readonly Finding[] {
  if (valkey === null) return []
  return [
    valkey.isThere
      ? { name: 'valkey', status: 'ok', detail: 'limits are shared' }
      : {
          name: 'valkey',
          status: 'degraded',
          detail:
            'It does not answer: limits count in this process by itself until it is back. Look after the server that valkey.url names.',
        },
  ]
}

/** A bucket that has been failing is left alone for a while; a directory has no such state. */
function checkFiles({ filesAtRest }: HealthDeps): readonly Finding[] {
  const state = filesAtRest.state()
  if (state === null) return []
  return [
    state === 'closed'
      ? { name: 'files', status: 'ok', detail: 'in a bucket' }
      : {
          name: 'files',
          status: 'degraded',
          detail:
            'The bucket does not answer: files are neither taken nor given, and questions are answered as ever. Look after the server that the section blobs names.',
        },
  ]
}

async function guarded(name: string, check: () => Promise<Finding>): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It did not answer in time.')), PATIENCE_MS)
  })
  try {
    return await Promise.race([check(), overdue])
  } catch {
    return { name, status: 'down', detail: 'It does not answer. The log says more.' }
  } finally {
    clearTimeout(timer)
  }
}
