import { randomUUID } from 'node:crypto'
import type { EmbeddingMigration } from '../core/embedding-migration.ts'
import type { Database } from '../core/ports/database.ts'
import type { MigrationWork } from '../core/ports/embedding-migrations.ts'
import type { Jobs } from '../core/ports/jobs.ts'
import type { JobSender, ReEmbedJob } from '../core/ports/queue.ts'

export interface OverseeDeps {
  readonly work: MigrationWork
  readonly database: Database
  readonly jobs: Pick<Jobs, 'listAll' | 'queues'>
  readonly sender: JobSender<ReEmbedJob>
  /** Of the jobs that build. */
  readonly kind: string
}

/** Longer than a round takes; another process takes over when this one was killed. */
const LEASE_SECONDS = 10

/** Moves an open migration on by what can be done now: makes its table, sends its jobs, finds out that it is ready. */
export function createOversight(deps: OverseeDeps): () => Promise<void> {
  const { work } = deps
  const overseer = randomUUID()
  return async () => {
    await work.dropDoomed()
    const migration = await work.lease(overseer, LEASE_SECONDS)
    if (migration?.status === 'planned' && !(await work.build(migration))) return
    if (migration?.status === 'planned' || migration?.status === 'building')
      await oversee(deps, migration)
  }
}

async function oversee(deps: OverseeDeps, migration: EmbeddingMigration): Promise<void> {
  const { work, jobs, kind } = deps
  const queue = (await jobs.queues(null)).find((state) => state.kind === kind)
  if (queue === undefined) return
  // Jobs follow upon each other without a gap: where there is none, everybody has come to an end of his chunks.
  if (queue.queued + queue.retrying + queue.suspended + queue.running > 0) return
  const [gaps, dead] = [await work.gaps(migration.toSpace), await deadJobs(deps, migration)]
  const begun = gaps.filter((tenantId) => !dead.has(tenantId))
  for (const tenantId of begun) await send(deps, { tenantId, migrationId: migration.id })
  if (gaps.length === 0) await work.finish(migration)
  else if (begun.length === 0) await work.setProblem(migration.id, problemOf(dead))
  else await work.setProblem(migration.id, null)
}

function send(
  { database, sender }: OverseeDeps,
  { tenantId, migrationId }: Omit<ReEmbedJob, 'behind'>,
): Promise<void> {
  return database.transact(tenantId, (transaction) =>
    sender.send(transaction, { tenantId, migrationId, behind: null }, { priority: 'sync' }),
  )
}

const LIMIT = 1_000

/** Tenants whose jobs were given up since the migration began, with the reason. */
async function deadJobs(
  { jobs, kind }: OverseeDeps,
  { createdAt }: EmbeddingMigration,
): Promise<ReadonlyMap<string, string>> {
  const page = { after: null, limit: LIMIT, order: 'desc' } as const
  const found = await jobs.listAll({ kind, statuses: ['dead'] }, page)
  return new Map(
    (found ?? [])
      .filter((job) => job.createdAt >= createdAt)
      .map((job) => [job.tenantId, job.lastError?.message ?? 'It was given up.']),
  )
}

function problemOf(dead: ReadonlyMap<string, string>): string {
  const [reason = ''] = dead.values()
  return `The jobs of ${dead.size} tenants were given up: ${reason} When this is mended, \`ragstone jobs replay\` goes on.`
}
