import { join } from 'node:path'
import type { Backend } from '../storage/backend.ts'
import { migrate } from '../storage/migrate.ts'
import { openPglite } from '../storage/pglite.ts'
import { openPostgres } from '../storage/postgres.ts'
import type { Config } from './config.ts'
import { insistOnFileStore } from './insist-on-file-store.ts'
import { insistOnMasterKeys, readMasterKeys } from './master-keys.ts'

/** The configured database, migrated. Throws ConfigError where its files are elsewhere, or encrypted with another key. `onFailure` is told when an embedded one has ended by itself. */
export async function openStorage(
  config: Config,
  onFailure?: (error: Error) => void,
): Promise<Backend> {
  const backend = await openBackend(config, onFailure)
  try {
    await migrate(backend.pool)
    await insistOnMasterKeys(backend.pool, readMasterKeys(config.blobs))
    await insistOnFileStore(backend.pool, config)
  } catch (error) {
    await backend.close()
    throw error
  }
  return backend
}

/** The configured database as it is. */
export function openBackend(
  { data, database }: Config,
  onFailure: (error: Error) => void = () => {},
): Promise<Backend> {
  return database.url === null
    ? openPglite({ directory: join(data.directory, 'database'), onFailure })
    : openPostgres({ url: database.url, maxConnections: database.maxConnections })
}
