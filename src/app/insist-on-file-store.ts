import type pg from 'pg'
import { AppError } from '../core/errors.ts'
import { settleFileStore, type FileStoreFinding } from '../storage/file-store.ts'
import { STORE_OBJECT } from '../storage/store-identity.ts'
import { ConfigError, type Config } from './config.ts'
import { filePlace } from './file-place.ts'
import { openObjects } from './open-objects.ts'

/** A bucket that is away for longer does not hold up the start. */
const PATIENCE_MS = 10_000

/**
 * A server that would take jobs whose files it does not have does not start. Throws ConfigError; false where the place
 * cannot be asked for the moment.
 */
export async function insistOnFileStore(pool: pg.Pool, config: Config): Promise<boolean> {
  const { objects, close } = openObjects(config)
  const place = filePlace(config)
  const signal = AbortSignal.timeout(PATIENCE_MS)
  try {
    const problem = fileStoreProblem(await settleFileStore(pool, { objects, place }, signal), place)
    if (problem !== null) throw new ConfigError([problem])
    return true
  } catch (error) {
    if (error instanceof ConfigError) throw error
    if (config.blobs.store === 's3' && (signal.aborted || isOfTheBucket(error))) return false
    if (isOfTheDisk(error))
      throw new ConfigError([`${place} cannot be used for files: ${error.message}`])
    throw error
  } finally {
    close()
  }
}

/** What is wrong with it and what to set; null where all is well. */
export function fileStoreProblem(
  { fit, id, found, lastSeen }: FileStoreFinding,
  place: string,
): string | null {
  const there = lastSeen === null ? '' : ` They were last seen in ${lastSeen}.`
  const set =
    'Give all servers and workers of one database the same blobs.directory, or the same bucket'
  if (fit === 'absent') {
    const mark = `put a file ${STORE_OBJECT} with the line ${id ?? '(named at the next start)'} there`
    return `the files of this database are not in ${place}.${there} ${set}. If that place holds them all the same, or they are lost for good, ${mark}`
  }
  if (fit === 'foreign') {
    return `${place} keeps the files of another database (${found}), and not of this one (${id}).${there} ${set}. If that other database is gone for good, empty the place, or take ${STORE_OBJECT} out of it`
  }
  return null
}

const isOfTheBucket = (error: unknown): boolean =>
  error instanceof AppError && ['provider_rejected', 'provider_unavailable'].includes(error.code)

const isOfTheDisk = (error: unknown): error is Error =>
  error instanceof Error && 'syscall' in error && 'path' in error
