import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { createId } from '../../src/core/id.ts'
import type { Database } from '../../src/core/ports/database.ts'
import type { Backend } from '../../src/storage/backend.ts'
import { createDatabase } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { openPglite } from '../../src/storage/pglite.ts'
import { openPostgres } from '../../src/storage/postgres.ts'
import { isChosen } from '../chosen-backends.ts'
import { copyMigrated } from './migrated-pglite.ts'

/** What a contract test is given: a fresh, migrated database on one of the backends. */
export interface World {
  readonly kind: Backend['kind']
  /** Only inside tests and hooks: before them the database is not open yet. */
  readonly backend: Backend
  readonly database: Database
  /** Every statement sent through `database` since the last look, `begin` and `commit` included. */
  readonly takeStatements: () => readonly string[]
  readonly newTenant: () => Promise<string>
}

export interface OpenedBackend {
  readonly backend: Backend
  /** Closes it and leaves nothing behind. */
  readonly drop: () => Promise<void>
}

/** A PostgreSQL 18 whose databases tests may make and drop. */
export const SERVER_URL = process.env['RAGSTONE_TEST_DATABASE_URL']
const NO_SERVER = 'RAGSTONE_TEST_DATABASE_URL names no PostgreSQL 18: see scripts/postgres-18.sh'

const PRESENT: readonly Backend['kind'][] =
  SERVER_URL === undefined ? ['pglite'] : ['pglite', 'postgres']
export const BACKENDS = PRESENT.filter(isChosen)

/** A database of its own, empty. */
export async function openEmpty(kind: Backend['kind']): Promise<OpenedBackend> {
  return kind === 'pglite' ? openPgliteOf(async () => undefined) : openEmptyPostgres()
}

/** A database of its own, with nothing in it but the schema. */
export async function openMigrated(kind: Backend['kind']): Promise<OpenedBackend> {
  const opened = kind === 'pglite' ? await openPgliteOf(copyMigrated) : await openEmptyPostgres()
  await migrate(opened.backend.pool)
  return opened
}

/** Runs the suite once a backend, each with a migrated database of its own. */
export function onEveryBackend(title: string, suite: (world: World) => void): void {
  if (SERVER_URL === undefined) test.skip(`${title} on postgres: ${NO_SERVER}`)
  describe.each(BACKENDS)(`${title} on %s`, (kind) => {
    const statements: string[] = []
    let opened: OpenedBackend | undefined
    let database: Database | undefined
    const backend = (): Backend => {
      if (opened === undefined)
        throw new Error('The database is not open yet: use it inside tests.')
      return opened.backend
    }
    beforeAll(async () => {
      opened = await openMigrated(kind)
      database = createDatabase(opened.backend, { onQuery: (text) => statements.push(text) })
    })
    afterAll(() => opened?.drop())
    suite({
      kind,
      get backend() {
        return backend()
      },
      database: {
        transact: (...call) => {
          if (database === undefined) throw new Error('The database is not open yet.')
          return database.transact(...call)
        },
      },
      takeStatements: () => statements.splice(0),
      async newTenant() {
        const id = createId('ten_')
        await backend().pool.query('insert into tenants (id, name) values ($1, $1)', [id])
        return id
      },
    })
  })
}

async function openPgliteOf(fill: (directory: string) => Promise<void>): Promise<OpenedBackend> {
  const directory = await mkdtemp(join(tmpdir(), 'ragstone-test-'))
  await fill(directory)
  const backend = await openPglite({ directory })
  return {
    backend,
    async drop() {
      await backend.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function openEmptyPostgres(): Promise<OpenedBackend> {
  const server = SERVER_URL ?? ''
  const name = `ragstone_test_${randomUUID().replaceAll('-', '')}`
  await onServer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const backend = await openPostgres({ url: url.href, maxConnections: 8 })
  return {
    backend,
    async drop() {
      await backend.close()
      await onServer(server, `drop database ${name} with (force)`)
    },
  }
}

export async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
