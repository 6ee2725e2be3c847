import { expect, test } from 'vitest'
import type { Transaction } from '../../src/core/ports/database.ts'
import { onEveryBackend } from './backends.ts'

const ONE = { oneStatement: true } as const
const WHO = `select current_setting('ragstone.tenant_id') as tenant, current_user::text as role`
const fileIds = async (transaction: Transaction) =>
  (await transaction.query<{ id: string }>('select id from files order by id')).map(({ id }) => id)
const addFile = (transaction: Transaction, id: string) =>
  transaction.query(
    `insert into files (tenant_id, id, filename, purpose, bytes, sha256, created_at)
     values ($1, $2, $2, 'assistants', 1, $2, now())`,
    [transaction.tenantId, id],
  )

onEveryBackend('transactions of one statement', (world) => {
  const { database, newTenant } = world

  test('are one round trip', async () => {
    const tenant = await newTenant()
    world.takeStatements()
    await database.transact(tenant, fileIds, ONE)

    expect(world.takeStatements()).toEqual(['select id from files order by id'])
  })

  test('keep what they write, and see their own tenant alone', async () => {
    const [one, two] = [await newTenant(), await newTenant()]
    await database.transact(one, (transaction) => addFile(transaction, 'file-1'), ONE)

    expect(await database.transact(one, fileIds, ONE)).toEqual(['file-1'])
    expect(await database.transact(two, fileIds, ONE)).toEqual([])
  })

  test('run in the tenant’s role, whatever the tenant’s name holds', async () => {
    const name = `x'); set role none; --\\`
    const ask = (transaction: Transaction) => transaction.query(WHO, [])

    expect(await database.transact(name, ask, ONE)).toEqual([
      { tenant: name, role: 'ragstone_app' },
    ])
  })

  test('a statement with a name sees each tenant’s own, time after time', async () => {
    const tenants = await Promise.all(Array.from({ length: 3 }, () => newTenant()))
    for (const tenant of tenants)
      await database.transact(tenant, (transaction) => addFile(transaction, `of-${tenant}`), ONE)
    const seen: string[][] = []
    for (const tenant of [...tenants, ...tenants, ...tenants]) {
      const rows = await database.transact(
        tenant,
        (transaction) =>
          transaction.query<{ id: string }>('select id from files where tenant_id = $1', [tenant], {
            name: 'files_of',
          }),
        ONE,
      )
      seen.push(rows.map(({ id }) => id))
    }

    expect(seen).toEqual([...tenants, ...tenants, ...tenants].map((tenant) => [`of-${tenant}`]))
  })

  test('one that fails leaves nothing behind, and its name can be used again', async () => {
    const tenant = await newTenant()
    const divide = (by: number) =>
      database.transact(
        tenant,
        (transaction) => transaction.query('select 1 / $1::int as n', [by], { name: 'divide' }),
        ONE,
      )

    await expect(divide(0)).rejects.toThrow(/division by zero/)
    for (let time = 0; time < 10; time += 1) expect(await divide(1)).toEqual([{ n: 1 }])
  })

  test('leave connections clean, however they end', async () => {
    const tenant = await newTenant()
    const ends: (() => Promise<unknown>)[] = [
      () => database.transact(tenant, fileIds, ONE),
      () => database.transact(tenant, (transaction) => transaction.query('select 1 / 0'), ONE),
      () => database.transact(tenant, () => Promise.reject(new Error('no')), ONE),
      () => database.transact(tenant, fileIds, { ...ONE, signal: AbortSignal.timeout(1) }),
    ]
    await Promise.allSettled(Array.from({ length: 10 }, () => ends.map((end) => end())).flat())

    const states = await Promise.all(
      Array.from({ length: 8 }, () =>
        world.backend.pool.query(
          `select current_setting('role') as role, coalesce(current_setting('ragstone.tenant_id', true), '') as tenant`,
        ),
      ),
    )
    expect(states.flatMap(({ rows }) => rows)).toEqual(
      Array.from({ length: 8 }, () => ({ role: 'none', tenant: '' })),
    )
  })

  test('are for one statement', async () => {
    const tenant = await newTenant()
    const two = async (transaction: Transaction) => {
      await transaction.query('select 1')
      await transaction.query('select 2')
    }

    await expect(database.transact(tenant, two, ONE)).rejects.toThrow(/one statement/)
  })

  test('many at once each see their own', async () => {
    const tenants = await Promise.all(Array.from({ length: 40 }, () => newTenant()))
    const seen = await Promise.all(
      tenants.map((tenant) =>
        database.transact(
          tenant,
          (transaction) => transaction.query<{ tenant: string }>(WHO, []),
          ONE,
        ),
      ),
    )

    expect(seen.flat().map(({ tenant }) => tenant)).toEqual(tenants)
  })

  test('aborting rejects while the statement still runs', async () => {
    const tenant = await newTenant()
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('gone')), 20)
    const slow = (transaction: Transaction) =>
      transaction.query('select count(*) from generate_series(1, 3000000)')

    await expect(
      database.transact(tenant, slow, { ...ONE, signal: controller.signal }),
    ).rejects.toThrow('gone')
  })

  test.runIf(world.kind === 'postgres')(
    'aborting ends the statement on the server (PGlite cannot end one)',
    async () => {
      const tenant = await newTenant()
      const running = `select count(*) from pg_stat_activity where state = 'active' and query like 'select pg_sleep(58)%'`
      const count = async () =>
        (await world.backend.pool.query<{ count: number }>(running)).rows[0]?.count
      const controller = new AbortController()
      const work = database.transact(
        tenant,
        (transaction) => transaction.query('select pg_sleep(58)'),
        { ...ONE, signal: controller.signal },
      )
      await expect.poll(count).toBe(1)
      controller.abort()

      await expect(work).rejects.toThrow()
      await expect.poll(count).toBe(0)
    },
  )
})
