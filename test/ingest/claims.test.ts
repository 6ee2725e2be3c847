import { expect, test } from 'vitest'
import type { IngestJob, JobPriority } from '../../src/core/ports/queue.ts'
import { createClaim } from '../../src/queue/claim-job.ts'
import type { ClaimedJob } from '../../src/queue/job-row.ts'
import { createJobTable } from '../../src/queue/job-table.ts'
import { executeSqlOn } from '../open-queue.ts'
import { onEveryBackend, type World } from '../storage/backends.ts'
import { openWorkshop, quickJob, type OpenQueue, type Workshop } from './workshop.ts'

interface Scene {
  readonly workshop: Workshop
  readonly queue: OpenQueue
  /** Sends in this order, each later than the one before. */
  readonly send: (tenantId: string, fileId: string, priority?: JobPriority) => Promise<void>
  readonly claim: () => Promise<ClaimedJob | null>
  readonly complete: (job: ClaimedJob | null) => Promise<unknown>
}

async function setUp(
  world: World,
  { tenantConcurrency = null }: { readonly tenantConcurrency?: number | null } = {},
): Promise<Scene> {
  const workshop = await openWorkshop(world)
  const job = quickJob()
  const queue = await workshop.openQueue(job)
  const place = {
    executeSql: executeSqlOn(world.backend),
    schema: 'pgboss',
    names: [job.name],
  }
  const table = createJobTable(place)
  return {
    workshop,
    queue,
    send: (tenantId, fileId, priority = 'interactive') =>
      workshop.database.transact(tenantId, (transaction) =>
        queue.queue.send(
          transaction,
          { tenantId, vectorStoreId: workshop.vectorStoreId, fileId },
          { priority },
        ),
      ),
    claim: createClaim({ ...place, tenantConcurrency }),
    complete: async (claimed) => claimed !== null && table.complete(claimed),
  }
}

const fileOf = (job: ClaimedJob | null) => (job?.data as IngestJob | undefined)?.fileId ?? null

onEveryBackend('claims', (world) => {
  test('what somebody waits for goes before what was there first', async () => {
    const { workshop, queue, send, claim } = await setUp(world)
    await send(workshop.tenantId, 'synced', 'sync')
    await send(workshop.tenantId, 'batched', 'batch')
    await send(workshop.tenantId, 'uploaded')

    expect([await claim(), await claim(), await claim()].map(fileOf)).toEqual([
      'uploaded',
      'batched',
      'synced',
    ])
    await queue.stop({ timeoutMs: 0 })
  })

  test('tenants take turns, however long the queue of one of them is', async () => {
    const { queue, send, claim, complete } = await setUp(world)
    const [large, small] = [await world.newTenant(), await world.newTenant()]
    for (let at = 0; at < 20; at += 1) await send(large, `large-${at}`)
    await send(small, 'small-0')
    await send(small, 'small-1')
    const order: (string | null)[] = []
    for (let at = 0; at < 5; at += 1) {
      const job = await claim()
      order.push(fileOf(job))
      await complete(job)
    }

    expect(order).toEqual(['large-0', 'small-0', 'large-1', 'small-1', 'large-2'])
    await queue.stop({ timeoutMs: 0 })
  })

  test('a tenant has no more jobs at work than it may', async () => {
    const { workshop, queue, send, claim, complete } = await setUp(world, { tenantConcurrency: 2 })
    const other = await world.newTenant()
    for (const name of ['a', 'b', 'c']) await send(workshop.tenantId, name)
    await send(other, 'other')
    const claimed = [await claim(), await claim(), await claim()]

    expect(new Set(claimed.map(fileOf))).toEqual(new Set(['a', 'b', 'other']))
    expect(await claim()).toBeNull()
    await complete(claimed.find((job) => fileOf(job) === 'a') ?? null)
    expect(fileOf(await claim())).toBe('c')
    await queue.stop({ timeoutMs: 0 })
  })

  test('of many claims at the same moment no two get one document', async () => {
    const { workshop, queue, send, claim } = await setUp(world)
    for (let at = 0; at < 6; at += 1) await send(workshop.tenantId, 'the same')
    await send(workshop.tenantId, 'another')
    const claimed = await Promise.all(Array.from({ length: 8 }, () => claim()))

    expect(
      claimed
        .map(fileOf)
        .filter((file) => file !== null)
        .toSorted(),
    ).toEqual(['another', 'the same'])
    await queue.stop({ timeoutMs: 0 })
  })

  test('a tenant that has waited for half a minute is next, whatever others wait for', async () => {
    const { queue, send, claim } = await setUp(world)
    const [patient, busy] = [await world.newTenant(), await world.newTenant()]
    await send(patient, 'synced', 'sync')
    await world.backend.pool.query(
      `update pgboss.job set created_on = now() - interval '31 seconds' where group_id = $1`,
      [patient],
    )
    await send(busy, 'uploaded')

    expect(fileOf(await claim())).toBe('synced')
    await queue.stop({ timeoutMs: 0 })
  })
})
