import { onTestFinished } from 'vitest'
import { NO_CAPS } from '../../src/core/caps.ts'
import type { IngestJob } from '../../src/core/ports/queue.ts'
import { createGiveUp } from '../../src/ingest/give-up.ts'
import type { Ingest } from '../../src/ingest/pipeline.ts'
import { createSteerJobs } from '../../src/ingest/steer-jobs.ts'
import { createSubmission } from '../../src/ingest/submit.ts'
import { handleIngestDocument } from '../../src/jobs/ingest-document.ts'
import type { JobDefinition } from '../../src/queue/job-definition.ts'
import { handled } from '../../src/queue/pg-boss.ts'
import { createSourceSyncs } from '../../src/storage/source-syncs.ts'
import { quickJob } from '../ingest/workshop.ts'
import { openQueue } from '../open-queue.ts'
import { FILE_LIMIT } from './create-deps.ts'
import type { HttpWorld } from './world.ts'

export interface ServedJobs {
  readonly url: string
  readonly definition: JobDefinition<IngestJob>
  /** Begins to work: with nobody at work, jobs wait. */
  work(ingest: Ingest): void
  /** A new store with a new file of that text. */
  add(text: string): Promise<IngestJob>
  /** Of the local tenant, or whoever has the key. */
  call<Answer>(
    method: 'GET' | 'POST',
    path: string,
    sent?: Sent,
  ): Promise<Answer & { readonly httpStatus: number }>
}

interface Sent {
  readonly key?: string
  readonly body?: object
}

/** The application with a real queue of one kind of job, for one test. */
export async function serveJobs(
  world: HttpWorld,
  job: Partial<JobDefinition<IngestJob>> = {},
): Promise<ServedJobs> {
  const { backend, deps } = world
  const definition = { ...quickJob(), ...job }
  const queue = await openQueue(backend, { jobs: [definition] })
  onTestFinished(() => queue.stop({ timeoutMs: 1_000 }))
  const submission = createSubmission({
    ...deps,
    queue: queue.sender(definition),
    maxBytes: FILE_LIMIT,
    defaultChunkSize: { maxTokens: 256, overlapTokens: 32 },
    capsOf: async () => NO_CAPS,
  })
  const { jobs, signals } = queue
  const steerJobs = createSteerJobs({ ...deps, jobs, signals, syncs: createSourceSyncs() })
  const { url } = await world.listen({ jobs, steerJobs, signals, submission })
  const giveUp = createGiveUp({ ...deps, signals })
  return {
    url,
    definition,
    work(ingest) {
      const { tenantDirectory } = deps
      const handle = handleIngestDocument({ ingest, giveUp, tenantDirectory })
      queue.work([handled(definition, handle)], { concurrency: 2, version: 'test' })
    },
    async add(text) {
      const form = new FormData()
      form.set('purpose', 'assistants')
      form.set('file', new File([text], 'note.txt'))
      const headers = { authorization: `Bearer ${world.key}` }
      const upload = await fetch(`${url}/v1/files`, { method: 'POST', headers, body: form })
      const { id: fileId } = (await upload.json()) as { id: string }
      const store = await send<{ id: string }>('POST', '/v1/vector_stores', { body: { name: 'a' } })
      await send('POST', `/v1/vector_stores/${store.id}/files`, { body: { file_id: fileId } })
      return { tenantId: world.tenantId, vectorStoreId: store.id, fileId }
    },
    call: send,
  }

  async function send<Answer>(
    method: 'GET' | 'POST',
    path: string,
    { key = world.key, body }: Sent = {},
  ): Promise<Answer & { readonly httpStatus: number }> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { ...((await response.json()) as Answer), httpStatus: response.status }
  }
}
