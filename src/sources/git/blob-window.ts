import { AppError } from '../../core/errors.ts'
import type { KnownItem, SourceContent } from '../../core/ports/source-kind.ts'
import { limitBytes } from '../../outside/limit-bytes.ts'
import { tooLarge } from '../too-large.ts'
import { shortAttributes } from '../short-attributes.ts'
import { createBlobReader } from './blob-reader.ts'
import type { TreeEntry } from './list-tree.ts'
import type { Repository } from './repository.ts'

export interface BlobWindowOptions {
  readonly repository: Repository
  readonly commit: string
  readonly url: string
  readonly maxFileBytes: number
  readonly known: (key: string) => Promise<KnownItem | null>
}

/** Files that stand beside each other in the tree, of which those that changed are fetched together. */
export interface BlobWindow {
  read(entry: TreeEntry): Promise<SourceContent>
  /** What was fetched goes. */
  close(): Promise<void>
}

/** More than this of a window is fetched file by file. */
const TOGETHER_BYTES = 256_000_000
/** What a pack holds besides the content, and what compressing may add. */
const SPARE_BYTES = 1_000_000
const POINTER = 'version https://git-lfs.github.com/spec/v1\n'
const LONGEST_POINTER = 1_024

export function createBlobWindow(
  options: BlobWindowOptions,
  entries: readonly TreeEntry[],
): BlobWindow {
  const { repository, commit, url, maxFileBytes } = options
  const reader = createBlobReader(repository)
  let before: ReadonlySet<string> | null = null
  let fetching: Promise<'all' | 'none'> | null = null

  async function fetchChanged(entry: TreeEntry): Promise<'all' | 'none'> {
    before = await repository.packs()
    const ids = new Set([entry.id])
    for (const { path, id } of entries) {
      const known = await options.known(path)
      if (known?.version !== id) ids.add(id)
    }
    try {
      await fetchBlobs(repository, [...ids], TOGETHER_BYTES)
      return 'all'
    } catch (error) {
      if (isTooMuch(error)) return 'none'
      throw error
    }
  }
  async function fetchAlone({ id }: TreeEntry): Promise<void> {
    try {
      await fetchBlobs(repository, [id], maxFileBytes + SPARE_BYTES)
    } catch (error) {
      throw isTooMuch(error) ? new AppError('file_too_large', tooLarge(maxFileBytes)) : error
    }
  }
  return {
    async read(entry) {
      fetching ??= fetchChanged(entry)
      if ((await fetching) === 'none') await fetchAlone(entry)
      const found = await reader.find(entry.id)
      if (found === null) {
        throw new AppError('provider_unavailable', 'The repository did not send this file.')
      }
      if (found.bytes > maxFileBytes) {
        throw new AppError('file_too_large', tooLarge(maxFileBytes))
      }
      const isShort = found.bytes <= LONGEST_POINTER
      return {
        type: 'content',
        filename: entry.path.slice(entry.path.lastIndexOf('/') + 1),
        content: isShort
          ? await withoutPointer(found.content)
          : limitBytes(found.content, maxFileBytes),
        version: entry.id,
        memory: null,
        attributes: shortAttributes({ path: entry.path, commit, url }),
      }
    },
    async close() {
      reader.close()
      if (before !== null) await repository.dropPacks(before)
    },
  }
}

async function fetchBlobs(
  repository: Repository,
  ids: readonly string[],
  packBytes: number,
): Promise<void> {
  const args = ['--quiet', '--no-tags', '--no-write-fetch-head', '--filter=blob:none', '--stdin']
  await repository.ask(['fetch', ...args, 'origin'], { input: `${ids.join('\n')}\n`, packBytes })
}

const isTooMuch = (error: unknown) => error instanceof AppError && error.code === 'file_too_large'

/** The content of what Git LFS keeps is elsewhere: its pointer would be taken for a document. */
async function withoutPointer(
  content: AsyncIterable<Uint8Array>,
): Promise<AsyncIterable<Uint8Array>> {
  const pieces = await Array.fromAsync(content)
  if (Buffer.concat(pieces).toString('latin1').startsWith(POINTER)) {
    const message = 'It is kept by Git LFS: the repository holds a pointer in place of its content.'
    throw new AppError('file_type_unsupported', message)
  }
  return (async function* () {
    yield* pieces
  })()
}
