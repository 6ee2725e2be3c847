import type pg from 'pg'
import type { EmbeddingCoverage, EmbeddingMigration } from '../core/embedding-migration.ts'
import type { EmbeddingSpace } from '../core/embedding-space.ts'
import { AppError } from '../core/errors.ts'
import type { MigrationWork } from '../core/ports/embedding-migrations.ts'
import { beQuick, isLockMissed, lockAlone } from './alone-with-spaces.ts'
import { asDatabaseError } from './database-error.ts'
import { IS_OPEN, MIGRATION_COLUMNS, toMigration, type MigrationRow } from './migration-row.ts'
import { ownerTransaction, type OwnerTransaction } from './owner-transaction.ts'
import { spaceTable } from './space-table.ts'

/** As the owner of the schema. */
export function createMigrationWork(pool: pg.Pool): MigrationWork {
  const rowsOf = async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    try {
      return (await pool.query<Row>(text, [...values])).rows
    } catch (error) {
      throw asDatabaseError(error)
    }
  }
  return {
    async state() {
      const [row] = await rowsOf<StateRow>(STATE)
      const { spaces = [], serving = null, migration = null, untidy = false } = row ?? {}
      return {
        spaces,
        serving: spaces.find(({ name }) => name === serving) ?? null,
        migration: migration === null ? null : toMigration(datesOf(migration)),
        isUntidy: untidy,
      }
    },

    coverage: (space) => ownerTransaction(pool, (transaction) => coverageOf(transaction, space)),

    async lease(overseer, seconds) {
      const [row] = await rowsOf<MigrationRow>(
        `update embedding_migrations set overseer = $1, overseen_until = now() + $2 * interval '1 second'
         where ${IS_OPEN} and (overseen_until <= now() or overseer = $1) returning ${MIGRATION_COLUMNS}`,
        [overseer, seconds],
      )
      return row === undefined ? null : toMigration(row)
    },

    build: (migration) => whereFree(pool, (transaction) => build(transaction, migration)),

    gaps: (space) =>
      ownerTransaction(pool, async ({ query }) => {
        const rows = await query<{ tenant: string }>(
          'select tenant from embedding_gaps($1) as tenant',
          [space],
        )
        return rows.map(({ tenant }) => tenant)
      }),

    async finish({ id, toSpace }) {
      const done = await whereFree(pool, async (transaction) => {
        await lockAlone(transaction.query)
        const { chunks, vectors } = await coverageOf(transaction, toSpace)
        if (chunks !== vectors) return false
        await transaction.query(
          `update embedding_migrations set status = 'ready', ready_at = clock_timestamp(), problem = null
           where id = $1 and status = 'building'`,
          [id],
        )
        return true
      })
      // Never analysed, a search of it would read the whole table; not while anybody waits.
      if (done) await rowsOf(`analyze ${spaceTable(toSpace)}`)
      return done
    },

    async setProblem(id, problem) {
      await rowsOf(
        'update embedding_migrations set problem = $2 where id = $1 and problem is distinct from $2',
        [id, problem],
      )
    },

    async dropDoomed() {
      const doomed = await rowsOf<{ name: string }>(
        'select name from embedding_spaces where doomed_at is not null',
      )
      let all = true
      for (const { name } of doomed)
        all &&= await whereFree(pool, (transaction) => drop(transaction, name))
      return all
    },

    async bytesPerVector(space) {
      const [row] = await rowsOf<{ bytes: number; vectors: number }>(
        `select sum(pg_total_relation_size(inhrelid))::float8 as bytes,
           sum(greatest(0, reltuples))::float8 as vectors
         from pg_inherits join pg_class on pg_class.oid = inhrelid where inhparent = to_regclass($1)`,
        [spaceTable(space)],
      )
      const { bytes = 0, vectors = 0 } = row ?? {}
      return vectors < ENOUGH_TO_TELL ? null : bytes / vectors
    },
  }
}

/** Fewer are outweighed by the pages of empty partitions. */
const ENOUGH_TO_TELL = 10_000

/** One moment, one round trip: the row of an open migration goes before those that are over. */
const STATE = `
  select (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'model', model)), '[]') from embedding_spaces
      where doomed_at is null) as spaces,
    exists (select from embedding_spaces where doomed_at is not null) as untidy,
    (select space from embedding_serving) as serving,
    (select to_jsonb(latest) from (
      select ${MIGRATION_COLUMNS} from embedding_migrations order by ${IS_OPEN} desc, created_at desc limit 1) as latest)
      as migration`

interface StateRow {
  readonly spaces: readonly EmbeddingSpace[]
  readonly untidy: boolean
  readonly serving: string | null
  readonly migration: MigrationRow | null
}

/** JSON has no dates. */
function datesOf(row: MigrationRow): MigrationRow {
  const date = (value: Date | null) => (value === null ? null : new Date(value))
  return {
    ...row,
    created_at: new Date(row.created_at),
    building_at: date(row.building_at),
    ready_at: date(row.ready_at),
    cut_over_at: date(row.cut_over_at),
    ended_at: date(row.ended_at),
  }
}

async function coverageOf({ query }: OwnerTransaction, space: string): Promise<EmbeddingCoverage> {
  const [row] = await query<EmbeddingCoverage>(
    'select tenants, chunks, tokens, vectors from embedding_coverage($1)',
    [space],
  )
  return row ?? { tenants: 0, chunks: 0, tokens: 0, vectors: null }
}

/** False where somebody held what it needs. */
async function whereFree(
  pool: pg.Pool,
  work: (transaction: OwnerTransaction) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await ownerTransaction(pool, work)
  } catch (error) {
    if (isLockMissed(error) || (error instanceof AppError && error.code === 'conflict'))
      return false
    throw error
  }
}

async function build(
  { query }: OwnerTransaction,
  { id, toSpace, toModel, toDimensions }: EmbeddingMigration,
): Promise<boolean> {
  await lockAlone(query)
  await beQuick(query)
  const [known] = await query<{ doomed: boolean }>(
    'select doomed_at is not null as doomed from embedding_spaces where name = $1',
    [toSpace],
  )
  // It is taken away first, with whatever it holds.
  if (known?.doomed === true) return false
  if (known === undefined)
    await query('call create_embedding_space($1, $2, $3)', [toSpace, toModel, toDimensions])
  await query(
    `update embedding_migrations set status = 'building', building_at = clock_timestamp()
     where id = $1 and status = 'planned'`,
    [id],
  )
  return true
}

async function drop({ query }: OwnerTransaction, name: string): Promise<boolean> {
  await beQuick(query)
  await query(`drop table if exists ${spaceTable(name)}`)
  await query('delete from embedding_spaces where name = $1 and doomed_at is not null', [name])
  return true
}
