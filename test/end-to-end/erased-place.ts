import { join } from 'node:path'
import type pg from 'pg'
import { openPglite } from '../../src/storage/pglite.ts'
import { openPostgres } from '../../src/storage/postgres.ts'

export interface Place {
  readonly directory: string
  /** Empty for the embedded database in the directory, while no server has it open. */
  readonly url: string
}

export type Pool = Pick<pg.Pool, 'query'>

export async function within<Result>(
  { directory, url }: Place,
  work: (pool: Pool) => Promise<Result>,
): Promise<Result> {
  const backend =
    url === ''
      ? await openPglite({ directory: join(directory, 'database') })
      : await openPostgres({ url, maxConnections: 1 })
  try {
    return await work(backend.pool)
  } finally {
    await backend.close()
  }
}

/** What years of use leave behind: so many rows that their deletion takes a while. */
export async function addManyRows(pool: Pool, tenantId: string): Promise<void> {
  for (const statement of [
    `insert into usage_ledger (tenant_id, model, purpose, input_tokens, cached_tokens, output_tokens, estimated, cost,
       currency, budgeted, latency_ms)
     select $1, 'llama', 'answer', 10, 0, 10, false, 0.001, 'EUR', true, 5 from generate_series(1, 120000)`,
    `insert into responses (tenant_id, id, created_at, input, response)
     select $1, 'resp_' || n, now(), '[]', jsonb_build_object('text', repeat('word ', 40))
     from generate_series(1, 40000) as n`,
    `insert into answer_traces (tenant_id, answer_id, created_at, trace)
     select $1, 'resp_' || n, now(), '{}' from generate_series(1, 40000) as n`,
    `insert into conversation_items (tenant_id, conversation_id, id, position, item)
     select $1, id, 'msg_' || n, 1000 + n, '{}' from conversations, generate_series(1, 40000) as n where tenant_id = $1`,
    `insert into embedding_cache (tenant_id, model, hash, embedding)
     select $1, 'some', decode(md5(n::text), 'hex'), '\\x00' from generate_series(1, 20000) as n`,
    `insert into audit_log (tenant_id, action, actor_kind, outcome)
     select $1, 'test', 'system', 'done' from generate_series(1, 5000)`,
  ])
    await pool.query(statement, [tenantId])
}

/** Rows by table; but for the audit log, which grows by whatever happens. */
export async function countsOf(
  pool: Pool,
  tenantId: string,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (const name of await tablesOfTenants(pool)) {
    const { rows } = await pool.query<{ count: number }>(
      `select count(*) as count from ${name} where tenant_id = $1`,
      [tenantId],
    )
    counts[name] = rows[0]?.count ?? -1
  }
  return counts
}

/** Every row of the tenant by table, a long one as its hash. */
export async function contentOf(
  pool: Pool,
  tenantId: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const content: Record<string, readonly string[]> = {}
  for (const name of await tablesOfTenants(pool)) {
    const { rows } = await pool.query<{ row: string }>(
      `select case when length(t::text) > 2000 then md5(t::text) else t::text end as row
       from ${name} as t where tenant_id = $1 order by 1`,
      [tenantId],
    )
    content[name] = rows.map(({ row }) => row)
  }
  return content
}

/** Tables, of whatever schema, in which the tenant's id stands anywhere; but for where its erasure is recorded. */
export async function tracesOf(pool: Pool, tenantId: string): Promise<readonly string[]> {
  const { rows: tables } = await pool.query<{ schema: string; name: string }>(
    `select relnamespace::regnamespace::text as schema, relname as name from pg_class
     where relkind = 'r' and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  )
  const traces: string[] = []
  for (const { schema, name } of tables) {
    // The operator's log tells what was done to the tenant, and whether.
    const elsewhere =
      name === 'tenant_erasures'
        ? 'false'
        : name === 'audit_log'
          ? `t.target is distinct from $1`
          : 'true'
    const { rows } = await pool.query<{ row: string }>(
      `select left(t::text, 300) as row from ${schema}.${name} as t
       where strpos(t::text, $1) > 0 and ${elsewhere} limit 3`,
      [tenantId],
    )
    traces.push(...rows.map(({ row }) => `${schema}.${name}: ${row}`))
  }
  return traces
}

async function tablesOfTenants(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select c.relname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
     where a.attname = 'tenant_id' and c.relkind in ('r', 'p') and not c.relispartition
       and c.relnamespace = 'public'::regnamespace and c.relname not like 'audit%'
     order by c.relname`,
  )
  return rows.map(({ name }) => name)
}
