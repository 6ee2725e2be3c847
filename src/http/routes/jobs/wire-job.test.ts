import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JobRecord, JobWork, QueueState } from '../../../core/ports/jobs.ts'
import { wireJob } from './wire-job.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1_000)

const WORK: JobWork = {
  filename: 'report.pdf',
  stage: 'embed',
  stageDone: null,
  bytes: 1_000,
  pages: 12,
  pagesDone: 12,
  chunks: 200,
  chunksEmbedded: 50,
  workStartedAt: ago(15),
  stageStartedAt: ago(10),
}
const QUEUE: QueueState = {
  kind: 'ingest-document',
  queued: 18,
  retrying: 0,
  suspended: 0,
  running: 2,
  dead: 0,
  oldestSeconds: 60,
  completedPerMinute: 10,
  meanSeconds: 20,
}

function jobWith(fields: Partial<JobRecord>): JobRecord {
  return {
    id: 'job_1',
    kind: 'ingest-document',
    tenantId: 'ten_1',
    status: 'running',
    priority: 'interactive',
    vectorStoreId: 'vs_1',
    fileId: 'file-1',
    sourceId: null,
    syncId: null,
    attempts: 1,
    maxAttempts: 9,
    lastError: null,
    history: [],
    createdAt: ago(60),
    startedAt: ago(15),
    finishedAt: null,
    dueAt: null,
    worker: null,
    work: WORK,
    sync: null,
    ...fields,
  }
}
const progressOf = (fields: Partial<JobRecord>, queue: QueueState | null = null) =>
  wireJob(jobWith(fields), queue, NOW).progress

test('while chunks are embedded, their pace says how long it will take', () => {
  expect(progressOf({})).toEqual({
    stage: 'embed',
    stage_done: 0.25,
    bytes: { total: 1_000, done: 1_000 },
    pages: 12,
    pages_done: 12,
    chunks: { total: 200, done: 50 },
    bytes_per_second: null,
    chunks_per_second: 5,
    seconds_running: 15,
    seconds_left: 30,
  })
})

test('before it, the mean of what was completed lately does', () => {
  const work: JobWork = { ...WORK, stage: 'parse', pages: null, chunks: 0, chunksEmbedded: 0 }
  expect(progressOf({ work }, QUEUE)).toMatchObject({ chunks_per_second: null, seconds_left: 5 })
  expect(progressOf({ work })).toMatchObject({ seconds_left: null })
})

test('while a file is parsed, its pages and its pace are told', () => {
  const parsing = { ...WORK, stage: 'parse', pages: 300, chunks: 0, chunksEmbedded: 0 } as const
  const work = { ...parsing, stageDone: 0.25, pagesDone: 75 }
  expect(progressOf({ work })).toMatchObject({
    stage: 'parse',
    stage_done: 0.25,
    bytes: { total: 1_000, done: 250 },
    pages: 300,
    pages_done: 75,
    bytes_per_second: 25,
    seconds_left: 30,
  })
  expect(progressOf({ work }, { ...QUEUE, meanSeconds: 100 })).toMatchObject({ seconds_left: 85 })
})

test('while it is cut into chunks, all its bytes are parsed', () => {
  const work: JobWork = { ...WORK, stage: 'chunk', stageDone: 0.5, chunks: 0, chunksEmbedded: 0 }
  expect(progressOf({ work })).toMatchObject({
    stage_done: 0.5,
    bytes: { total: 1_000, done: 1_000 },
    pages_done: 12,
    bytes_per_second: 50,
    seconds_left: 10,
  })
})

test('of a stage that cannot say how far it is, nothing is claimed', () => {
  const work: JobWork = { ...WORK, stage: 'parse', stageDone: null, pages: null, pagesDone: null }
  expect(progressOf({ work })).toMatchObject({
    stage_done: null,
    bytes: { done: 0 },
    pages_done: null,
    bytes_per_second: null,
    seconds_left: null,
  })
})

test('in the queue, what waits there and how fast it moves does', () => {
  const queued = { status: 'queued', startedAt: null } as const
  expect(progressOf(queued, QUEUE)).toMatchObject({ stage: 'queued', seconds_left: 120 })
  expect(progressOf(queued, { ...QUEUE, completedPerMinute: 0 })).toMatchObject({
    seconds_left: null,
  })
})

test('a job that waits for its next attempt has nothing done', () => {
  expect(progressOf({ status: 'retrying' })).toMatchObject({
    stage: 'queued',
    bytes: { total: 1_000, done: 0 },
    chunks: { total: 0, done: 0 },
    seconds_left: null,
  })
})

test('from stage to stage, what is read never goes back and ends with all of it', () => {
  const share = fc.float({ min: 0, max: 1, noNaN: true })
  const states = fc.record({
    bytes: fc.nat(),
    pages: fc.option(fc.integer({ min: 1, max: 5_000 })),
    parsed: fc.array(fc.option(share)),
    cut: fc.array(fc.option(share)),
  })
  fc.assert(
    fc.property(states, ({ bytes, pages, parsed, cut }) => {
      const rising = (shares: readonly (number | null)[]) =>
        shares.toSorted((one, other) => (one ?? -1) - (other ?? -1))
      const work: JobWork = { ...WORK, bytes, pages, chunks: 0, chunksEmbedded: 0, pagesDone: null }
      const pagesAt = (done: number | null) =>
        pages === null || done === null ? null : Math.floor(pages * done)
      const told = [
        ...rising(parsed).map((stageDone) =>
          progressOf({
            work: { ...work, stage: 'parse', stageDone, pagesDone: pagesAt(stageDone) },
          }),
        ),
        ...rising(cut).map((stageDone) =>
          progressOf({ work: { ...work, stage: 'chunk', stageDone, pagesDone: pages } }),
        ),
        progressOf({ work: { ...WORK, bytes, pages, pagesDone: pages } }),
        progressOf({ status: 'completed', work: { ...WORK, bytes, pages, stage: 'index' } }),
      ]
      for (const figures of [
        told.map((each) => each?.bytes.done ?? -1),
        told.map((each) => each?.pages_done ?? 0),
      ])
        expect(figures).toEqual(figures.toSorted((one, other) => one - other))
      for (const each of told) expect(each?.bytes.done).toBeLessThanOrEqual(bytes)
      expect(told.at(-1)).toMatchObject({
        bytes: { done: bytes },
        pages_done: pages,
        stage_done: 1,
      })
    }),
  )
})

test('a completed job has everything done', () => {
  expect(progressOf({ status: 'completed', work: { ...WORK, stage: 'index' } })).toMatchObject({
    bytes: { total: 1_000, done: 1_000 },
    chunks: { total: 200, done: 200 },
    seconds_left: 0,
  })
})

test('a dead job has a reason, and no progress', () => {
  const lastError = { code: 'file_malformed', message: 'It is damaged.', at: NOW.toISOString() }
  const wired = wireJob(jobWith({ status: 'dead', lastError, history: [lastError] }))
  expect(wired).toMatchObject({ progress: null, last_error: lastError, errors: [lastError] })
})
