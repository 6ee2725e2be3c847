import { constants, type Stats } from 'node:fs'
import { open, realpath, stat, type FileHandle } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AppError } from '../../core/errors.ts'
import type { SourceContent } from '../../core/ports/source-kind.ts'
import { isWithin } from './allowed-folder.ts'
import { codeOf, type WalkedFolder } from './walk-folder.ts'

/** A change within the same tick of the clock as the last look would keep size and time. */
const SETTLED_MS = 2_000

/** Null as long as the file could change again without its size and time telling. */
export function versionOf({ size, mtimeMs }: Stats): string | null {
  const age = Date.now() - mtimeMs
  // A time in the future is as good as any other.
  return age >= 0 && age < SETTLED_MS ? null : `${size}-${mtimeMs}`
}

export async function readFile(
  { root, followLinks }: Pick<WalkedFolder, 'followLinks' | 'root'>,
  path: string,
  maxBytes: number,
): Promise<SourceContent> {
  const handle = await openWithin({ root, followLinks }, path)
  if (handle === null) return { type: 'gone' }
  const stats = await handle.stat()
  return {
    type: 'content',
    filename: basename(path),
    content: piecesOf(handle, maxBytes),
    version: versionOf(stats),
    memory: null,
    attributes: { path, modified_at: Math.floor(stats.mtimeMs / 1000) },
  }
}

/** Null for what has gone. What was opened is proved to lie in the folder, whatever was moved meanwhile. */
async function openWithin(
  { root, followLinks }: Pick<WalkedFolder, 'followLinks' | 'root'>,
  path: string,
): Promise<FileHandle | null> {
  const place = join(root, path)
  const noFollow = followLinks ? 0 : constants.O_NOFOLLOW
  let handle: FileHandle
  try {
    // Not waiting for whoever writes, should it have become a pipe.
    handle = await open(place, constants.O_RDONLY | noFollow | constants.O_NONBLOCK)
  } catch (error) {
    const code = codeOf(error)
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(code)) return null
    throw new AppError('permission_denied', `The file cannot be read (${code}).`, { cause: error })
  }
  try {
    const opened = await handle.stat()
    const real = await realpath(place)
    const there = await stat(real)
    const isSame = there.dev === opened.dev && there.ino === opened.ino
    if (opened.isFile() && isSame && isWithin(root, real)) return handle
  } catch {
    // It went while it was being looked at.
  }
  await handle.close()
  return null
}

async function* piecesOf(handle: FileHandle, maxBytes: number): AsyncIterable<Uint8Array> {
  try {
    let bytes = 0
    for await (const piece of handle.createReadStream({
      autoClose: false,
    }) as AsyncIterable<Buffer>) {
      bytes += piece.byteLength
      if (bytes > maxBytes) throw tooLarge(maxBytes)
      yield piece
    }
  } finally {
    await handle.close()
  }
}

const tooLarge = (maxBytes: number) =>
  new AppError('file_too_large', `The file has more than the ${maxBytes} bytes that are allowed.`)
