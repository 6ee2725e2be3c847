import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { createApiKeys } from '../../src/storage/api-keys.ts'
import { createDatabase } from '../../src/storage/database.ts'
import { createTenants } from '../../src/storage/tenants.ts'
import type { Transaction } from '../../src/core/ports/database.ts'
import { onEveryBackend } from './backends.ts'

const addFile = (transaction: Transaction, id: string) =>
  transaction.query(
    `insert into files (tenant_id, id, filename, purpose, bytes, sha256, created_at)
     values ($1, $2, $2, 'assistants', 1, $2, now())`,
    [transaction.tenantId, id],
  )
const fileIds = async (transaction: Transaction) =>
  (await transaction.query<{ id: string }>('select id from files order by id')).map(({ id }) => id)

onEveryBackend('transactions', (world) => {
  const { database, newTenant } = world

  test('what work resolves with is committed', async () => {
    const tenant = await newTenant()
    await database.transact(tenant, (transaction) => addFile(transaction, 'file-1'))

    expect(await database.transact(tenant, fileIds)).toEqual(['file-1'])
  })

  test('opening, one query and committing are three round trips', async () => {
    const tenant = await newTenant()
    world.takeStatements()
    await database.transact(tenant, fileIds)

    expect(world.takeStatements().map((text) => text.trim().split(/\s/)[0])).toEqual([
      'begin;',
      'select',
      'commit',
    ])
  })

  test('what is sent with the commit is one round trip, however much there is of it', async () => {
    const tenant = await newTenant()
    world.takeStatements()
    const changed: number[] = []
    await database.transact(tenant, async (transaction) => {
      for (const id of ['file-1', 'file-2']) {
        transaction.last(
          `insert into files (tenant_id, id, filename, purpose, bytes, sha256, created_at)
           values ($1, $2, $2, 'assistants', 1, $2, now())`,
          [tenant, id],
          (rows) => changed.push(rows),
        )
      }
    })

    expect(world.takeStatements()).toHaveLength(1)
    expect(changed).toEqual([1, 1])
    expect(await database.transact(tenant, fileIds)).toEqual(['file-1', 'file-2'])
  })

  test('the owner is borrowed for one statement, in one round trip, and the tenant’s role is back after it', async () => {
    const tenant = await newTenant()
    const roleOf = async (transaction: Transaction) =>
      (await transaction.query<{ role: string }>('select current_user as role'))[0]?.role
    const values = [7, 'it’s "quoted" \\ and $1', ['a', "b'"], [], null]
    const [owner, role] = await database.transact(tenant, async (transaction) => {
      await roleOf(transaction)
      world.takeStatements()
      const borrowed = await transaction.query<{ role: string }>(
        `select current_user as role, $1::int as number, $2::text as text, $3::text[] as list, $4::text[] as empty,
           $5::text as nothing, current_setting('ragstone.tenant_id') as tenant`,
        values,
        { asOwner: true },
      )
      expect(world.takeStatements()).toHaveLength(1)
      return [borrowed[0], await roleOf(transaction)]
    })

    expect(role).toBe('ragstone_app')
    expect(owner?.role).not.toBe('ragstone_app')
    const [number, text, list, empty, nothing] = values
    expect(owner).toMatchObject({ number, text, list, empty, nothing, tenant })
  })

  test('a statement of the owner that fails leaves nothing that could be asked with its role', async () => {
    const tenant = await newTenant()
    const asked = database.transact(tenant, async (transaction) => {
      await transaction.query('select 1 / 0', [], { asOwner: true }).catch(() => undefined)
      return transaction.query('select current_user')
    })

    await expect(asked).rejects.toThrow('aborted')
    expect(await database.transact(tenant, fileIds)).toEqual([])
  })

  test('where one statement sent with the commit fails, none is kept', async () => {
    const tenant = await newTenant()
    const statement = `insert into files (tenant_id, id, filename, purpose, bytes, sha256, created_at)
       values ($1, 'file-1', 'one', 'assistants', 1, 'one', now())`

    await expect(
      database.transact(tenant, async (transaction) => {
        transaction.last(statement, [tenant])
        transaction.last(statement, [tenant])
      }),
    ).rejects.toThrow(/duplicate key/)
    expect(await database.transact(tenant, fileIds)).toEqual([])
  })

  test('a transaction in which nothing is asked sends nothing', async () => {
    const tenant = await newTenant()
    world.takeStatements()
    await database.transact(tenant, async () => undefined)
    await database.transact(tenant, () => Promise.reject(new Error('no'))).catch(() => undefined)

    expect(world.takeStatements()).toEqual([])
  })

  test('where the transaction could not be opened, nothing is asked outside of it', async () => {
    const asked: string[] = []
    const refusing = createDatabase({
      ...world.backend,
      pool: refuseToBegin(world.backend.pool, (text) => asked.push(text)),
    })
    const twice = refusing.transact(await newTenant(), async (transaction) => {
      await transaction.query('select 1').catch(() => undefined)
      await transaction.query('select 2').catch(() => undefined)
    })

    await expect(twice).rejects.toThrow('no transaction')
    expect(asked.filter((text) => text.startsWith('select'))).toEqual([])
  })

  test('work that throws is rolled back, and its error is passed on', async () => {
    const tenant = await newTenant()
    const error = new Error('no')

    await expect(
      database.transact(tenant, async (transaction) => {
        await addFile(transaction, 'file-1')
        throw error
      }),
    ).rejects.toBe(error)
    expect(await database.transact(tenant, fileIds)).toEqual([])
  })

  test('a failed statement whose error is swallowed does not pass for a commit', async () => {
    const tenant = await newTenant()

    await expect(
      database.transact(tenant, async (transaction) => {
        await addFile(transaction, 'file-1')
        await transaction.query('select 1 / 0').catch(() => undefined)
      }),
    ).rejects.toThrow(/nothing of it was kept/)
    expect(await database.transact(tenant, fileIds)).toEqual([])
  })

  test('connections are clean after every kind of end', async () => {
    const tenant = await newTenant()
    const ends: (() => Promise<unknown>)[] = [
      () => database.transact(tenant, fileIds),
      () => database.transact(tenant, (transaction) => transaction.query('select 1 / 0')),
      () => database.transact(tenant, () => Promise.reject(new Error('no'))),
      () => database.transact(tenant, fileIds, { signal: AbortSignal.timeout(1) }),
    ]
    for (let round = 0; round < 40; round += 1) await ends[round % 4]?.().catch(() => undefined)

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

  test('a transaction that is over answers nothing', async () => {
    const tenant = await newTenant()
    const kept = await database.transact(tenant, async (transaction) => transaction)

    await expect(kept.query('select 1')).rejects.toThrow(/is over/)
  })

  test('queries asked at once are answered in their order', async () => {
    const tenant = await newTenant()
    const answers = await database.transact(tenant, (transaction) =>
      Promise.all(
        [1, 2, 3].map((n) => transaction.query<{ n: number }>('select $1::int as n', [n])),
      ),
    )

    expect(answers.flat().map(({ n }) => n)).toEqual([1, 2, 3])
  })

  test('a tenant id is a value, whatever it holds', async () => {
    const name = `x'; set role none; --\\`

    expect(
      await database.transact(name, (transaction) =>
        transaction.query(
          `select current_setting('ragstone.tenant_id') as tenant, current_user::text as role`,
        ),
      ),
    ).toEqual([{ tenant: name, role: 'ragstone_app' }])
  })

  test('bigint columns are numbers', async () => {
    const tenant = await newTenant()

    expect(
      await database.transact(tenant, (transaction) =>
        transaction.query('select 9007199254740991::bigint as n'),
      ),
    ).toEqual([{ n: 9_007_199_254_740_991 }])
  })

  test('a bigint that no number holds is refused, not rounded', async () => {
    const tenant = await newTenant()

    await expect(
      database.transact(tenant, (transaction) =>
        transaction.query('select 9007199254740993::bigint as n'),
      ),
    ).rejects.toThrow(/9007199254740993/)
  })

  test('many transactions at once each see their own tenant', async () => {
    const tenants = await Promise.all(Array.from({ length: 40 }, () => newTenant()))
    const seen = await Promise.all(
      tenants.map((tenant) =>
        database.transact(tenant, async (transaction) => {
          await addFile(transaction, `file-${tenant}`)
          return fileIds(transaction)
        }),
      ),
    )

    expect(seen).toEqual(tenants.map((tenant) => [`file-${tenant}`]))
  })

  test('an aborted signal is refused before anything is asked', async () => {
    const tenant = await newTenant()
    world.takeStatements()
    const signal = AbortSignal.abort(new Error('gone'))

    await expect(database.transact(tenant, fileIds, { signal })).rejects.toThrow('gone')
    expect(world.takeStatements()).toEqual([])
  })

  test('aborting rejects while the statement still runs, and nothing of it is kept', async () => {
    const tenant = await newTenant()
    const controller = new AbortController()
    const work = database.transact(
      tenant,
      async (transaction) => {
        await addFile(transaction, 'file-1')
        setTimeout(() => controller.abort(new Error('gone')), 20)
        await transaction.query('select count(*) from generate_series(1, 3000000)')
      },
      { signal: controller.signal },
    )

    await expect(work).rejects.toThrow('gone')
    expect(await database.transact(tenant, fileIds)).toEqual([])
  })

  test('aborting while waiting for a connection takes none', async () => {
    const tenant = await newTenant()
    const { pool } = world.backend
    const held = await Promise.all(
      Array.from({ length: pool.options.max ?? 8 }, () => pool.connect()),
    )
    const waiting = database.transact(tenant, fileIds, { signal: AbortSignal.timeout(20) })

    await expect(waiting).rejects.toThrow(/timeout/)
    for (const client of held) client.release()
    expect(await database.transact(tenant, fileIds)).toEqual([])
  })

  test.runIf(world.kind === 'postgres')(
    'aborting ends the statement on the server (PGlite cannot end one)',
    async () => {
      const tenant = await newTenant()
      const running = `select count(*) from pg_stat_activity where state = 'active' and query like 'select pg_sleep(57)%'`
      const count = async () =>
        (await world.backend.pool.query<{ count: number }>(running)).rows[0]?.count
      const controller = new AbortController()
      const work = database.transact(
        tenant,
        (transaction) => transaction.query('select pg_sleep(57)'),
        { signal: controller.signal },
      )
      await expect.poll(count).toBe(1)
      controller.abort()

      await expect(work).rejects.toThrow()
      await expect.poll(count).toBe(0)
    },
  )

  test.runIf(world.kind === 'postgres')(
    'a deadlock is a conflict that may be tried again (PGlite runs one transaction at a time)',
    async () => {
      const tenant = await newTenant()
      await database.transact(tenant, async (transaction) => {
        await addFile(transaction, 'file-1')
        await addFile(transaction, 'file-2')
      })
      const both = Promise.withResolvers<void>()
      let locked = 0
      const cross = (first: string, second: string) =>
        database.transact(tenant, async (transaction) => {
          const lock = 'select from files where id = $1 for update'
          await transaction.query(lock, [first])
          if ((locked += 1) === 2) both.resolve()
          await both.promise
          await transaction.query(lock, [second])
        })
      const ends = await Promise.allSettled([cross('file-1', 'file-2'), cross('file-2', 'file-1')])

      const failures = ends.filter((end) => end.status === 'rejected')
      expect(failures.map(({ reason }) => reason)).toMatchObject([
        { code: 'conflict', retryAfterMs: 100 },
      ])
    },
  )

  test('first starts at once make one tenant between them', async () => {
    const { pool } = world.backend
    await pool.query('delete from tenants')
    const tenants = createTenants(pool)
    const first = await Promise.all(Array.from({ length: 6 }, () => tenants.ensureFirst()))

    expect(new Set(first.map(({ tenantId }) => tenantId)).size).toBe(1)
    expect(first.filter(({ created }) => created)).toHaveLength(1)
    expect(await tenants.list()).toHaveLength(1)
  })

  test('a presented key finds its own record, and no other can be seen with it', async () => {
    const [tenant, other] = [await newTenant(), await newTenant()]
    const apiKeys = createApiKeys({ pool: world.backend.pool })
    const key = (id: string) => ({
      id,
      name: id,
      hash: Buffer.from([1, 2, 3]),
      scopes: ['ask', 'read'] as const,
      createdAt: new Date(1e12),
      expiresAt: null,
    })
    await database.transact(tenant, (transaction) => apiKeys.insert(transaction, key('key_1')))
    await database.transact(other, (transaction) => apiKeys.insert(transaction, key('key_2')))
    const client = await world.backend.pool.connect()
    await client.query(
      `begin; set local role ragstone_app; set local ragstone.presented_key = 'key_1'`,
    )
    const { rows } = await client.query('select id from api_keys')
    const { rowCount } = await client.query(`update api_keys set name = 'changed'`)
    await client.query('rollback')
    client.release()

    expect(await apiKeys.findPresented('key_1')).toMatchObject({
      ...key('key_1'),
      tenantId: tenant,
      revokedAt: null,
    })
    expect(await apiKeys.findPresented('key_3')).toBeNull()
    expect(rows).toEqual([{ id: 'key_1' }])
    expect(rowCount).toBe(0)
  })

  // The pool must have recovered before the next test, so these two come last.
  test.runIf(world.kind === 'postgres')(
    'a connection killed midway is a typed error, keeps nothing, and the next transaction works',
    async () => {
      const tenant = await newTenant()
      const killed = database.transact(tenant, async (transaction) => {
        await addFile(transaction, 'file-1')
        const [own] = await transaction.query<{ pid: number }>('select pg_backend_pid() as pid')
        await world.backend.pool.query('select pg_terminate_backend($1)', [own?.pid])
        await sleep(50)
        await transaction.query('select 1')
      })

      await expect(killed).rejects.toMatchObject({ code: 'database_unavailable' })
      expect(await database.transact(tenant, fileIds)).toEqual([])
    },
  )
})

/** The same pool, whose server takes no `begin`. */
function refuseToBegin(pool: pg.Pool, onQuery: (text: string) => void): pg.Pool {
  return Object.create(pool, {
    connect: {
      value: async () => {
        const client = await pool.connect()
        return Object.create(client, {
          release: { value: () => client.release() },
          query: {
            value: async (text: string) => {
              onQuery(text)
              if (text.startsWith('begin')) throw new Error('no transaction')
              return client.query(text)
            },
          },
        }) as pg.PoolClient
      },
    },
  }) as pg.Pool
}
