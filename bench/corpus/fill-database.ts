import type pg from 'pg'
import type { Backend } from '../../src/storage/backend.ts'
import { ensureEmbeddingSpace } from '../../src/storage/embedding-space.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { spaceTable } from '../../src/storage/space-table.ts'
import { batched } from './batched.ts'
import { dropDatabase, openDatabase } from './open-database.ts'
import { insertBatch, type PlacedPassage } from './insert-batch.ts'
import type { Passage, RealCorpus } from './passages.ts'
import { buildIndexes, dropIndexes } from './search-indexes.ts'
import { synthesise } from './synthesise.ts'
import { layOut, type BenchTenant } from './tenants.ts'

export interface FilledDatabase {
  readonly backend: Backend
  /** What makes a server use it. */
  readonly environment: Readonly<Record<string, string>>
  readonly space: string
  readonly tenants: readonly BenchTenant[]
  /** Null when it was filled by an earlier run. */
  readonly filled: {
    readonly rowsSeconds: number
    readonly indexSeconds: number
    readonly bytes: number
  } | null
}

export interface FillOptions {
  readonly kind: Backend['kind']
  readonly chunks: number
  readonly tenants: number
  readonly maxConnections: number
}

const BATCH = 1_000
// Of the passages and how they are laid out: another number fills databases anew.
const GENERATION = 1

/**
 * A database in production's schema with so many chunks: that of an earlier run, if there is one and it migrates to
 * the present schema, else a new one.
 */
export async function openFilledDatabase(
  real: RealCorpus,
  options: FillOptions,
): Promise<FilledDatabase> {
  const { kind, maxConnections } = options
  const name = `search-${options.chunks}-${options.tenants}`
  const tenants = layOut(options)
  const known = await openDatabase(kind, name, maxConnections)
  const space = await spaceOfEarlier(known.backend.pool)
  if (space !== null) return { ...known, space, tenants, filled: null }

  await known.backend.close()
  await dropDatabase(kind, name)
  const fresh = await openDatabase(kind, name, maxConnections)
  return { ...fresh, tenants, ...(await fill(fresh.backend, { real, tenants, options })) }
}

/** Null where no earlier run came to its end, or its schema is not this one's. */
async function spaceOfEarlier(pool: pg.Pool): Promise<string | null> {
  try {
    const { rows } = await pool.query<{ space: string }>(
      'select space from bench_corpus where generation = $1',
      [GENERATION],
    )
    if (rows[0] === undefined) return null
    await migrate(pool)
    return rows[0].space
  } catch {
    return null
  }
}

async function fill(
  { pool, kind }: Backend,
  of: Omit<Filling, 'space'>,
): Promise<Pick<FilledDatabase, 'filled' | 'space'>> {
  await migrate(pool)
  const space = await ensureEmbeddingSpace(pool, of.real)
  const client = await pool.connect()
  try {
    const began = performance.now()
    await client.query('set session_replication_role = replica')
    const dropped = await dropIndexes(client, space)
    await insertTenants(client, of.tenants)
    await insertChunks(client, { ...of, space })
    const built = performance.now()
    const { chunks, tenants } = of.options
    process.stderr.write(`\n${kind}, ${chunks} chunks, ${tenants} tenants: building indexes\n`)
    await buildIndexes(client, { space, dropped, kind })
    await finish(client, kind)
    const { rows } = await client.query<{ bytes: number }>(
      'select pg_database_size(current_database())::float8 as bytes',
    )
    await client.query('create table bench_corpus (generation integer, space text)')
    await client.query('insert into bench_corpus values ($1, $2)', [GENERATION, space])
    await client.query('set session_replication_role = origin')
    const filled = {
      rowsSeconds: (built - began) / 1_000,
      indexSeconds: (performance.now() - built) / 1_000,
      bytes: rows[0]?.bytes ?? 0,
    }
    return { space, filled }
  } finally {
    client.release()
  }
}

async function insertTenants(
  client: pg.PoolClient,
  tenants: readonly BenchTenant[],
): Promise<void> {
  for (const some of batched(tenants, BATCH)) {
    const ids = [some.map(({ id }) => id), some.map(({ storeId }) => storeId)]
    await client.query(
      `insert into tenants (id, name, tier) select id, id, 'enterprise' from unnest($1::text[]) as id`,
      ids.slice(0, 1),
    )
    await client.query(
      `insert into vector_stores (tenant_id, id, name, created_at, last_active_at)
       select tenant, store, 'bench', now(), now() from unnest($1::text[], $2::text[]) as made (tenant, store)`,
      ids,
    )
  }
}

interface Filling {
  readonly space: string
  readonly tenants: readonly BenchTenant[]
  readonly real: RealCorpus
  readonly options: FillOptions
}

async function insertChunks(
  client: pg.PoolClient,
  { space, tenants, real, options }: Filling,
): Promise<void> {
  const table = spaceTable(space)
  let done = 0
  for (const some of batched(
    place(synthesise(real.passages, { count: options.chunks }), tenants),
    BATCH,
  )) {
    await insertBatch(client, table, some)
    done += some.length
    if (done % 10_000 === 0) process.stderr.write(`\r${done} of ${options.chunks} chunks `)
  }
  await client.query(
    `select setval(pg_get_serial_sequence('chunks', 'id'), (select max(id) from chunks))`,
  )
}

/** Gives each passage to the tenant whose turn it is, so that all tenants have of everything. */
function* place(
  passages: Iterable<Passage>,
  tenants: readonly BenchTenant[],
): Generator<PlacedPassage> {
  const turns = takeTurns(tenants)
  let id = 0
  for (const passage of passages) {
    const turn = turns.next()
    if (turn.done === true) return
    id += 1
    yield { id, passage, ...turn.value }
  }
}

/** In a thousand rounds, in each of which every tenant gets its share. */
function* takeTurns(
  tenants: readonly BenchTenant[],
): Generator<Omit<PlacedPassage, 'id' | 'passage'>> {
  for (let round = 0; round < 1_000; round += 1) {
    for (const tenant of tenants) {
      const due = (rounds: number) => Math.ceil((tenant.chunks * rounds) / 1_000)
      for (let taken = due(round); taken < due(round + 1); taken += 1)
        yield { tenant, place: taken }
    }
  }
}

async function finish(client: pg.PoolClient, kind: Backend['kind']): Promise<void> {
  // The embedded database has no autovacuum; it only ever analyses, and the server does both by itself.
  await client.query(kind === 'postgres' ? 'vacuum analyze' : 'analyze')
  await client.query('checkpoint')
}
