import type { ListOptions, SourceItem } from '../../core/ports/source-kind.ts'
import { createKeyFilter } from '../key-filter.ts'
import { createBlobWindow, type BlobWindow } from './blob-window.ts'
import type { GitCredentials, GitSettings } from './git-settings.ts'
import { listTree, type TreeEntry } from './list-tree.ts'
import { openRepository, type Repository, type RepositoryOptions } from './repository.ts'
import { resolveRef } from './resolve-ref.ts'

export interface GitKindOptions extends Omit<RepositoryOptions, 'packBytes'> {
  /** Of one document. */
  readonly maxFileBytes: number
  /** Of all files below the folder, wanted or not. */
  readonly maxEntries: number
}

export interface GitPlace {
  readonly settings: GitSettings
  readonly credentials: GitCredentials | null
}

/** The trees of as many files as are listed are smaller by far; a server that cannot leave files out may send so many. */
const PACK_BYTES = 2_000_000_000
const HEAD = 'refs/ragstone/head'
/** Files that are looked at together: as many as changed of them are one question to the server. */
const WINDOW = 256

/**
 * A copy without files is made, its tree listed, and what is read fetched many files at once. Nothing of it outlives the
 * listing: what a tenant's repository holds would else lie unencrypted beside a store that was erased.
 */
export async function* listRepository(
  options: GitKindOptions,
  { settings, credentials }: GitPlace,
  wanted: ListOptions,
): AsyncGenerator<SourceItem> {
  const { signal, known } = wanted
  signal.throwIfAborted()
  const place = { url: new URL(settings.url), secret: secretOf(credentials) }
  const repository = await openRepository({ ...options, packBytes: PACK_BYTES }, place, signal)
  const missing = new Set(wanted.keys)
  try {
    const commit = await fetchCommit(repository, settings.ref)
    const { maxFileBytes } = options
    const about = { repository, commit: commit ?? '', url: settings.url, maxFileBytes, known }
    const tree = { commit: about.commit, folder: settings.folder, maxEntries: options.maxEntries }
    const listed = commit === null ? [] : listTree(repository, tree)
    for await (const entries of inWindows(listed, filterOf(settings, wanted.keys))) {
      const files = entries.filter((entry) => reasonToSkip(entry) === null)
      const window = createBlobWindow(about, files)
      for (const entry of entries) {
        missing.delete(entry.path)
        yield itemOf(entry, window)
      }
      await window.close()
    }
    for (const key of missing) yield { type: 'gone', key }
  } finally {
    await repository.close()
  }
}

const secretOf = (credentials: GitCredentials | null): string | null =>
  credentials === null
    ? null
    : `username=${credentials.username ?? 'git'}\npassword=${credentials.token}\n`

async function fetchCommit(
  repository: Repository,
  ref: string | undefined,
): Promise<string | null> {
  const name = await resolveRef(repository, ref)
  if (name === null) return null
  const args = ['--quiet', '--no-tags', '--no-write-fetch-head', '--depth=1', '--filter=blob:none']
  await repository.ask(['fetch', ...args, 'origin', `+${name}:${HEAD}`])
  const process = repository.look(['rev-parse', '--verify', `${HEAD}^{commit}`])
  process.input.end()
  const id = (await process.output.toArray()).join('').trim()
  await process.ended
  return id
}

function filterOf(settings: GitSettings, keys: readonly string[] | null) {
  const matches = createKeyFilter(settings)
  const named = keys === null ? null : new Set(keys)
  return ({ path }: TreeEntry) => matches(path) && named?.has(path) !== false
}

async function* inWindows(
  entries: AsyncIterable<TreeEntry> | readonly TreeEntry[],
  wants: (entry: TreeEntry) => boolean,
): AsyncGenerator<readonly TreeEntry[]> {
  let window: TreeEntry[] = []
  for await (const entry of entries) {
    if (wants(entry)) window.push(entry)
    if (window.length === WINDOW) {
      yield window
      window = []
    }
  }
  if (window.length > 0) yield window
}

function itemOf(entry: TreeEntry, window: BlobWindow): SourceItem {
  const { path: key, id: version } = entry
  const reason = reasonToSkip(entry)
  if (reason !== null) return { type: 'skipped', key, reason }
  // Without its content the size is not known.
  return { type: 'document', key, version, bytes: null, read: () => window.read(entry) }
}

function reasonToSkip({ type, isText }: TreeEntry): string | null {
  if (type === 'link') return 'It is a symbolic link, which is not followed.'
  if (type === 'submodule') return 'It is another repository: make a source of its own for it.'
  return isText ? null : 'Its name is not a text.'
}
