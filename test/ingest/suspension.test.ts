import { expect, test, vi } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { handleIngestDocument } from '../../src/jobs/ingest-document.ts'
import { createTenants } from '../../src/storage/tenants.ts'
import { createTenantDirectory } from '../../src/tenancy/tenant-directory.ts'
import { onEveryBackend, type World } from '../storage/backends.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

const soon = { timeout: 15_000, interval: 20 }

async function become(world: World, { tenantId }: Workshop, status: string): Promise<void> {
  await world.backend.pool.query('update tenants set status = $2 where id = $1', [tenantId, status])
}

async function jobsOf(world: World, { tenantId }: Workshop): Promise<readonly object[]> {
  const { rows } = await world.backend.pool.query<object>(
    `select state::text, retry_limit - retry_count as retries_left, start_after = 'infinity' as parked
     from pgboss.job where data ->> 'tenantId' = $1`,
    [tenantId],
  )
  return rows
}

onEveryBackend('ingestion of a suspended tenant', (world) => {
  const begin = async () => {
    const workshop = await openWorkshop(world)
    // Looked up every time, as if five seconds had passed.
    let now = 0
    const tenants = createTenants(world.backend.pool)
    const tenantDirectory = createTenantDirectory({ tenants, now: () => (now += 5_000) })
    const queue = await workshop.openQueue()
    const ingest = workshop.ingestWith({})
    const handler = handleIngestDocument({ ingest, giveUp: async () => 'settled', tenantDirectory })
    const job = await workshop.add('It rains.')
    const { tenantId } = workshop
    await workshop.database.transact(tenantId, (within) => queue.queue.send(within, job))
    const isDone = async () => (await workshop.document(job))?.status === 'completed'
    return { workshop, queue, handler, job, isDone }
  }

  test('waits without losing an attempt, and goes on when it is resumed', async () => {
    const { workshop, queue, handler, isDone } = await begin()
    await become(world, workshop, 'suspended')
    queue.work(handler, { concurrency: 1 })
    const parked = { state: 'created', retries_left: 2, parked: true }
    await vi.waitFor(async () => expect(await jobsOf(world, workshop)).toEqual([parked]), soon)
    expect(await isDone()).toBe(false)

    await become(world, workshop, 'active')
    await queue.tenantJobs.wake()
    await vi.waitFor(async () => expect(await isDone()).toBe(true), soon)
    await queue.stop({ timeoutMs: 1000 })
    expect(workshop.errors).toEqual([])
  })

  test('is not woken while the tenant is suspended', async () => {
    const { workshop, queue, handler } = await begin()
    await become(world, workshop, 'suspended')
    queue.work(handler, { concurrency: 1 })
    const parked = [{ state: 'created', retries_left: 2, parked: true }]
    await vi.waitFor(async () => expect(await jobsOf(world, workshop)).toEqual(parked), soon)
    await queue.tenantJobs.wake()

    expect(await jobsOf(world, workshop)).toEqual(parked)
    await queue.stop({ timeoutMs: 1000 })
  })

  test('of a tenant that was resumed a moment ago is never put aside for ever', async () => {
    const { workshop, queue, isDone, handler } = await begin()
    await become(world, workshop, 'active')
    let stale = 2
    // This process still believes that the tenant is suspended.
    queue.work(
      async (...call) => {
        stale -= 1
        if (stale < 0) return handler(...call)
        throw new AppError('tenant_suspended', 'This tenant is suspended.')
      },
      { concurrency: 1 },
    )

    await vi.waitFor(async () => expect(await isDone()).toBe(true), soon)
    await queue.stop({ timeoutMs: 1000 })
  })

  test('of a tenant that is gone has nothing to do', async () => {
    const { workshop, queue, handler } = await begin()
    await world.backend.pool.query('delete from tenants where id = $1', [workshop.tenantId])
    queue.work(handler, { concurrency: 1 })
    const done = [expect.objectContaining({ state: 'cancelled' })]
    await vi.waitFor(async () => expect(await jobsOf(world, workshop)).toEqual(done), soon)
    expect(await queue.tenantJobs.count(workshop.tenantId)).toEqual({ all: 1, active: 0 })

    await queue.tenantJobs.delete(workshop.tenantId)
    expect(await queue.tenantJobs.count(workshop.tenantId)).toEqual({ all: 0, active: 0 })
    await queue.stop({ timeoutMs: 1000 })
  })
})
