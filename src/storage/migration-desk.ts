import type { EmbeddingMigration, MigrationStatus } from '../core/embedding-migration.ts'
import { AppError } from '../core/errors.ts'
import type { Transaction } from '../core/ports/database.ts'
import type { MigrationDesk, NewMigration } from '../core/ports/embedding-migrations.ts'
import { asOwner } from './as-owner.ts'
import { lockAlone } from './alone-with-spaces.ts'
import { spaceName } from './embedding-space.ts'
import {
  IS_OPEN,
  MIGRATION_COLUMNS,
  SERVING_SPACE,
  toMigration,
  type MigrationRow,
  type ServingSpace,
} from './migration-row.ts'

/** Each is one transaction: it has happened or it has not, whenever its process ends. */
export function createMigrationDesk(): MigrationDesk {
  return {
    begin: (transaction, migration) => alone(transaction, () => begin(transaction, migration)),

    cutOver: (transaction) =>
      alone(transaction, async () => {
        const { id, toSpace } = await requireOpen(transaction, ['ready', 'rolled_back'])
        await insistOnWhole(transaction, toSpace)
        await serve(transaction, toSpace)
        return enter(transaction, id, `status = 'cut_over', cut_over_at = clock_timestamp()`)
      }),

    rollBack: (transaction) =>
      alone(transaction, async () => {
        const migration = await requireOpen(transaction, ['cut_over'])
        await serveOld(transaction, migration)
        return enter(transaction, migration.id, `status = 'rolled_back'`)
      }),

    dropOld: (transaction) =>
      alone(transaction, async () => {
        const { id, fromSpace } = await requireOpen(transaction, ['cut_over'])
        if (fromSpace !== null) await doom(transaction, fromSpace)
        return enter(transaction, id, `status = 'old_dropped', ended_at = clock_timestamp()`)
      }),

    cancel: (transaction) =>
      alone(transaction, async () => {
        const migration = await requireOpen(transaction, [])
        if (migration.status === 'cut_over') await serveOld(transaction, migration)
        await doom(transaction, migration.toSpace)
        return enter(
          transaction,
          migration.id,
          `status = 'cancelled', problem = null, ended_at = clock_timestamp()`,
        )
      }),
  }
}

/** While nobody is indexing anything: who does next is told of the new state. */
const alone = <Result>(transaction: Transaction, work: () => Promise<Result>): Promise<Result> =>
  asOwner(transaction, async () => {
    await lockAlone((text) => transaction.query(text))
    return work()
  })

async function begin(
  transaction: Transaction,
  { id, model, dimensions, keepsOld, rate }: NewMigration,
): Promise<EmbeddingMigration> {
  const open = await findOpen(transaction)
  if (open !== null) {
    throw new AppError(
      'conflict',
      `The migration to ${open.toModel} is ${WORDS[open.status]}: end it first (\`ragstone embeddings status\` says how).`,
    )
  }
  const [serving] = await transaction.query<ServingSpace>(SERVING_SPACE)
  if (serving?.model === model)
    throw new AppError('conflict', `${model} serves already: there is nothing to migrate.`)
  const [row] = await transaction.query<MigrationRow>(
    `insert into embedding_migrations (id, from_space, from_model, to_space, to_model, to_dimensions, keeps_old, rate)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${MIGRATION_COLUMNS}`,
    [
      id,
      serving?.name ?? null,
      serving?.model ?? null,
      await nameOf(transaction, model),
      model,
      dimensions,
      keepsOld && serving !== undefined,
      rate,
    ],
  )
  if (row === undefined) throw new Error('The migration was not written')
  return toMigration(row)
}

async function nameOf(transaction: Transaction, model: string): Promise<string> {
  const [known] = await transaction.query<{ name: string }>(
    'select name from embedding_spaces where model = $1',
    [model],
  )
  return known?.name ?? spaceName(model)
}

async function findOpen(transaction: Transaction): Promise<EmbeddingMigration | null> {
  const [row] = await transaction.query<MigrationRow>(
    `select ${MIGRATION_COLUMNS} from embedding_migrations where ${IS_OPEN} for update`,
  )
  return row === undefined ? null : toMigration(row)
}

/** Throws `conflict` where there is none, or none in one of the states; without states, any will do. */
async function requireOpen(
  transaction: Transaction,
  states: readonly MigrationStatus[],
): Promise<EmbeddingMigration> {
  const open = await findOpen(transaction)
  if (open === null) {
    throw new AppError(
      'conflict',
      'No migration is open: `ragstone embeddings migrate --to MODEL` begins one.',
    )
  }
  if (states.length === 0 || states.includes(open.status)) return open
  const wanted = states.map((state) => WORDS[state]).join(' or ')
  throw new AppError(
    'conflict',
    `The migration to ${open.toModel} is ${WORDS[open.status]}; this needs one that is ${wanted}.`,
  )
}

const WORDS: Readonly<Record<MigrationStatus, string>> = {
  planned: 'about to begin',
  building: 'being built',
  ready: 'ready',
  cut_over: 'cut over',
  rolled_back: 'rolled back',
  old_dropped: 'over',
  cancelled: 'cancelled',
}

async function insistOnWhole(transaction: Transaction, space: string): Promise<void> {
  const [found] = await transaction.query<{ chunks: number; vectors: number | null }>(
    'select chunks, vectors from embedding_coverage($1)',
    [space],
  )
  const { chunks = 0, vectors = 0 } = found ?? {}
  if (chunks === vectors) return
  throw new AppError(
    'conflict',
    `${chunks - (vectors ?? 0)} of ${chunks} chunks have no vector there: searches would miss them.`,
  )
}

async function serve(transaction: Transaction, space: string): Promise<void> {
  await transaction.query(
    `insert into embedding_serving (space) values ($1)
     on conflict (only_row) do update set space = excluded.space, since = now()`,
    [space],
  )
}

async function serveOld(transaction: Transaction, migration: EmbeddingMigration): Promise<void> {
  const { fromSpace, fromModel, keepsOld } = migration
  if (fromSpace === null) {
    await transaction.query('delete from embedding_serving')
    return
  }
  if (!keepsOld) {
    throw new AppError(
      'conflict',
      `Nothing was written to the vectors of ${fromModel ?? 'the old model'} since the migration began, because no model made them: there is no way back to them.`,
    )
  }
  await serve(transaction, fromSpace)
}

async function doom(transaction: Transaction, space: string): Promise<void> {
  await transaction.query('update embedding_spaces set doomed_at = now() where name = $1', [space])
}

async function enter(
  transaction: Transaction,
  id: string,
  changes: string,
): Promise<EmbeddingMigration> {
  const [row] = await transaction.query<MigrationRow>(
    `update embedding_migrations set ${changes} where id = $1 returning ${MIGRATION_COLUMNS}`,
    [id],
  )
  if (row === undefined) throw new Error(`The migration ${id} is gone`)
  return toMigration(row)
}
