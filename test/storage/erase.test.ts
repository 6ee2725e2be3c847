import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import type { TenantErasures } from '../../src/core/ports/tenant-erasures.ts'
import { createAuditLog } from '../../src/storage/audit-log.ts'
import { createGoldenQuestions } from '../../src/storage/golden-questions.ts'
import { createTenantErasures } from '../../src/storage/tenant-erasures.ts'
import { createTenantJobs } from '../../src/queue/tenant-jobs.ts'
import { createEraseTenants } from '../../src/tenancy/erase-tenants.ts'
import { executeSqlOn } from '../open-queue.ts'
import { onEveryBackend } from './backends.ts'
import { addIndexed, addStore, createSpace, sha256, SPACE } from './library.ts'
import { blobsIn, tenantBlobsIn } from './blob-folder.ts'

const askedBy = { actor: { kind: 'operator', id: null }, requestId: null, address: null } as const
const TEXT = 'The wall is high.'

onEveryBackend('The erasure of a tenant', (world) => {
  beforeAll(async () => {
    await createSpace(world.backend)
    // As much of the queue's table as erasing asks for.
    await world.backend.pool.query(
      'create schema pgboss; create table pgboss.job (data jsonb, state text)',
    )
  })

  const begin = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ragstone-erase-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const erasures = createTenantErasures(world.backend.pool)
    const blobs = blobsIn(folder)
    const forgotten: string[] = []
    const worker = (tenantErasures: TenantErasures) =>
      createEraseTenants({
        database: world.database,
        tenantErasures,
        tenantBlobs: tenantBlobsIn(folder),
        tenantJobs: createTenantJobs({
          executeSql: executeSqlOn(world.backend),
          schema: 'pgboss',
        }),
        tenantDirectory: { forget: (id) => void forgotten.push(id) },
        auditLog: createAuditLog(),
        quietMs: 0,
        batch: 3,
      })
    const [operator, doomed, neighbour] = [
      await world.newTenant(),
      await world.newTenant(),
      await world.newTenant(),
    ]
    for (const tenant of [doomed, neighbour]) {
      await blobs.put(tenant, sha256(TEXT), Buffer.from(TEXT))
      await world.backend.pool.query(
        `insert into pgboss.job values (jsonb_build_object('tenantId', $1::text), 'created')`,
        [tenant],
      )
      await world.database.transact(tenant, async (within) => {
        const store = await addStore(within)
        for (let count = 0; count < 5; count += 1) {
          await addIndexed(within, store, { passages: [{ text: TEXT }, { text: 'It is old.' }] })
        }
        const golden = [{ question: 'How high is the wall?', expected: [] }]
        await createGoldenQuestions().put(within, store, golden)
        await within.query(
          `insert into conversations (tenant_id, id, created_at) values ($1, 'conv_1', now())`,
          [tenant],
        )
        const seen = {
          ...askedBy,
          action: 'test',
          target: null,
          outcome: 'done',
          detail: {},
        } as const
        await createAuditLog().append(within, seen)
      })
    }
    await world.database.transact(operator, (within) =>
      erasures.begin(within, { tenantId: doomed, name: 'doomed', askedBy }),
    )
    return { erasures, worker, operator, doomed, neighbour, blobs }
  }

  /** Rows by table, found by another way than the erasure finds them. */
  const rowsOf = async (tenant: string) => {
    const { rows: tables } = await world.backend.pool.query<{ name: string }>(
      `select table_name as name from information_schema.columns
       where table_schema = 'public' and column_name = 'tenant_id'`,
    )
    const counts: Record<string, number> = {}
    for (const { name } of tables) {
      const { rows } = await world.backend.pool.query<{ count: number }>(
        `select count(*) as count from ${name} where tenant_id = $1`,
        [tenant],
      )
      counts[name] = rows[0]?.count ?? -1
    }
    return counts
  }

  test('leaves no row in any table of the catalogue, and touches nobody else', async () => {
    const { worker, doomed, neighbour, erasures } = await begin()
    const [before, beside] = [await rowsOf(doomed), await rowsOf(neighbour)]
    await worker(erasures)()

    expect(before).toMatchObject({
      files: 5,
      chunks: 10,
      [`vectors_${SPACE.name}`]: 10,
      audit_log: 1,
    })
    expect(Object.entries(await rowsOf(doomed)).filter(([, count]) => count !== 0)).toEqual([])
    expect(await rowsOf(neighbour)).toEqual(beside)
    expect((await erasures.find(doomed))?.finishedAt).toBeInstanceOf(Date)
  })

  test('knows every table that has rows of tenants', async () => {
    const { erasures } = await begin()
    const { rows } = await world.backend.pool.query<{ name: string }>(
      `select c.relname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
       where a.attname = 'tenant_id' and c.relkind in ('r', 'p') and not c.relispartition
         and c.relnamespace = 'public'::regnamespace`,
    )

    expect(await erasures.tables()).toEqual(expect.arrayContaining(rows.map(({ name }) => name)))
  })

  test('says what there was and that nothing is left, where its operator can read it', async () => {
    const { worker, doomed, operator, erasures, blobs } = await begin()
    const before = await rowsOf(doomed)
    await worker(erasures)()
    const certificate = await erasures.find(doomed)
    const [entry] = await world.database.transact(operator, (within) =>
      within.query<{ detail: object }>(
        `select detail from audit_log where tenant_id = $1 and action = 'tenant.erase' and target = $2`,
        [operator, doomed],
      ),
    )

    const counted = Object.entries(before).filter(([name]) => !/_\d+$/.test(name))
    expect(certificate?.before).toMatchObject({
      rows: Object.fromEntries(counted),
      blobs: 1,
      blobBytes: TEXT.length,
      jobs: 1,
    })
    expect(certificate?.after).toMatchObject({ blobs: 0, blobBytes: 0, jobs: 0 })
    expect(
      Object.values(certificate?.after?.rows ?? { none: 1 }).every((count) => count === 0),
    ).toBe(true)
    expect(entry?.detail).toMatchObject({
      name: 'doomed',
      before: certificate?.before,
      after: certificate?.after,
    })
    expect(await blobs.get(doomed, sha256(TEXT))).toBeNull()
  })

  test('goes on from wherever its server died, and certifies what there was at first', async () => {
    const { worker, doomed, erasures } = await begin()
    const whole = await rowsOf(doomed)
    // Every server dies after some more batches; the next one takes up what has no lease any longer.
    for (let batches = 1; (await erasures.find(doomed))?.finishedAt === null; batches += 2) {
      let left = batches
      const mortal: TenantErasures = {
        ...erasures,
        async deleteRows(...call) {
          left -= 1
          if (left < 0) throw new Error('killed')
          return erasures.deleteRows(...call)
        },
      }
      await worker(mortal)().catch((error: unknown) => {
        if (!String(error).includes('killed')) throw error
      })
      await world.backend.pool.query('update tenant_erasures set leased_until = now()')
    }

    expect((await erasures.find(doomed))?.before?.rows).toMatchObject({
      files: whole['files'],
      chunks: whole['chunks'],
    })
    expect(Object.values(await rowsOf(doomed)).every((count) => count === 0)).toBe(true)
  })

  test('is not worked on by two servers at once', async () => {
    const { erasures, doomed } = await begin()
    const first = await erasures.lease('one', 60)
    const second = await erasures.lease('two', 60)

    expect(first?.tenantId).toBe(doomed)
    expect(second).toBeNull()
    await expect(erasures.renew(doomed, 'two', 60)).rejects.toMatchObject({ code: 'conflict' })
    await world.backend.pool.query(`update tenant_erasures set finished_at = now()`)
  })
})
