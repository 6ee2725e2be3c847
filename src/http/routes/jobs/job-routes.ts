import {
  job as jobSchema,
  jobList,
  jobListQuery,
  jobParams,
  jobQuery,
  type JobListQuery,
} from '../../../contract/job.ts'
import type { JobFilter, JobRecord } from '../../../core/ports/jobs.ts'
import type { Principal } from '../../../core/principal.ts'
import { requireScope } from '../../authorization.ts'
import { notFound } from '../../not-found.ts'
import { pageOfRows } from '../../paging.ts'
import { invalidValue } from '../../request-error.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { streamSnapshots } from '../../stream-snapshots.ts'
import { wireJob } from './wire-job.ts'

const TAGS = ['Jobs']
const ENDED = ['cancelled', 'completed', 'dead']

export function jobRoutes(app: Routes, deps: RouteDeps): void {
  const { database, jobs } = deps

  app.get(
    '/api/jobs',
    {
      schema: {
        tags: TAGS,
        summary: 'List jobs',
        description:
          'What is waiting, running, done and given up, newest first. Completed jobs are kept for a day, dead ones for 90.',
        querystring: jobListQuery,
        response: { 200: jobList },
      },
      config: { scope: 'read' },
    },
    async ({ principal, query }) => {
      const page = {
        after: query.after ?? null,
        limit: query.limit ?? 20,
        order: query.order ?? 'desc',
      }
      if (query.tenants === 'all') requireScope(principal, 'operator')
      const filter = filterOf(principal, query)
      const rows =
        query.tenants === 'all'
          ? await jobs.listAll(filter, page)
          : await database.transact(principal.tenantId, (transaction) =>
              jobs.list(transaction, filter, page),
            )
      if (rows === null) throw invalidValue('after', "'after' is the id of no job of this list.")
      return pageOfRows(rows, page.limit, (row) => wireJob(row))
    },
  )

  app.get(
    '/api/jobs/:job_id',
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve a job',
        description:
          'How far it is, when it will be done, and why it failed. With `stream: true`, as events.',
        params: jobParams,
        querystring: jobQuery,
        response: { 200: jobSchema },
      },
      config: { scope: 'read', streams: true },
    },
    async (request, reply) => {
      const { principal, params, query } = request
      const look = async () => {
        const job = await findJob(deps, principal, params.job_id)
        const [state = null] = ENDED.includes(job.status)
          ? []
          : (await jobs.queues(null)).filter(({ kind }) => kind === job.kind)
        return wireJob(job, state)
      }
      if (query.stream !== true) return look()
      const first = await look()
      return streamSnapshots(
        deps,
        { request, reply },
        {
          first,
          look,
          event: ({ status }) => (ENDED.includes(status) ? 'job.ended' : 'job.progress'),
          isLast: ({ status }) => ENDED.includes(status),
          concerns: (signal) =>
            (signal.type === 'document-changed' &&
              signal.tenantId === principal.tenantId &&
              signal.fileId === first.file_id) ||
            (signal.type === 'sync-changed' && signal.syncId === first.sync_id),
        },
      )
    },
  )
}

/** Throws `resource_not_found`. */
export async function findJob(
  { database, jobs }: Pick<RouteDeps, 'database' | 'jobs'>,
  principal: Principal,
  id: string,
): Promise<JobRecord> {
  const page = { after: null, limit: 1, order: 'desc' } as const
  const filter = { ids: [id], vectorStoreIds: principal.vectorStoreIds }
  const found = await database.transact(principal.tenantId, (transaction) =>
    jobs.list(transaction, filter, page),
  )
  const [job] = found ?? []
  if (job === undefined) throw notFound('job', id)
  return job
}

function filterOf({ vectorStoreIds }: Principal, query: JobListQuery): JobFilter {
  return {
    statuses: query.status === undefined ? undefined : [query.status],
    kind: query.kind,
    vectorStoreId: query.vector_store_id,
    fileId: query.file_id,
    errorCode: query.error_code,
    vectorStoreIds,
  }
}
