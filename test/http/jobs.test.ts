import { EventSourceParserStream } from 'eventsource-parser/stream'
import { describe, expect, test, vi } from 'vitest'
import type { WireJob, WireQueue } from '../../src/contract/job.ts'
import { AppError } from '../../src/core/errors.ts'
import type { IngestJob } from '../../src/core/ports/queue.ts'
import type { Ingest } from '../../src/ingest/pipeline.ts'
import { BACKENDS } from '../storage/backends.ts'
import { runCommand } from '../cli/run-command.ts'
import { serveJobs, type ServedJobs } from './served-jobs.ts'
import { useHttpWorld } from './world.ts'

const soon = { timeout: 20_000, interval: 50 }

interface Page {
  readonly data: readonly WireJob[]
  readonly has_more: boolean
}
interface StoredFile {
  readonly status: string
  readonly last_error: { readonly message: string } | null
}

const outage = new AppError('provider_unavailable', 'The embedding service does not answer.')
const failing: Ingest = () => Promise.reject(outage)

/** Until its signal says that it is to end. */
const hanging =
  (seen: (signal: AbortSignal) => void): Ingest =>
  (_job, signal) =>
    new Promise((_, reject) => {
      seen(signal)
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })

const jobOf = async (served: ServedJobs, { fileId }: IngestJob): Promise<WireJob> => {
  const { data } = await served.call<Page>('GET', `/api/jobs?file_id=${fileId}`)
  const [job] = data
  if (job === undefined) throw new Error('There is no such job.')
  return job
}
const fileOf = (served: ServedJobs, { vectorStoreId, fileId }: IngestJob) =>
  served.call<StoredFile>('GET', `/v1/vector_stores/${vectorStoreId}/files/${fileId}`)

describe.each(BACKENDS)('jobs on %s', (kind) => {
  const world = useHttpWorld(kind)

  /** Does what the pipeline does at its end. */
  const indexing: Ingest = async (job, _signal, attempt) => {
    const { database } = world().deps
    await world().index(job, 'It rains.')
    await database.transact(job.tenantId, (transaction) => attempt.complete(transaction))
    return 'settled'
  }
  const actions = async (target: string) => {
    await world().deps.audit.notes.flush()
    const { rows } = await world().backend.pool.query<{ action: string }>(
      'select action from audit_log where target = $1 order by id',
      [target],
    )
    return rows.map(({ action }) => action)
  }

  test('a file that was added is a job that waits, with what it is about', async () => {
    const served = await serveJobs(world())
    const added = await served.add('It rains.')
    const job = await jobOf(served, added)

    expect(job).toMatchObject({
      id: expect.stringMatching(/^job_[0-9a-f]{32}$/),
      object: 'job',
      status: 'queued',
      priority: 'interactive',
      vector_store_id: added.vectorStoreId,
      file_id: added.fileId,
      filename: 'note.txt',
      attempts: 0,
      max_attempts: 3,
      progress: { stage: 'queued', bytes: { total: 9, done: 0 } },
    })
    expect(await served.call('GET', `/api/jobs/${job.id}`)).toMatchObject({
      ...job,
      httpStatus: 200,
    })
  })

  test('a failure that may pass is tried again, and then kept as a dead letter', async () => {
    const served = await serveJobs(world(), { retryLimit: 1 })
    const added = await served.add('It rains.')
    served.work(failing)
    await vi.waitFor(async () => expect((await jobOf(served, added)).status).toBe('dead'), soon)

    expect(await jobOf(served, added)).toMatchObject({
      attempts: 2,
      max_attempts: 2,
      last_error: { code: 'provider_unavailable' },
      errors: [{ code: 'provider_unavailable' }, { code: 'provider_unavailable' }],
      progress: null,
    })
    expect(await fileOf(served, added)).toMatchObject({
      status: 'failed',
      last_error: { message: expect.stringContaining('does not answer') },
    })
  })

  test('a dead job that is replayed begins anew, and is completed', async () => {
    const served = await serveJobs(world(), { retryLimit: 0 })
    const added = await served.add('It rains.')
    let isBroken = true
    served.work((...call) => (isBroken ? failing(...call) : indexing(...call)))
    await vi.waitFor(async () => expect((await jobOf(served, added)).status).toBe('dead'), soon)
    isBroken = false
    const { id } = await jobOf(served, added)
    const replayed = await served.call<WireJob>('POST', `/api/jobs/${id}/replay`)

    expect(replayed.httpStatus).toBe(200)
    await vi.waitFor(
      async () => expect((await jobOf(served, added)).status).toBe('completed'),
      soon,
    )
    expect(await fileOf(served, added)).toMatchObject({ status: 'completed', last_error: null })
    expect(await actions(id)).toEqual(['job.replay'])
    expect(await served.call('POST', `/api/jobs/${id}/replay`)).toMatchObject({ httpStatus: 409 })
  })

  test('dead jobs are replayed by their reason, or all of them', async () => {
    const served = await serveJobs(world(), { retryLimit: 0 })
    const [first, second] = [await served.add('One.'), await served.add('Two.')]
    let isBroken = true
    served.work((...call) => (isBroken ? failing(...call) : indexing(...call)))
    for (const each of [first, second])
      await vi.waitFor(async () => expect((await jobOf(served, each)).status).toBe('dead'), soon)
    isBroken = false
    const replay = (body: object) => served.call<object>('POST', '/api/jobs/replay', { body })

    expect(await replay({})).toMatchObject({ httpStatus: 400, error: { param: 'all' } })
    expect(await replay({ error_code: 'file_malformed' })).toMatchObject({ replayed: 0 })
    expect(
      await replay({ kind: served.definition.name, vector_store_id: first.vectorStoreId }),
    ).toMatchObject({
      replayed: 1,
      dismissed: 0,
    })
    expect(await replay({ all: true })).toMatchObject({ replayed: 1, dismissed: 0 })
  })

  test('a dead job whose document is gone is dismissed', async () => {
    const served = await serveJobs(world(), { retryLimit: 0 })
    const added = await served.add('It rains.')
    served.work(failing)
    await vi.waitFor(async () => expect((await jobOf(served, added)).status).toBe('dead'), soon)
    await world().client.vectorStores.delete(added.vectorStoreId)

    expect(await served.call('POST', '/api/jobs/replay', { body: { all: true } })).toMatchObject({
      replayed: 0,
      dismissed: 1,
    })
    expect((await jobOf(served, added)).status).toBe('cancelled')
  })

  test('a job that waits is cancelled with its document', async () => {
    const served = await serveJobs(world())
    const added = await served.add('It rains.')
    const { id } = await jobOf(served, added)

    expect(await served.call('POST', `/api/jobs/${id}/cancel`)).toMatchObject({
      httpStatus: 200,
      status: 'cancelled',
    })
    expect(await fileOf(served, added)).toMatchObject({ status: 'cancelled' })
    expect(await actions(id)).toEqual(['job.cancel'])
  })

  test('a job that runs is told that it was cancelled, and leaves nothing', async () => {
    const served = await serveJobs(world())
    const added = await served.add('It rains.')
    const begun = Promise.withResolvers<AbortSignal>()
    served.work(hanging(begun.resolve))
    const signal = await begun.promise
    const { id } = await jobOf(served, added)
    await served.call('POST', `/api/jobs/${id}/cancel`)

    await vi.waitFor(() => expect(signal.aborted).toBe(true), soon)
    expect((await jobOf(served, added)).status).toBe('cancelled')
    expect(await fileOf(served, added)).toMatchObject({ status: 'cancelled' })
  })

  test('how far the parsing of a large file is can be asked, of its job and of its store', async () => {
    const served = await serveJobs(world())
    const added = await served.add('It rains. '.repeat(10))
    const { database, documents } = world().deps
    const told = Promise.withResolvers<void>()
    served.work(async (job, signal, attempt) => {
      for (const figures of [{}, { stageDone: 0.5, pages: 300, pagesDone: 150 }])
        await database.transact(job.tenantId, (transaction) =>
          documents.setProgress(transaction, job, { stage: 'parse', ...figures }),
        )
      told.resolve()
      return hanging(() => undefined)(job, signal, attempt)
    })
    await told.promise

    expect(await jobOf(served, added)).toMatchObject({
      status: 'running',
      progress: {
        stage: 'parse',
        stage_done: 0.5,
        bytes: { total: 100, done: 50 },
        pages: 300,
        pages_done: 150,
      },
    })
    const store = await served.call('GET', `/api/vector_stores/${added.vectorStoreId}/progress`)
    expect(store).toMatchObject({ files: { total: 1, done: 0 }, bytes: { total: 100, done: 10 } })
  })

  test('progress is streamed from the first moment to the end', async () => {
    const served = await serveJobs(world())
    const added = await served.add('It rains.')
    const { id } = await jobOf(served, added)
    const response = await fetch(`${served.url}/api/jobs/${id}?stream=true`, {
      headers: { authorization: `Bearer ${world().key}` },
    })
    const events: { event: string | undefined; status: string }[] = []
    const shown = Promise.withResolvers<void>()
    const stream = (response.body ?? new ReadableStream<Uint8Array<ArrayBuffer>>())
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())
    for await (const { event, data } of stream) {
      const { status } = JSON.parse(data) as WireJob
      events.push({ event, status })
      if (events.length === 1) {
        served.work(async (...call) => {
          await shown.promise
          return indexing(...call)
        })
      }
      if (status === 'running') shown.resolve()
    }

    expect(events[0]).toEqual({ event: 'job.progress', status: 'queued' })
    expect(events.map(({ status }) => status)).toContain('running')
    expect(events.at(-1)).toEqual({ event: 'job.ended', status: 'completed' })
  })

  test('the progress of a whole store is streamed until nothing is under way', async () => {
    const served = await serveJobs(world())
    const added = await served.add('It rains.')
    served.work(indexing)
    const response = await fetch(
      `${served.url}/api/vector_stores/${added.vectorStoreId}/progress?stream=true`,
      { headers: { authorization: `Bearer ${world().key}` } },
    )
    const text = await response.text()

    expect(text).toMatch(/event: done\ndata: .*"files":\{"total":1,"done":1,"failed":0\}/)
  })

  test('another tenant finds none of it, and an operator all', async () => {
    const served = await serveJobs(world())
    const added = await served.add('It rains.')
    const { id } = await jobOf(served, added)
    const key = await world().newTenantKey()
    const operator = await world().newKey(['operator', 'read'])

    expect((await served.call<Page>('GET', '/api/jobs', { key })).data).toEqual([])
    for (const [method, path] of [
      ['GET', `/api/jobs/${id}`],
      ['POST', `/api/jobs/${id}/cancel`],
      ['POST', `/api/jobs/${id}/replay`],
    ] as const)
      expect(await served.call(method, path, { key })).toMatchObject({ httpStatus: 404 })
    expect(await served.call('GET', '/api/jobs?tenants=all', { key })).toMatchObject({
      httpStatus: 403,
    })
    const all = await served.call<Page>('GET', '/api/jobs?tenants=all', { key: operator })
    expect(all.data.map((job) => job.id)).toContain(id)
  })

  test('a key for some stores sees the jobs of those alone', async () => {
    const served = await serveJobs(world())
    const [mine, other] = [await served.add('Mine.'), await served.add('Other.')]
    const key = await world().newKey(['ingest', 'read'], { vectorStoreIds: [mine.vectorStoreId] })
    const { id } = await jobOf(served, other)
    const { data } = await served.call<Page>('GET', '/api/jobs', { key })

    expect(data.map((job) => job.file_id)).toEqual([mine.fileId])
    expect(await served.call('GET', `/api/jobs/${id}`, { key })).toMatchObject({ httpStatus: 404 })
    expect(await served.call('POST', `/api/jobs/${id}/cancel`, { key })).toMatchObject({
      httpStatus: 404,
    })
  })

  test('jobs are listed page by page', async () => {
    const served = await serveJobs(world())
    for (const text of ['One.', 'Two.', 'Three.']) await served.add(text)
    const page = (query: string) => served.call<Page>('GET', `/api/jobs?limit=2${query}`)
    const first = await page('')
    const second = await page(`&after=${first.data[1]?.id ?? ''}`)

    expect(first).toMatchObject({ has_more: true, data: [{}, {}] })
    expect(second).toMatchObject({ has_more: false, data: [{}] })
    expect(await page('&after=job_0')).toMatchObject({ httpStatus: 400, error: { param: 'after' } })
  })

  test('the queue says how much waits, and an operator sees who works', async () => {
    const served = await serveJobs(world())
    await served.add('It rains.')
    const operator = await world().newKey(['operator', 'read'])

    expect(await served.call<WireQueue>('GET', '/api/queue')).toMatchObject({
      kinds: [
        { kind: served.definition.name, queued: 1, running: 0, oldest_seconds: expect.any(Number) },
      ],
      workers: null,
    })
    const begun = Promise.withResolvers<AbortSignal>()
    served.work(hanging(begun.resolve))
    await begun.promise
    await vi.waitFor(
      async () =>
        expect(
          await served.call<WireQueue>('GET', '/api/queue?tenants=all', { key: operator }),
        ).toMatchObject({
          kinds: [{ queued: 0, running: 1 }],
          workers: [
            {
              status: 'alive',
              pid: process.pid,
              slots: 2,
              running: [expect.stringMatching(/^job_/)],
            },
          ],
        }),
      soon,
    )
  })

  test('the command line lists, shows, cancels and replays', async () => {
    const served = await serveJobs(world())
    const added = await served.add('It rains.')
    const { id } = await jobOf(served, added)
    const run = (...argv: string[]) =>
      runCommand(['--api-key', world().key, 'jobs', ...argv], { url: served.url })

    expect((await run('list', '--status', 'queued')).out).toContain(id)
    expect((await run('show', id)).out).toMatch(/status +queued/)
    expect((await run('cancel', id)).out).toBe(`${id} cancelled\n`)
    expect(JSON.parse((await run('replay', id, '--json')).out)).toMatchObject({ replayed: 1 })
    expect((await run()).out).toContain(served.definition.name)
    expect((await run('replay')).code).toBe(1)
  })
})
