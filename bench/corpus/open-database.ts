import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Backend } from '../../src/storage/backend.ts'
import { openPglite } from '../../src/storage/pglite.ts'
import { openPostgres } from '../../src/storage/postgres.ts'
import { cacheDirectory } from '../cache-directory.ts'

export interface BenchDatabase {
  readonly backend: Backend
  /** What makes a server use it. */
  readonly environment: Readonly<Record<string, string>>
}

export const SERVER_URL = process.env['RAGSTONE_TEST_DATABASE_URL']

/** Kept between runs under its name: filling a large one takes minutes. */
export async function openDatabase(
  kind: Backend['kind'],
  name: string,
  maxConnections: number,
): Promise<BenchDatabase> {
  if (kind === 'pglite') {
    const data = await cacheDirectory(name)
    const backend = await openPglite({ directory: join(data, 'database'), maxConnections })
    return { backend, environment: { RAGSTONE_DATA_DIRECTORY: data } }
  }
  const url = new URL(requireServer())
  const database = `ragstone_bench_${name.replaceAll('-', '_')}`
  await onServer(async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [
      database,
    ])
    if (rowCount === 0) await client.query(`create database ${database}`)
  })
  url.pathname = `/${database}`
  const backend = await openPostgres({ url: url.href, maxConnections })
  return { backend, environment: { RAGSTONE_DATABASE_URL: url.href } }
}

export async function dropDatabase(kind: Backend['kind'], name: string): Promise<void> {
  if (kind === 'pglite') {
    await rm(await cacheDirectory(name), { recursive: true, force: true })
    return
  }
  const database = `ragstone_bench_${name.replaceAll('-', '_')}`
  await onServer((client) => client.query(`drop database if exists ${database} with (force)`))
}

async function onServer(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: requireServer() })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

function requireServer(): string {
  if (SERVER_URL === undefined)
    throw new Error(
      'Set RAGSTONE_TEST_DATABASE_URL to a PostgreSQL 18 with pgvector and pg_textsearch.',
    )
  return SERVER_URL
}

/** An empty one under a name of its own. */
export async function createDatabaseOfOwn(): Promise<{
  readonly url: string
  drop(): Promise<void>
}> {
  const database = `ragstone_bench_${randomUUID().replaceAll('-', '')}`
  const url = new URL(requireServer())
  await onServer((client) => client.query(`create database ${database}`))
  url.pathname = `/${database}`
  return {
    url: url.href,
    drop: () => onServer((client) => client.query(`drop database ${database} with (force)`)),
  }
}
