import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Spool, SpooledContent } from '../core/ports/spool.ts'

/** Smaller content never touches the disk. */
const IN_MEMORY_BYTES = 1_048_576
/** What a server that was killed left behind. Another one on the same disk may be at work. */
const LEFT_AFTER_MS = 24 * 3_600_000

/** Large uploads in files of their own in `folder`, for as long as they take. Not synced: nothing was promised yet. */
export function createSpool(folder: string): Spool {
  return {
    async take(content) {
      const hash = createHash('sha256')
      const held: Uint8Array[] = []
      let bytes = 0
      const path = join(folder, randomUUID())
      let file: Awaited<ReturnType<typeof open>> | null = null
      try {
        for await (const piece of content) {
          hash.update(piece)
          bytes += piece.byteLength
          if (file === null && bytes <= IN_MEMORY_BYTES) {
            held.push(piece)
            continue
          }
          file ??= await openFile(folder, path)
          for (const waiting of held.splice(0)) await file.writeFile(waiting)
          await file.writeFile(piece)
        }
      } catch (error) {
        await file?.close()
        if (file !== null) await rm(path, { force: true })
        throw error
      }
      await file?.close()
      const sha256 = hash.digest('hex')
      return file === null ? inMemory(held, { bytes, sha256 }) : onDisk(path, { bytes, sha256 })
    },
  }
}

type Known = Pick<SpooledContent, 'bytes' | 'sha256'>

function inMemory(pieces: readonly Uint8Array[], known: Known): SpooledContent {
  return {
    ...known,
    async *read() {
      yield* pieces
    },
    discard: async () => undefined,
  }
}

function onDisk(path: string, known: Known): SpooledContent {
  return {
    ...known,
    read: () => createReadStream(path),
    discard: () => rm(path, { force: true }),
  }
}

async function openFile(folder: string, path: string) {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return open(path, 'wx', 0o600)
}

/** At a start. */
export async function dropLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => null)
    const isLeft = found !== null && Date.now() - found.mtimeMs > LEFT_AFTER_MS
    if (isLeft) await rm(path, { force: true })
  }
}
