import { watch, type FSWatcher } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../core/errors.ts'
import type { ChangeNotice } from '../../core/ports/source-kind.ts'
import { foldersOf, type WalkedFolder } from './walk-folder.ts'

/** Changes come in bursts: a copy of many files is one notice, or a few. */
const QUIET_MS = 500
/** Watching is a hint: what it missed is found by a look at everything. */
const RESCAN_MS = 15 * 60_000
/** More than these are told as "anything". */
const MOST_KEYS = 500

/** Tells of everything once at the beginning, because nobody watched before, then of what happens. */
export async function* watchFolder(
  walked: () => WalkedFolder,
  signal: AbortSignal,
): AsyncIterable<ChangeNotice> {
  let heard = Promise.withResolvers<void>()
  /** Null is anything. */
  let keys: Set<string> | null = null
  const watchers = new Map<string, FSWatcher>()
  let failure: unknown = null
  const note = (path: string | null): void => {
    if (path === null || (keys !== null && keys.size >= MOST_KEYS)) keys = null
    else keys?.add(path)
    heard.resolve()
  }
  const onAbort = () => heard.resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    while (!signal.aborted) {
      const folder = walked()
      const changed = keys
      keys = new Set()
      heard = Promise.withResolvers()
      // Watched before it is told of: what happens from here on is in the next notice.
      await watchAll(folder, watchers, {
        note,
        fail: (error) => {
          failure = error
          heard.resolve()
        },
        signal,
      })
      const told = changed === null ? null : await filesAmong(folder, changed)
      if (told === null || told.length > 0)
        yield { keys: told, acknowledge: () => Promise.resolve() }
      const timer = new AbortController()
      const rescan = sleep(RESCAN_MS, undefined, { signal: timer.signal, ref: false }).then(
        () => note(null),
        () => undefined,
      )
      await heard.promise
      timer.abort()
      await rescan
      if (failure !== null) throw watchFailure(failure)
      if (!signal.aborted)
        await sleep(QUIET_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    for (const watcher of watchers.values()) watcher.close()
  }
}

/** One watcher a folder, as far as there is none yet; those of folders that have gone are closed. */
async function watchAll(
  folder: WalkedFolder,
  watchers: Map<string, FSWatcher>,
  on: {
    readonly note: (path: string | null) => void
    readonly fail: (error: unknown) => void
    readonly signal: AbortSignal
  },
): Promise<void> {
  const there = new Set<string>()
  for await (const path of foldersOf(folder, on.signal)) {
    there.add(path)
    if (watchers.has(path)) continue
    try {
      const watcher = watch(join(folder.root, path), { persistent: false }, (_, name) =>
        on.note(name === null ? null : path === '' ? name : `${path}/${name}`),
      )
      // A folder that goes takes its watcher along; its own folder tells of it.
      watcher.on('error', () => on.note(null))
      watchers.set(path, watcher)
    } catch (error) {
      on.fail(error)
      return
    }
  }
  for (const [path, watcher] of watchers) {
    if (there.has(path)) continue
    watcher.close()
    watchers.delete(path)
  }
}

/** Null where one of them is no file: a folder that came, or something that went, of which only a look at all can tell. */
async function filesAmong(
  { root, filter }: WalkedFolder,
  paths: ReadonlySet<string>,
): Promise<readonly string[] | null> {
  const files: string[] = []
  for (const path of paths) {
    const stats = await lstat(join(root, path)).catch(() => null)
    if (stats?.isFile() !== true) {
      if (stats !== null && !stats.isDirectory()) continue
      return null
    }
    if (filter.takes(path)) files.push(path)
  }
  return files
}

function watchFailure(error: unknown): AppError {
  const reason = error instanceof Error ? error.message : String(error)
  return new AppError(
    'overloaded',
    `The folder cannot be watched (${reason}): its schedule still finds changes. On Linux, raise fs.inotify.max_user_watches, or set watch to false.`,
    { cause: error },
  )
}
