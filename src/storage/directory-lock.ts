import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lock } from 'proper-lockfile'
import { AppError } from '../core/errors.ts'

const RENEW_MS = 1_000
/** The least the library allows; enough where the owner is known to be dead. */
const STALE_DEAD_MS = 2_000
/** Where the owner cannot be seen from here: another machine, another container. */
const STALE_UNSEEN_MS = 8_000

interface Owner {
  readonly host: string
  readonly pid: number
  /** Null where the system does not say. */
  readonly started: string | null
}

/**
 * Holds the directory for this process until the returned function is called. A process that was killed leaves a lock
 * that nobody renews: it is taken over two seconds after its last renewal, or eight when the owner cannot be seen from
 * here. A living owner on this machine keeps its lock even when it is too busy to renew it. Throws `conflict` when the
 * directory is held; `onLost` is told when the lock was taken from this process.
 */
export async function lockDirectory(
  directory: string,
  onLost: (error: Error) => void,
): Promise<() => Promise<void>> {
  const lockfilePath = join(directory, 'lock')
  const ownerPath = join(directory, 'lock-owner')
  const held = (cause?: unknown) =>
    new AppError(
      'conflict',
      `Another process has ${directory} open. Stop it, or name another directory in data.directory.`,
      { cause },
    )
  const stale = await untilFree(lockfilePath, ownerPath)
  if (stale === null) throw held()
  const release = await lock(directory, {
    lockfilePath,
    stale,
    update: RENEW_MS,
    realpath: false,
    onCompromised: onLost,
  }).catch((error: unknown) => {
    throw isLocked(error) ? held(error) : error
  })
  const owner: Owner = {
    host: hostname(),
    pid: process.pid,
    started: await startOf(process.pid),
  }
  await writeFile(`${ownerPath}.new`, JSON.stringify(owner))
  await rename(`${ownerPath}.new`, ownerPath)
  return async () => {
    // Already lost to somebody else: nothing to give back.
    await release().catch(() => undefined)
  }
}

/** How old a lock may be taken over, once there is none younger; null where a living process holds it. */
async function untilFree(lockfilePath: string, ownerPath: string): Promise<number | null> {
  const first = await modified(lockfilePath)
  if (first === null) return STALE_UNSEEN_MS
  const state = await stateOf(ownerPath)
  if (state === 'alive') return null
  const stale = state === 'dead' ? STALE_DEAD_MS : STALE_UNSEEN_MS
  for (;;) {
    const now = await modified(lockfilePath)
    if (now === null || Date.now() - now > stale) return stale
    if (now !== first) return null
    await sleep(100)
  }
}

async function modified(path: string): Promise<number | null> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  )
}

async function stateOf(ownerPath: string): Promise<'alive' | 'dead' | 'unseen'> {
  const owner = await readFile(ownerPath, 'utf8').then(
    (text) => JSON.parse(text) as Partial<Owner>,
    () => null,
  )
  if (typeof owner?.pid !== 'number' || owner.host !== hostname()) return 'unseen'
  if (!exists(owner.pid)) return 'dead'
  const started = await startOf(owner.pid)
  if (started === null) return 'unseen'
  return started === owner.started ? 'alive' : 'dead'
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** A process number comes again; together with its start it does not. */
async function startOf(pid: number): Promise<string | null> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return line?.slice(line.lastIndexOf(')')).split(' ')[20] ?? null
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ELOCKED'
}
