import type { Stats } from 'node:fs'
import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../core/errors.ts'
import { isWithin } from './allowed-folder.ts'
import type { FolderFilter } from './folder-filter.ts'

export interface WalkedFolder {
  /** Absolute, without symbolic links. */
  readonly root: string
  readonly filter: FolderFilter
  readonly followLinks: boolean
}

/** Something in the folder that is wanted; the path is within it, with `/`. */
export type Found =
  | { readonly type: 'file'; readonly path: string; readonly stats: Stats }
  | { readonly type: 'failed' | 'skipped'; readonly path: string; readonly reason: string }

/** Files looked at together. */
const AT_ONCE = 64

/**
 * Everything wanted, folder by folder. What vanishes meanwhile is not there; what may not be looked into throws, so that
 * nobody takes what is in it for deleted.
 */
export async function* walkFolder(walked: WalkedFolder, signal: AbortSignal): AsyncIterable<Found> {
  const left = ['']
  // Links may lead back: each real folder is entered once.
  const entered = new Set([walked.root])
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    signal.throwIfAborted()
    for await (const each of seenIn(walked, folder, signal)) {
      if (each.type !== 'folder') yield each
      else if (!entered.has(each.real)) left.push(each.path)
      if (each.type === 'folder') entered.add(each.real)
    }
  }
}

async function* seenIn(
  walked: WalkedFolder,
  folder: string,
  signal: AbortSignal,
): AsyncIterable<Seen> {
  const names = (await namesIn(walked.root, folder)).toSorted()
  for (let from = 0; from < names.length; from += AT_ONCE) {
    signal.throwIfAborted()
    const paths = names
      .slice(from, from + AT_ONCE)
      .map((name) => (folder === '' ? name : `${folder}/${name}`))
    const seen = await Promise.all(paths.map((path) => lookAt(walked, path)))
    yield* seen.filter((one) => one !== null)
  }
}

/** The folders that a walk enters, the folder itself (``) first. What may not be looked into is passed over. */
export async function* foldersOf(walked: WalkedFolder, signal: AbortSignal): AsyncIterable<string> {
  const left = ['']
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    signal.throwIfAborted()
    yield folder
    const entries = await readdir(join(walked.root, folder), { withFileTypes: true }).catch(
      () => [],
    )
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory() && walked.filter.enters(path)) left.push(path)
    }
  }
}

type Seen = Found | { readonly type: 'folder'; readonly path: string; readonly real: string }

/** Null for what is not there, or not wanted. */
export async function lookAt(walked: WalkedFolder, path: string): Promise<Seen | null> {
  const { root, filter } = walked
  const place = join(root, path)
  const own = await lstat(place).catch(asVanished)
  if (own === null) {
    // What a name that is not UTF-8 was read as leads nowhere.
    const reason = 'Its name is not UTF-8: rename it.'
    return path.includes('\uFFFD') && filter.takes(path) ? { type: 'failed', path, reason } : null
  }
  if (own.isDirectory()) return filter.enters(path) ? { type: 'folder', path, real: place } : null
  if (own.isFile()) return filter.takes(path) ? { type: 'file', path, stats: own } : null
  return own.isSymbolicLink() ? behindLink(walked, path) : null
}

async function behindLink(
  { root, filter, followLinks }: WalkedFolder,
  path: string,
): Promise<Seen | null> {
  const skipped = (reason: string): Seen | null =>
    filter.takes(path) ? { type: 'skipped', path, reason } : null
  if (!followLinks) return skipped(LINK)
  const real = await realpath(join(root, path)).catch(() => null)
  if (real === null || !isWithin(root, real)) return skipped(LEADS_OUT)
  const target = await stat(real).catch(asVanished)
  if (target?.isDirectory()) return filter.enters(path) ? { type: 'folder', path, real } : null
  return target?.isFile() && filter.takes(path) ? { type: 'file', path, stats: target } : null
}

const LINK = 'It is a symbolic link, and follow_links is off.'
const LEADS_OUT = 'It is a symbolic link that leads out of the folder, or nowhere.'

async function namesIn(root: string, folder: string): Promise<readonly string[]> {
  try {
    return await readdir(join(root, folder))
  } catch (error) {
    const code = codeOf(error)
    const isGone = code === 'ENOENT' || code === 'ENOTDIR'
    if (isGone && folder !== '') return []
    const what = folder === '' ? `The folder ${root}` : `The folder ${folder} in ${root}`
    throw new AppError(
      isGone ? 'resource_not_found' : 'permission_denied',
      `${what} ${isGone ? 'is not there' : `cannot be read (${code})`}: nothing is taken for deleted. Mend it, or leave it out with exclude.`,
      { cause: error },
    )
  }
}

/** Throws for what is there and may not be looked at. */
function asVanished(error: unknown): null {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return null
  throw new AppError('permission_denied', `A file of the folder cannot be looked at (${code}).`, {
    cause: error,
  })
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
