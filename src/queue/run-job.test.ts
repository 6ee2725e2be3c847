import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BAKE, exampleClaimedJob } from '../../test/example-claimed-job.ts'
import { AppError } from '../core/errors.ts'
import { JobLost } from '../core/job.ts'
import type { Attempt, JobHandler, TenantJob } from '../core/ports/queue.ts'
import type { JobEvent } from './job-event.ts'
import type { ClaimedJob, JobHistory } from './job-row.ts'
import type { JobTable } from './job-table.ts'
import { createRunJob } from './run-job.ts'

interface Ran {
  readonly fates: readonly JobEvent['type'][]
  /** What was asked of the table, in order. */
  readonly asked: readonly (readonly [string, ...unknown[]])[]
}

async function run(
  handle: JobHandler<TenantJob>,
  {
    claimed = exampleClaimedJob(),
    lost = new AbortController().signal,
    stopping = new AbortController().signal,
    isSuspended = true,
  }: {
    readonly claimed?: ClaimedJob
    readonly lost?: AbortSignal
    readonly stopping?: AbortSignal
    readonly isSuspended?: boolean
  } = {},
): Promise<Ran> {
  const asked: (readonly [string, ...unknown[]])[] = []
  const fates: JobEvent['type'][] = []
  const note =
    (name: string) =>
    async (_: ClaimedJob, ...rest: unknown[]) => {
      asked.push([name, ...rest])
      return true
    }
  const table: JobTable = {
    handBack: async (...call) => void (await note('handBack')(...call)),
    defer: async (...call) => void (await note('defer')(...call)),
    retry: async (...call) => void (await note('retry')(...call)),
    complete: note('complete'),
    bury: note('bury'),
    withdraw: note('withdraw'),
    park: async (...call) => {
      await note('park')(...call)
      return isSuspended
    },
    handBackAll: async () => undefined,
    wake: async () => undefined,
    counts: async () => ({ queued: 0, active: 0, failed: 0 }),
  }
  const runJob = createRunJob({
    table,
    handlings: new Map([['bake', { definition: BAKE, handle }]]),
    stopping,
    insist: async (settlement) => void (await settlement()),
    onEvent: ({ type }) => fates.push(type),
  })
  await runJob(claimed, lost)
  return { fates: fates.slice(1), asked }
}

const failWith = (error: unknown) => () => Promise.reject(error)
const outage = new AppError('provider_unavailable', 'The service does not answer.')

test('what a handler resolves with is completed', async () => {
  expect(await run(async () => undefined)).toEqual({
    fates: ['job-completed'],
    asked: [['complete']],
  })
})

test('what there is nothing to do for is withdrawn', async () => {
  expect(await run(async () => 'withdrawn')).toEqual({
    fates: ['job-withdrawn'],
    asked: [['withdraw']],
  })
})

test('what a handler has settled is left as it is', async () => {
  expect(await run(async () => 'settled')).toEqual({ fates: ['job-completed'], asked: [] })
})

test('a failure that may pass is tried again', async () => {
  const { fates, asked } = await run(failWith(outage))
  expect(fates).toEqual(['job-retried'])
  expect(asked[0]?.[1]).toMatchObject({
    history: { failures: 1, last: { code: 'provider_unavailable', message: outage.message } },
  })
})

test('the last failure makes a dead letter', async () => {
  const { fates, asked } = await run(failWith(outage), {
    claimed: exampleClaimedJob({ retryCount: 8 }),
  })
  expect(fates).toEqual(['job-buried'])
  expect(asked[0]?.[1]).toMatchObject({ failures: 1, last: { code: 'provider_unavailable' } })
})

test('of what is no failure with a sentence for callers, only that is kept', async () => {
  const { asked } = await run(failWith(new Error('password=hunter2')))
  expect(JSON.stringify(asked)).not.toContain('hunter2')
  expect(asked[0]?.[1]).toMatchObject({ history: { last: { code: 'internal' } } })
})

test('a provider that says when to come back is waited for, and no attempt is lost', async () => {
  const limited = new AppError('rate_limited', 'Slow down.', { retryAfterMs: 20_000 })
  const { fates, asked } = await run(failWith(limited))
  const seconds = asked[0]?.[1]
  expect(fates).toEqual(['job-deferred'])
  expect(seconds).toBeGreaterThanOrEqual(20)
  expect(seconds).toBeLessThanOrEqual(25)
})

test('but not for more than a day', async () => {
  const limited = new AppError('rate_limited', 'Slow down.', { retryAfterMs: 20_000 })
  const claimed = exampleClaimedJob({ createdOn: new Date(Date.now() - 25 * 3_600_000) })
  expect((await run(failWith(limited), { claimed })).fates).toEqual(['job-retried'])
})

test('a database that was away costs no attempt', async () => {
  const away = new AppError('database_unavailable', 'The database does not answer.')
  expect((await run(failWith(away))).fates).toEqual(['job-deferred'])
})

test('a job of a suspended tenant is put aside', async () => {
  const suspended = new AppError('tenant_suspended', 'This tenant is suspended.')
  expect((await run(failWith(suspended))).fates).toEqual(['job-parked'])
  expect((await run(failWith(suspended), { isSuspended: false })).fates).toEqual([
    'job-handed-back',
  ])
})

test('a worker that stops hands its job back', async () => {
  const stopping = new AbortController()
  const handle = async () => {
    stopping.abort()
    throw outage
  }
  expect(await run(handle, { stopping: stopping.signal })).toEqual({
    fates: ['job-handed-back'],
    asked: [['handBack']],
  })
})

test('a job that was lost is nobody’s failure', async () => {
  expect((await run(failWith(new JobLost()))).fates).toEqual(['job-lost'])
  expect((await run(failWith(outage), { lost: AbortSignal.abort() })).fates).toEqual(['job-lost'])
})

test('an attempt knows whether a failure would be its job’s last', async () => {
  let attempt: Attempt | undefined
  const handle: JobHandler<TenantJob> = async (_job, _signal, given) => {
    attempt = given
  }
  await run(handle, { claimed: exampleClaimedJob({ retryCount: 8 }) })
  const limited = new AppError('rate_limited', 'Slow down.', { retryAfterMs: 1 })
  const away = new AppError('database_unavailable', 'The database does not answer.')

  expect(attempt?.endsWith(outage)).toBe(true)
  expect([limited, away, new JobLost()].map((error) => attempt?.endsWith(error))).toEqual([
    false,
    false,
    false,
  ])
})

test('pauses double with each failure, with chance in them, up to their limit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 40 }), async (failures) => {
      const claimed = exampleClaimedJob({ retryLimit: 100, output: { failures } })
      const { asked } = await run(failWith(outage), { claimed })
      const [, settled] = asked[0] ?? []
      const { seconds } = settled as unknown as { seconds: number }
      const whole = Math.min(600, 5 * 2 ** failures)
      expect(seconds).toBeGreaterThanOrEqual(whole / 2)
      expect(seconds).toBeLessThanOrEqual(whole)
    }),
  )
})

test('of many failures the newest are kept, and all are counted', async () => {
  const at = new Date(0).toISOString()
  const history = Array.from({ length: 10 }, (_, index) => ({ code: `${index}`, message: '', at }))
  const output: JobHistory = { failures: 10, history }
  const { asked } = await run(failWith(outage), {
    claimed: exampleClaimedJob({ output, retryLimit: 20 }),
  })
  const [, settled] = asked[0] ?? []
  const kept = (settled as unknown as { history: JobHistory }).history

  expect(kept.failures).toBe(11)
  expect(kept.history?.map(({ code }) => code)).toEqual([
    '1',
    '2',
    '3',
    '4',
    '5',
    '6',
    '7',
    '8',
    '9',
    'provider_unavailable',
  ])
})
