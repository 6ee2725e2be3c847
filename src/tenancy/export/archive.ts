import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'

export interface ArchiveEntry {
  readonly path: string
  readonly bytes: number
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** A gzipped tar that is made as fast as it is read. */
export interface Archive {
  /** Destroyed when the archive cannot be finished. */
  readonly stream: Readable
  /** Resolves with the SHA-256 (hex) of what was written. One after the other. */
  add(entry: ArchiveEntry): Promise<string>
  end(): void
  fail(error: Error): void
}

/** A reader who takes nothing for so long is believed to be gone: an export may hold a connection of the database. */
const STALL_MS = 120_000

export function createArchive({
  madeAt,
  signal,
  stallMs = STALL_MS,
}: {
  readonly madeAt: Date
  readonly signal: AbortSignal
  readonly stallMs?: number
}): Archive {
  const tar = pack()
  const gzip = createGzip()
  const broken = new AbortController()
  const over = AbortSignal.any([signal, broken.signal])
  // Whoever waits for its reader learns that there is none any longer.
  pipeline(Readable.from(tar), gzip, { signal }).catch((error: unknown) => broken.abort(error))
  const stall = setTimeout(() => {
    gzip.destroy(new Error(`Nothing of the export was taken for ${stallMs / 1000} seconds.`))
  }, stallMs).unref()
  gzip.once('close', () => {
    clearTimeout(stall)
    if (!gzip.readableEnded) broken.abort(new Error('The archive was not read to its end.'))
  })
  return {
    stream: gzip,
    async add({ path, bytes, content }) {
      over.throwIfAborted()
      const hash = createHash('sha256')
      const sink = tar.entry({ name: path, size: bytes, mtime: madeAt, mode: 0o600 })
      // Told by the signal, and without a listener it would end the process.
      sink.on('error', () => undefined)
      const finished = once(sink, 'finish', { signal: over })
      // Waited for below; what fails before is told there.
      finished.catch(() => undefined)
      try {
        for await (const part of content) {
          over.throwIfAborted()
          hash.update(part)
          stall.refresh()
          if (!sink.write(part)) await once(sink, 'drain', { signal: over })
        }
        sink.end(null)
        await finished
      } catch (error) {
        throw over.aborted ? over.reason : error
      }
      return hash.digest('hex')
    },
    end: () => tar.finalize(),
    fail: (error) => void gzip.destroy(error),
  }
}
