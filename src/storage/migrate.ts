import { ADVISORY_LOCKS } from '../core/advisory-locks.ts'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type pg from 'pg'
import { connect } from './backend.ts'
import { asDatabaseError } from './database-error.ts'

const FOLDER = new URL('migrations/', import.meta.url)
const FILE = /^\d{4}-[a-z0-9-]+\.sql$/

interface Migration {
  readonly name: string
  readonly sha256: string
  readonly sql: string
}

/** Brings the schema up to this version, each file in a transaction of its own. Says what was to be done. */
export async function migrate(
  pool: pg.Pool,
  folder: URL = FOLDER,
): Promise<{ readonly applied: readonly string[] }> {
  const migrations = await readMigrations(folder)
  const client = await connect(pool)
  const applied: string[] = []
  try {
    const known = await inTransaction(client, () => readApplied(client, migrations))
    for (const migration of migrations.filter(({ name }) => !known.has(name)))
      if (await inTransaction(client, () => apply(client, migration))) applied.push(migration.name)
  } finally {
    client.release()
  }
  return { applied }
}

/** Names of the migrations that `migrate` would apply, oldest first; all of them on an empty database. */
export async function pendingMigrations(pool: pg.Pool): Promise<readonly string[]> {
  const migrations = await readMigrations(FOLDER)
  const client = await connect(pool)
  try {
    const { rows: tables } = await client.query<{ present: boolean }>(
      `select to_regclass('migrations') is not null as present`,
    )
    if (tables[0]?.present !== true) return migrations.map(({ name }) => name)
    const { rows } = await client.query<{ name: string }>('select name from migrations')
    const applied = new Set(rows.map(({ name }) => name))
    return migrations.map(({ name }) => name).filter((name) => !applied.has(name))
  } catch (error) {
    throw asDatabaseError(error)
  } finally {
    client.release()
  }
}

async function readMigrations(folder: URL): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => FILE.test(name)).toSorted()
  return Promise.all(
    names.map(async (name) => {
      const sql = (await readFile(new URL(name, folder), 'utf8')).replaceAll('\r\n', '\n')
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function inTransaction<Result>(
  client: pg.PoolClient,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query(`begin; select pg_advisory_xact_lock(${ADVISORY_LOCKS.migrations})`)
  try {
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw asDatabaseError(error)
  }
}

/** Names. What was applied must be what is here: the schema would be another one than the code believes. */
async function readApplied(
  client: pg.PoolClient,
  migrations: readonly Migration[],
): Promise<ReadonlySet<string>> {
  await client.query(`create table if not exists migrations (
    name text primary key, sha256 text not null, applied_at timestamptz not null default now())`)
  const { rows } = await client.query<Pick<Migration, 'name' | 'sha256'>>(
    'select name, sha256 from migrations order by name',
  )
  for (const { name, sha256 } of rows) {
    const known = migrations.find((migration) => migration.name === name)
    if (known === undefined)
      throw new Error(
        `The database was migrated by a newer Ragstone (${name} is not known to this one); run that version.`,
      )
    if (known.sha256 !== sha256)
      throw new Error(
        `The migration ${name} has been changed since it was applied to this database; restore the file and put the change into a new migration.`,
      )
  }
  return new Set(rows.map(({ name }) => name))
}

/** Looks again: another server that starts may have been faster. */
async function apply(client: pg.PoolClient, { name, sha256, sql }: Migration): Promise<boolean> {
  const { rowCount } = await client.query('select from migrations where name = $1', [name])
  if (rowCount !== 0) return false
  await client.query(sql)
  await client.query('insert into migrations (name, sha256) values ($1, $2)', [name, sha256])
  return true
}
