import {
  job as jobSchema,
  jobParams,
  jobReplay,
  jobsReplayed,
  type JobReplay,
} from '../../../contract/job.ts'
import { AppError } from '../../../core/errors.ts'
import type { JobFilter } from '../../../core/ports/jobs.ts'
import { notFound } from '../../not-found.ts'
import { invalidValue } from '../../request-error.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { findJob } from './job-routes.ts'
import { wireJob } from './wire-job.ts'

const TAGS = ['Jobs']
const ONE = '/api/jobs/:job_id'

export function jobChangeRoutes(app: Routes, deps: RouteDeps): void {
  const { steerJobs } = deps

  app.post(
    `${ONE}/cancel`,
    {
      schema: {
        tags: TAGS,
        summary: 'Cancel a job',
        description:
          'At any stage: nothing of it is left half-indexed, and its document is `cancelled`. A dead job is dismissed; one that is over otherwise is given back as it is.',
        params: jobParams,
        response: { 200: jobSchema },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params }) => {
      const { tenantId, vectorStoreIds } = principal
      const before = await steerJobs.cancel(tenantId, { ids: [params.job_id], vectorStoreIds })
      if (before === null) throw notFound('job', params.job_id)
      return wireJob(await findJob(deps, principal, params.job_id))
    },
  )

  app.post(
    `${ONE}/replay`,
    {
      schema: {
        tags: TAGS,
        summary: 'Replay a job',
        description:
          'One that is dead or cancelled begins anew with all its attempts, and its document is `in_progress` again.',
        params: jobParams,
        response: { 200: jobSchema },
      },
      config: { scope: 'ingest', failures: [409] },
    },
    async ({ principal, params }) => {
      const { tenantId, vectorStoreIds } = principal
      const before = await findJob(deps, principal, params.job_id)
      if (!['cancelled', 'dead'].includes(before.status)) {
        throw new AppError(
          'conflict',
          `The job is ${before.status}: only one that is dead or cancelled can be replayed.`,
        )
      }
      const { replayed } = await steerJobs.replay(tenantId, {
        ids: [params.job_id],
        vectorStoreIds,
      })
      if (replayed === 0) {
        throw new AppError(
          'conflict',
          'The document of this job is gone, or was indexed meanwhile: there is nothing to replay.',
        )
      }
      return wireJob(await findJob(deps, principal, params.job_id))
    },
  )

  app.post(
    '/api/jobs/replay',
    {
      schema: {
        tags: TAGS,
        summary: 'Replay dead jobs',
        description:
          'Those that are named, those of a kind, of a vector store or with a reason, or `all`.',
        body: jobReplay,
        response: { 200: jobsReplayed },
      },
      config: { scope: 'ingest', audit: 'job.replay' },
    },
    async (request) => {
      const { principal, body, audited } = request
      const filter = { ...readFilter(body), vectorStoreIds: principal.vectorStoreIds }
      Object.assign(audited.detail, body)
      const { replayed, dismissed } = await steerJobs.replay(principal.tenantId, filter)
      return { object: 'jobs.replayed' as const, replayed, dismissed }
    },
  )
}

function readFilter(body: JobReplay): JobFilter {
  const { job_ids: ids, kind, vector_store_id: vectorStoreId, error_code: errorCode, all } = body
  const isNarrow = [ids, kind, vectorStoreId, errorCode].some((each) => each !== undefined)
  if (isNarrow === (all === true)) {
    throw invalidValue(
      'all',
      "Say which: 'job_ids', 'kind', 'vector_store_id' or 'error_code', or 'all': true.",
    )
  }
  return { ids, kind, vectorStoreId, errorCode }
}
