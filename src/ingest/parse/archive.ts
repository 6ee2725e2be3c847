import type { Readable } from 'node:stream'
import { zipSync } from 'fflate'
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl'
import type { ParseLimits } from '../../core/document.ts'
import { AppError } from '../../core/errors.ts'
import { parseFailure, readableBytes } from './parse-failure.ts'

/** A ZIP file opened for reading. */
export interface Archive {
  readonly names: readonly string[]
  /** Inflates one entry; null when there is none of that name. All reads count against one limit. */
  read(name: string): Promise<Uint8Array | null>
}

// A presentation with 1,000 slides has about 5,000 entries.
const MAX_ENTRIES = 20_000

/**
 * Reads the directory of the archive, and nothing else. What entries declare is added up here, what they
 * inflate to is counted while they do: neither may pass `maxExpandedBytes`.
 */
export async function openArchive(bytes: Uint8Array, limits: ParseLimits): Promise<Archive> {
  const zip = await guarded(() =>
    fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      lazyEntries: true,
      autoClose: false,
    }),
  )
  if (zip.entryCount > MAX_ENTRIES) {
    throw parseFailure(
      'file_too_large',
      `The archive holds ${zip.entryCount} entries; at most ${MAX_ENTRIES} are read. Split it.`,
    )
  }
  const entries = await guarded(() => readDirectory(zip, limits.maxExpandedBytes))
  let inflated = 0
  return {
    names: [...entries.keys()],
    async read(name) {
      const entry = entries.get(name)
      if (entry === undefined) return null
      if (entry.isEncrypted()) {
        throw parseFailure(
          'file_encrypted',
          'The archive is protected by a password. Remove the protection and add it again.',
        )
      }
      return guarded(async () => {
        const stream = await zip.openReadStreamPromise(entry)
        const content = await collect(stream, limits.maxExpandedBytes - inflated)
        inflated += content.byteLength
        if (content.byteLength !== entry.uncompressedSize) throw new Error('size differs')
        return content
      }, limits.maxExpandedBytes)
    },
  }
}

/** A new archive, uncompressed, of the entries that `wanted` accepts: safe to hand to a library. */
export async function repack(
  archive: Archive,
  wanted: (name: string) => boolean,
): Promise<Uint8Array> {
  const parts: Record<string, Uint8Array> = {}
  for (const name of archive.names.filter(wanted)) {
    const content = await archive.read(name)
    if (content !== null) parts[name] = content
  }
  return zipSync(parts, { level: 0 })
}

async function readDirectory(zip: ZipFile, maxBytes: number): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  let declared = 0
  for await (const entry of zip.eachEntry()) {
    declared += entry.uncompressedSize
    if (declared > maxBytes) throw tooLarge(maxBytes)
    if (!entry.fileName.endsWith('/') && !entries.has(entry.fileName)) {
      entries.set(entry.fileName, entry)
    }
  }
  return entries
}

async function collect(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

function tooLarge(maxBytes: number): AppError {
  return parseFailure(
    'file_too_large',
    `The file unpacks to more than the limit of ${readableBytes(maxBytes)}. Make it smaller, or raise the limit on expanded bytes.`,
  )
}

/** `maxBytes` is what the sentence about size names, where the inner one knows only what is left. */
async function guarded<Result>(work: () => Promise<Result>, maxBytes?: number): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AppError) {
      throw error.code === 'file_too_large' && maxBytes !== undefined ? tooLarge(maxBytes) : error
    }
    throw parseFailure(
      'file_malformed',
      'The file is a damaged or truncated archive. Export or download it again.',
      error,
    )
  }
}
