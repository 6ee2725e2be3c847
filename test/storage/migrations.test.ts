import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createId } from '../../src/core/id.ts'
import { createDatabase } from '../../src/storage/database.ts'
import { ensureEmbeddingSpace } from '../../src/storage/embedding-space.ts'
import { migrate, pendingMigrations } from '../../src/storage/migrate.ts'
import { openPostgres } from '../../src/storage/postgres.ts'
import { onEveryBackend, onServer, openEmpty, SERVER_URL } from './backends.ts'
import { dumpCatalog } from './catalog-dump.ts'

onEveryBackend('migrations', (world) => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ragstone-migrations-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const write = (name: string, sql: string) => writeFile(join(folder, name), sql)
  /** The real ones are applied already, so they are not missed here. */
  const run = async () => {
    const { pool } = world.backend
    await pool.query('alter table migrations rename to kept')
    await pool.query('create table if not exists tried (like kept including all)')
    await pool.query('alter table tried rename to migrations')
    try {
      return await migrate(pool, pathToFileURL(`${folder}/`))
    } finally {
      await pool.query('alter table migrations rename to tried')
      await pool.query('alter table kept rename to migrations')
    }
  }

  test('run again, they do nothing and leave the same schema', async () => {
    const before = await dumpCatalog(world.backend.pool)

    expect(await migrate(world.backend.pool)).toEqual({ applied: [] })
    expect(await dumpCatalog(world.backend.pool)).toEqual(before)
    expect(before.length).toBeGreaterThan(500)
  })

  test('all of them are applied, so none is pending', async () => {
    const { rows } = await world.backend.pool.query<{ name: string }>('select name from migrations')
    const files = await readdir(new URL('../../src/storage/migrations/', import.meta.url))

    expect(rows.map(({ name }) => name).toSorted()).toEqual(files.toSorted())
    expect(await pendingMigrations(world.backend.pool)).toEqual([])
  })

  test('each is applied once, in the order of the numbers', async () => {
    await write('0002-second.sql', 'insert into steps values (2)')
    await write('0001-first.sql', 'create table steps (n int); insert into steps values (1)')

    expect(await run()).toEqual({ applied: ['0001-first.sql', '0002-second.sql'] })
    expect(await run()).toEqual({ applied: [] })
  })

  test('one that fails leaves nothing of itself, and those before it stay', async () => {
    await write('0003-third.sql', 'insert into steps values (3)')
    await write('0004-broken.sql', 'create table half (id int); select 1 / 0')

    await expect(run()).rejects.toThrow(/division by zero/)
    const { rows } = await world.backend.pool.query(
      `select to_regclass('half') as half, (select max(n) from steps) as last`,
    )
    await rm(join(folder, '0004-broken.sql'))

    expect(rows).toEqual([{ half: null, last: 3 }])
  })

  test('one that was changed after it was applied is an error that says so', async () => {
    await write('0002-second.sql', 'insert into steps values (22)')

    await expect(run()).rejects.toThrow(/0002-second\.sql has been changed/)
    await write('0002-second.sql', 'insert into steps values (2)')
  })

  test('only the ends of its lines may differ', async () => {
    await write('0005-lines.sql', 'select 1;\nselect 2')
    await run()
    await write('0005-lines.sql', 'select 1;\r\nselect 2')

    expect(await run()).toEqual({ applied: [] })
  })

  test('a database of a newer version is left alone', async () => {
    await rm(join(folder, '0005-lines.sql'))

    await expect(run()).rejects.toThrow(/newer Ragstone.*0005-lines\.sql/)
  })

  test('an embedding space is made once, however many ask at once', async () => {
    const { pool } = world.backend
    const model = { model: 'Maker/Some-Model v2.5', dimensions: 8 }
    const names = await Promise.all(
      Array.from({ length: 4 }, () => ensureEmbeddingSpace(pool, model)),
    )

    expect(new Set(names).size).toBe(1)
    expect(names[0]).toMatch(/^[a-z][a-z0-9_]{0,39}$/)
    await expect(ensureEmbeddingSpace(pool, { ...model, dimensions: 9 })).rejects.toThrow(
      /Some-Model v2\.5.*9.*8/,
    )
  })

  test('models whose names look alike have spaces of their own', async () => {
    const { pool } = world.backend
    const names = await Promise.all(
      ['a/b.c', 'a/b-c', '模型', `${'long/'.repeat(20)}1`, `${'long/'.repeat(20)}2`].map((model) =>
        ensureEmbeddingSpace(pool, { model, dimensions: 4 }),
      ),
    )

    expect(new Set(names).size).toBe(5)
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]{0,39}$/)
  })
})

describe.skipIf(SERVER_URL === undefined)(
  'migrations on postgres alone (skipped where RAGSTONE_TEST_DATABASE_URL names no server)',
  () => {
    test('two that start at once apply them once', async () => {
      const { backend, drop } = await openEmpty('postgres')
      const runs = await Promise.all([migrate(backend.pool), migrate(backend.pool)])
      await drop()

      const files = await readdir(new URL('../../src/storage/migrations/', import.meta.url))
      expect(runs.flatMap(({ applied }) => applied).toSorted()).toEqual(files.toSorted())
    })

    test('the owner of a database needs no more than that, once extensions and role are there', async () => {
      const server = SERVER_URL ?? ''
      const name = createId('ten_')
      await onServer(server, `create role ${name} login`)
      await onServer(server, `create database ${name} owner ${name}`)
      const url = new URL(server)
      url.pathname = `/${name}`
      await onServer(url.href, 'create extension vector; create extension pg_textsearch')
      await onServer(
        url.href,
        `do $$ begin create role ragstone_app nologin; exception when duplicate_object then null; end $$; grant ragstone_app to ${name}`,
      )
      url.username = name
      const backend = await openPostgres({ url: url.href, maxConnections: 2 })
      try {
        await migrate(backend.pool)
        await backend.pool.query(`insert into tenants (id, name) values ('ten_1', 'one')`)
        const space = await ensureEmbeddingSpace(backend.pool, { model: 'm', dimensions: 4 })
        const seen = await createDatabase(backend).transact('ten_1', (transaction) =>
          transaction.query(
            `select current_user::text as role, (select count(*) from tenants) as tenants, (select count(*) from vectors_${space}) as vectors`,
          ),
        )

        expect(seen).toEqual([{ role: 'ragstone_app', tenants: 1, vectors: 0 }])
        // Forced: not even the owner sees rows of tenants.
        await createDatabase(backend).transact('ten_1', (transaction) =>
          transaction.query(
            `insert into files values ('ten_1', 'file-1', 'a', 'assistants', 1, 'b', now())`,
          ),
        )
        expect((await backend.pool.query('select from files')).rowCount).toBe(0)
      } finally {
        await backend.close()
        await onServer(server, `drop database ${name} with (force)`)
        await onServer(server, `drop role ${name}`)
      }
    })

    test('a server that cannot be reached is a typed error', async () => {
      await expect(
        openPostgres({ url: 'postgres://nobody@127.0.0.1:1/none', maxConnections: 1 }),
      ).rejects.toMatchObject({ code: 'database_unavailable', retryAfterMs: 1000 })
    })

    test('a database that does not exist is said to be missing', async () => {
      const url = new URL(SERVER_URL ?? '')
      url.pathname = '/no_such_database'

      await expect(openPostgres({ url: url.href, maxConnections: 1 })).rejects.toMatchObject({
        code: 'database_unavailable',
        message: expect.stringContaining('does not exist'),
      })
    })
  },
)
