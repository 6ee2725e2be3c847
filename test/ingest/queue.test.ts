import { expect, test, vi } from 'vitest'
import type { IngestJob } from '../../src/core/ports/queue.ts'
import type { Transaction } from '../../src/core/ports/database.ts'
import { createWorkerTable } from '../../src/queue/worker-table.ts'
import { executeSqlOn } from '../open-queue.ts'
import { onEveryBackend } from '../storage/backends.ts'
import { openWorkshop, quickJob } from './workshop.ts'
import type { OpenQueue, Workshop } from './workshop.ts'

const soon = { timeout: 15_000, interval: 20 }

async function send(workshop: Workshop, { queue }: OpenQueue, fileId: string): Promise<void> {
  await workshop.database.transact(workshop.tenantId, (transaction) =>
    queue.send(transaction, jobOf(workshop, fileId)),
  )
}

onEveryBackend('queue', (world) => {
  test('a job reaches its handler with its ids', async () => {
    const workshop = await openWorkshop(world)
    const queue = await workshop.openQueue()
    const seen: IngestJob[] = []
    queue.work(async (job) => void seen.push(job), { concurrency: 1 })
    await send(workshop, queue, 'file-1')
    await vi.waitFor(() => expect(seen).toEqual([jobOf(workshop, 'file-1')]), soon)
    await vi.waitFor(
      async () => expect(await queue.counts()).toEqual({ queued: 0, active: 0, failed: 0 }),
      soon,
    )
    await queue.stop({ timeoutMs: 1000 })
    expect(workshop.errors).toEqual([])
  })

  test('a transaction that is rolled back leaves no job', async () => {
    const workshop = await openWorkshop(world)
    const queue = await workshop.openQueue()
    const refused = workshop.database.transact(workshop.tenantId, async (transaction) => {
      await queue.queue.send(transaction, jobOf(workshop, 'file-1'))
      throw new Error('no')
    })
    await expect(refused).rejects.toThrow('no')
    expect(await queue.counts()).toEqual({ queued: 0, active: 0, failed: 0 })
    await queue.stop({ timeoutMs: 1000 })
  })

  test("after a job was sent the transaction is its tenant's again", async () => {
    const workshop = await openWorkshop(world)
    const queue = await workshop.openQueue()
    const role = await workshop.database.transact(workshop.tenantId, async (transaction) => {
      await queue.queue.send(transaction, jobOf(workshop, 'file-1'))
      return transaction.query('select current_user::text as role')
    })
    expect(role).toEqual([{ role: 'ragstone_app' }])
    await queue.stop({ timeoutMs: 1000 })
  })

  test('a send that fails ends the transaction, even for a caller that looks away', async () => {
    const workshop = await openWorkshop(world)
    const queue = await workshop.openQueue()
    const attempt = workshop.database.transact(workshop.tenantId, async (transaction) => {
      await queue.queue
        .send(withBrokenInserts(transaction), jobOf(workshop, 'file-1'))
        .catch(() => undefined)
      return transaction.query('select * from tenants')
    })
    await expect(attempt).rejects.toThrow(/current transaction is aborted/)
    await queue.stop({ timeoutMs: 1000 })
  })

  test('a failing job is tried again with pauses, then kept with the reason', async () => {
    const workshop = await openWorkshop(world)
    const queue = await workshop.openQueue({ retryLimit: 1 })
    const attempts: { number: number; last: boolean }[] = []
    queue.work(
      async (_job, _signal, { number, last }) => {
        attempts.push({ number, last })
        throw new Error('the reason')
      },
      { concurrency: 1 },
    )
    await send(workshop, queue, 'file-1')
    await vi.waitFor(
      async () => expect(await queue.counts()).toEqual({ queued: 0, active: 0, failed: 1 }),
      soon,
    )
    expect(attempts).toEqual([
      { number: 1, last: false },
      { number: 2, last: true },
    ])
    const { rows } = await world.backend.pool.query(
      `select state::text, output->'last'->>'code' as code, (output->>'failures')::int as failures
       from pgboss.job where data->>'tenantId' = $1`,
      [workshop.tenantId],
    )
    expect(rows).toEqual([{ state: 'failed', code: 'internal', failures: 2 }])
    await queue.stop({ timeoutMs: 1000 })
  })

  test('stopping tells the handler and hands its job back, claimable at once, without using an attempt', async () => {
    const workshop = await openWorkshop(world)
    const first = await workshop.openQueue()
    const started = Promise.withResolvers<void>()
    first.work(
      (_job, signal) =>
        new Promise((_, reject) => {
          started.resolve()
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        }),
      { concurrency: 1 },
    )
    await send(workshop, first, 'file-1')
    await started.promise
    expect(await first.counts()).toEqual({ queued: 0, active: 1, failed: 0 })
    await first.stop({ timeoutMs: 5000 })
    expect(await first.counts()).toEqual({ queued: 1, active: 0, failed: 0 })
    const { rows } = await world.backend.pool.query(
      `select retry_limit - retry_count as attempts, start_after <= now() as ready from pgboss.job where data->>'tenantId' = $1`,
      [workshop.tenantId],
    )
    expect(rows).toEqual([{ attempts: 2, ready: true }])
  })

  test('a handler that will not stop has its job handed back all the same', async () => {
    const workshop = await openWorkshop(world)
    const queue = await workshop.openQueue()
    const started = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    queue.work(
      async () => {
        started.resolve()
        await end.promise
      },
      { concurrency: 1 },
    )
    await send(workshop, queue, 'file-1')
    await started.promise
    await queue.stop({ timeoutMs: 50 })
    end.resolve()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await queue.counts()).toEqual({ queued: 1, active: 0, failed: 0 })
  })

  test('two jobs of one document take turns, while others run beside them', async () => {
    const workshop = await openWorkshop(world)
    const queue = await workshop.openQueue()
    const running = new Map<string, number>()
    let most = 0
    let done = 0
    await send(workshop, queue, 'file-1')
    await send(workshop, queue, 'file-1')
    await send(workshop, queue, 'file-2')
    queue.work(
      async ({ fileId }) => {
        running.set(fileId, (running.get(fileId) ?? 0) + 1)
        most = Math.max(most, running.get('file-1') ?? 0)
        await new Promise((resolve) => setTimeout(resolve, 50))
        running.set(fileId, (running.get(fileId) ?? 0) - 1)
        done += 1
      },
      { concurrency: 3 },
    )
    await vi.waitFor(() => expect(done).toBe(3), soon)
    expect(most).toBe(1)
    await queue.stop({ timeoutMs: 1000 })
  })

  test('a job whose worker fell silent goes to another, and the silent one can no longer settle it', async () => {
    const workshop = await openWorkshop(world)
    const job = quickJob()
    const silent = await workshop.openQueue(job)
    const other = await workshop.openQueue(job)
    const [ofSilent, ofOther] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const attempts: number[] = []
    silent.work(() => ofSilent.promise, { concurrency: 1 })
    await send(workshop, silent, 'file-1')
    await vi.waitFor(async () => expect((await silent.counts()).active).toBe(1), soon)
    other.work(
      async (_job, _signal, { number }) => {
        attempts.push(number)
        await ofOther.promise
      },
      { concurrency: 1 },
    )
    await workerTable(job.name).reclaim(-1)
    await vi.waitFor(() => expect(attempts).toEqual([2]), soon)
    ofSilent.resolve()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await other.counts()).toEqual({ queued: 0, active: 1, failed: 0 })
    ofOther.resolve()
    await vi.waitFor(async () => expect((await other.counts()).active).toBe(0), soon)
    await silent.stop({ timeoutMs: 1000 })
    await other.stop({ timeoutMs: 1000 })
  })

  test('a job that outlived more workers than it has attempts is said to be exhausted', async () => {
    const workshop = await openWorkshop(world)
    const job = { ...quickJob(), retryLimit: 0 }
    const silent = await workshop.openQueue(job)
    const other = await workshop.openQueue(job)
    const end = Promise.withResolvers<void>()
    const exhausted: boolean[] = []
    silent.work(() => end.promise, { concurrency: 1 })
    await send(workshop, silent, 'file-1')
    await vi.waitFor(async () => expect((await silent.counts()).active).toBe(1), soon)
    other.work(
      async (_job, _signal, attempt) => {
        exhausted.push(attempt.exhausted)
        throw new Error('given up')
      },
      { concurrency: 1 },
    )
    await workerTable(job.name).reclaim(-1)
    await vi.waitFor(async () => expect((await other.counts()).failed).toBe(1), soon)
    expect(exhausted).toEqual([true])
    end.resolve()
    await silent.stop({ timeoutMs: 1000 })
    await other.stop({ timeoutMs: 1000 })
  })

  test.runIf(world.kind === 'pglite')(
    'what a killed process was working on is put back at the next start',
    async () => {
      const workshop = await openWorkshop(world)
      const job = quickJob()
      const killed = await workshop.openQueue(job)
      const end = Promise.withResolvers<void>()
      killed.work(() => end.promise, { concurrency: 1 })
      await send(workshop, killed, 'file-1')
      await vi.waitFor(async () => expect((await killed.counts()).active).toBe(1), soon)

      const next = await workshop.openQueue(job)
      expect(await next.counts()).toEqual({ queued: 1, active: 0, failed: 0 })
      const attempts: unknown[] = []
      await killed.stop({ timeoutMs: 0 })
      next.work(async (_job, _signal, { last }) => void attempts.push(last), {
        concurrency: 1,
      })
      await vi.waitFor(() => expect(attempts).toEqual([false]), soon)
      end.resolve()
      await next.stop({ timeoutMs: 1000 })
    },
  )

  function workerTable(name: string): ReturnType<typeof createWorkerTable> {
    return createWorkerTable({
      executeSql: executeSqlOn(world.backend),
      schema: 'pgboss',
      names: [name],
    })
  }

  test('a document that was added is indexed by a worker, and by the next one when the first is stopped midway', async () => {
    const workshop = await openWorkshop(world)
    const job = quickJob()
    const first = await workshop.openQueue(job)
    const ids = await workshop.add('It rains.\n\nIt pours.')
    const begun = Promise.withResolvers<void>()
    const embedder = {
      ...workshop.embedder,
      embed: (_texts: readonly string[], { signal }: { readonly signal?: AbortSignal }) =>
        new Promise<never>((_, reject) => {
          begun.resolve()
          signal?.addEventListener('abort', () => reject(signal.reason as Error))
        }),
    }
    first.work(workshop.ingestWith({ embedder }), { concurrency: 1 })
    await send(workshop, first, ids.fileId)
    await begun.promise
    await first.stop({ timeoutMs: 5000 })
    expect((await workshop.document(ids))?.status).toBe('in_progress')

    const second = await workshop.openQueue(job)
    second.work(workshop.ingestWith({}), { concurrency: 1 })
    await vi.waitFor(
      async () => expect((await workshop.document(ids))?.status).toBe('completed'),
      soon,
    )
    expect(await workshop.chunkTexts(ids)).toEqual(['It rains.\n\nIt pours.'])
    await second.stop({ timeoutMs: 1000 })
  })

  test('a hundred short jobs do not wait for a hundred polls', async () => {
    const workshop = await openWorkshop(world)
    const queue = await workshop.openQueue()
    let done = 0
    await workshop.database.transact(workshop.tenantId, async (transaction) => {
      for (let at = 0; at < 100; at++)
        await queue.queue.send(transaction, jobOf(workshop, `file-${at}`))
    })
    queue.work(async () => void done++, { concurrency: 2 })
    await vi.waitFor(() => expect(done).toBe(100), soon)
    await queue.stop({ timeoutMs: 1000 })
  })
})

function jobOf({ tenantId, vectorStoreId }: Workshop, fileId: string): IngestJob {
  return { tenantId, vectorStoreId, fileId }
}

/** A transaction in which every insert fails in the database. */
function withBrokenInserts(transaction: Transaction): Transaction {
  return {
    tenantId: transaction.tenantId,
    last: transaction.last,
    query: (text, values) =>
      /insert into/iu.test(text)
        ? transaction.query('select * from no_such_table')
        : transaction.query(text, values),
  }
}
