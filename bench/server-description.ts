import type { Backend } from '../src/storage/backend.ts'

export interface ServerDescription {
  readonly version: string
  readonly extensions: Readonly<Record<string, string>>
  readonly settings: Readonly<Record<string, string>>
  /** Of the whole database, indexes included; absent where it was not looked at. */
  readonly databaseBytes?: number
}

/** What a database is, as far as it bears on speed. */
export async function describeServer({ pool }: Backend): Promise<ServerDescription> {
  const ask = async (text: string) => {
    const { rows } = await pool.query<{ name: string; value: string }>(text)
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
  }
  const { version = '' } = await ask(`select 'version' as name, version() as value`)
  const { bytes = '' } = await ask(
    `select 'bytes' as name, pg_database_size(current_database())::text as value`,
  )
  return {
    databaseBytes: Number(bytes),
    version: version.replace(/ on .*/, ''),
    extensions: await ask(
      `select extname as name, extversion as value from pg_extension where extname in ('vector', 'pg_textsearch')`,
    ),
    settings: await ask(
      `select name, current_setting(name) as value from pg_settings
       where name in ('shared_buffers', 'work_mem', 'effective_cache_size', 'hnsw.ef_search', 'hnsw.max_scan_tuples')`,
    ),
  }
}
