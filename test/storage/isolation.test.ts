import fc from 'fast-check'
import type pg from 'pg'
import { beforeAll, expect, test } from 'vitest'
import { createId } from '../../src/core/id.ts'
import type { Transaction } from '../../src/core/ports/database.ts'
import { ensureEmbeddingSpace } from '../../src/storage/embedding-space.ts'
import { inParallel } from '../in-parallel.ts'
import { onEveryBackend } from './backends.ts'
import { unprotectedTables } from './unprotected-tables.ts'

/** Rows of one tenant; each names its tenant in a text that any statement may bring back. */
async function insertFile(transaction: Transaction, tenantId: string): Promise<string> {
  const id = createId('file-')
  await transaction.query(
    `insert into files (tenant_id, id, filename, purpose, bytes, sha256, created_at)
     values ($1, $2, $1, 'assistants', 1, $2, now())`,
    [tenantId, id],
  )
  return id
}

async function insertChunk(
  transaction: Transaction,
  tenantId: string,
  text: string,
): Promise<void> {
  await transaction.query(
    `insert into chunks (tenant_id, vector_store_id, file_id, ordinal, start_byte, end_byte, text, context, headings, tokens)
     values ($1, 'vs_1', $2, 0, 0, 1, $3, '', '{}', 1)`,
    [tenantId, createId('file-'), text],
  )
}

onEveryBackend('isolation', (world) => {
  const { database, newTenant } = world
  let space: string
  beforeAll(async () => {
    space = await ensureEmbeddingSpace(world.backend.pool, { model: 'test/wall', dimensions: 4 })
  })

  test('every table with a tenant is behind forced row-level security, partitions included', async () => {
    expect(await unprotectedTables(world.backend.pool)).toEqual([])
  })

  test.for([
    ['no row-level security', ''],
    [
      'row-level security that spares the owner',
      'alter table bad enable row level security; create policy p on bad using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())',
    ],
    [
      'no policy',
      'alter table bad enable row level security; alter table bad force row level security',
    ],
    [
      'a policy that lets everything through',
      'alter table bad enable row level security; alter table bad force row level security; create policy p on bad using (true)',
    ],
    [
      'a second policy that lets everything through',
      "call protect_tenant_table('bad'); create policy also on bad using (true)",
    ],
  ])('the check finds a table with %s', async ([, sql]) => {
    const { pool } = world.backend
    await pool.query(
      `create table bad (tenant_id text not null, id text, primary key (tenant_id, id)); ${sql}`,
    )

    const found = await unprotectedTables(pool)
    await pool.query('drop table bad')

    expect(found.map(({ table }) => table)).toEqual(['bad'])
  })

  test('the check finds a partition that lost its protection', async () => {
    const { pool } = world.backend
    await pool.query(`alter table vectors_${space}_3 no force row level security`)

    const found = await unprotectedTables(pool)
    await pool.query(`alter table vectors_${space}_3 force row level security`)

    expect(found.map(({ table }) => table)).toEqual([`vectors_${space}_3`])
  })

  test('without a tenant there are no rows, in any table', async () => {
    const tenant = await newTenant()
    await database.transact(tenant, (transaction) => insertFile(transaction, tenant))
    const tables = await tenantTables(world.backend.pool)

    for (const setting of ['', `; set local ragstone.tenant_id = ''`]) {
      const counts = await asRole(world.backend.pool, setting, async (client) => {
        const seen: number[] = []
        for (const table of tables)
          seen.push((await client.query(`select from ${table}`)).rowCount ?? -1)
        return seen
      })
      expect(counts).toEqual(tables.map(() => 0))
    }
  })

  test("a row of another tenant's is refused", async () => {
    const [own, other] = [await newTenant(), await newTenant()]

    await expect(
      database.transact(own, (transaction) => insertFile(transaction, other)),
    ).rejects.toThrow(/row-level security/)
  })

  test('a row cannot be given to another tenant', async () => {
    const [own, other] = [await newTenant(), await newTenant()]

    await expect(
      database.transact(own, async (transaction) => {
        await insertFile(transaction, own)
        await transaction.query('update files set tenant_id = $1', [other])
      }),
    ).rejects.toThrow(/row-level security/)
  })

  test('a partition named directly shows its own rows at most, and takes none', async () => {
    const [own, other] = [await newTenant(), await newTenant()]
    for (const tenant of [own, other])
      await database.transact(tenant, (transaction) => insertChunk(transaction, tenant, tenant))

    for (let part = 0; part < 16; part += 1) {
      const rows = await database.transact(own, (transaction) =>
        transaction.query<{ tenant_id: string }>(`select tenant_id from chunks_${part}`),
      )
      expect(rows.filter((row) => row.tenant_id !== own)).toEqual([])
      for (const statement of [
        `delete from chunks_${part}`,
        `select from vectors_${space}_${part}`,
      ])
        await expect(
          database.transact(own, (transaction) => transaction.query(statement)),
        ).rejects.toThrow(/permission denied/)
    }
  })

  test('the role can neither change the schema nor lift the protection', async () => {
    const tenant = await newTenant()
    for (const statement of [
      'create table mine (id text)',
      'alter table files disable row level security',
      'drop policy tenant on files',
      'delete from migrations',
      `insert into tenants (id, name) values ('ten_x', 'x')`,
      `call create_embedding_space('mine', 'mine', 4)`,
    ])
      await expect(
        database.transact(tenant, (transaction) => transaction.query(statement)),
      ).rejects.toThrow(/permission denied|must be owner/)
  })

  test('tenants hammering at once, with wrong ids, no predicates and failures midway, see only themselves', async () => {
    const tenants = [await newTenant(), await newTenant(), await newTenant()]
    const written = new Map(tenants.map((tenant) => [tenant, new Set<string>()]))
    const step = fc.record({
      by: fc.nat(tenants.length - 1),
      victim: fc.nat(tenants.length - 1),
      action: fc.constantFrom('insert', 'read', 'update', 'delete', 'steal', 'search'),
      fails: fc.boolean(),
    })
    const steps = fc.sample(step, { seed: 20_261_121, numRuns: 600 })
    const leaks: string[] = []

    await inParallel(8, steps, async ({ by, victim, action, fails }) => {
      const [own = '', other = ''] = [tenants[by], tenants[victim]]
      const mine = written.get(own)
      let inserted: string | undefined
      try {
        await database.transact(own, async (transaction) => {
          inserted = await act(transaction, action, other, (tenantId) => {
            if (tenantId !== own) leaks.push(`${action} by ${own} saw ${tenantId}`)
          })
          if (fails) throw new Error('midway')
        })
        if (inserted !== undefined) mine?.add(inserted)
      } catch (error) {
        if (!/midway|row-level security/.test(String(error))) throw error
      }
    })

    expect(leaks).toEqual([])
    for (const tenant of tenants) {
      const rows = await database.transact(tenant, (transaction) =>
        transaction.query<{ id: string }>('select id from files'),
      )
      expect(new Set(rows.map(({ id }) => id))).toEqual(written.get(tenant))
    }
  })

  test("a small tenant finds all of its own in a partition crowded with others' better matches", async () => {
    const { pool } = world.backend
    const [small, large] = await sharePartition(world)
    await fill(large, 3000, { text: 'granite granite granite', vector: [1, 0] })
    await fill(small, 7, { text: 'granite among many other words', vector: [0.6, 0.8] })

    const found = await database.transact(small, async (transaction) => {
      const lexical = await transaction.query<{ tenant_id: string }>(
        `select tenant_id from chunks where tenant_id = $1
         order by (context || E'\\n' || text) <@> to_bm25query('granite', (select 'chunks_' || tenant_partition($1) || '_bm25')) limit 10`,
        [small],
      )
      await transaction.query('set local enable_seqscan = off; set local enable_sort = off')
      const dense = await transaction.query<{ tenant_id: string }>(
        `select tenant_id from vectors_${space} where tenant_id = $1 order by embedding <=> '[1,0,0,0]' limit 10`,
        [small],
      )
      return { lexical, dense }
    })

    const own = Array.from({ length: 7 }, () => ({ tenant_id: small }))
    expect(found).toEqual({ lexical: own, dense: own })

    async function fill(
      tenant: string,
      count: number,
      row: { readonly text: string; readonly vector: readonly [number, number] },
    ): Promise<void> {
      await pool.query(
        `with made as (
           insert into chunks (tenant_id, vector_store_id, file_id, ordinal, start_byte, end_byte, text, context, headings, tokens)
           select $1, 'vs_1', 'file-1', n, 0, 1, $2, '', '{}', 1 from generate_series(1, $3::int) as n returning id)
         insert into vectors_${space} (tenant_id, chunk_id, vector_store_id, file_id, embedding)
         select $1, id, 'vs_1', 'file-1', array[$4 + random() / 9, $5 + random() / 9, random() / 9, random() / 9]::real[]::halfvec from made`,
        [tenant, row.text, count, ...row.vector],
      )
    }
  })
})

/** One step against the wall. Every tenant whose row comes back is reported; gives the id that was inserted, if any. */
// oxlint-disable-next-line max-params -- what is done, to whom, and who is told
async function act(
  transaction: Transaction,
  action: string,
  victim: string,
  seen: (tenantId: string) => void,
): Promise<string | undefined> {
  const look = async (text: string, values: readonly unknown[] = []) => {
    for (const row of await transaction.query<{ tenant_id: string }>(text, values))
      seen(row.tenant_id)
  }
  switch (action) {
    case 'insert':
      return insertFile(transaction, transaction.tenantId)
    case 'read':
      // No predicate at all, then the wrong tenant's.
      await look('select * from files')
      await look('select * from files where tenant_id = $1', [victim])
      return undefined
    case 'update':
      await look(`update files set purpose = 'changed' returning tenant_id`)
      return undefined
    case 'delete':
      await look('delete from files where tenant_id = $1 and tenant_id <> $2 returning tenant_id', [
        victim,
        transaction.tenantId,
      ])
      return undefined
    case 'steal':
      if (victim !== transaction.tenantId) await insertFile(transaction, victim)
      return undefined
    default:
      await look('select tenant_id from api_keys full join files using (tenant_id)')
      await look('select id as tenant_id from tenants')
      return undefined
  }
}

async function tenantTables(pool: pg.Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'tenant_id'
       and has_table_privilege('ragstone_app', quote_ident(table_name), 'select')`,
  )
  expect(rows.length).toBeGreaterThan(8)
  return rows.map(({ name }) => name)
}

/** The tenant's role, but with whatever setting. */
async function asRole<Result>(
  pool: pg.Pool,
  setting: string,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  try {
    await client.query(`begin; set local role ragstone_app${setting}`)
    return await work(client)
  } finally {
    await client.query('rollback')
    client.release()
  }
}

/** Two new tenants whose chunks lie in one partition. */
async function sharePartition(world: {
  readonly backend: { readonly pool: pg.Pool }
  newTenant(): Promise<string>
}): Promise<readonly [string, string]> {
  const byPart = new Map<number, string>()
  for (;;) {
    const tenant = await world.newTenant()
    const { rows } = await world.backend.pool.query<{ part: number }>(
      'select tenant_partition($1) as part',
      [tenant],
    )
    const part = rows[0]?.part ?? -1
    const neighbour = byPart.get(part)
    if (neighbour !== undefined) return [tenant, neighbour]
    byPart.set(part, tenant)
  }
}
