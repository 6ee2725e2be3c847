import type { ExportedTable, RowReader } from '../../core/ports/tenant-rows.ts'
import { AppError } from '../../core/errors.ts'
import type { BlobStore, OpenBlob } from '../../core/ports/blob-store.ts'
import type { BlobSummary, Incomplete } from './manifest.ts'
import type { Ledger } from './ledger.ts'
import { safeName } from './safe-name.ts'
import { partsOf } from './write-table.ts'

interface WrittenBlobs extends BlobSummary {
  readonly incomplete: readonly Incomplete[]
}

interface Blob {
  readonly path: string
  readonly sha256: string
}

interface Blobs {
  readonly ledger: Ledger
  readonly open: (sha256: string) => ReturnType<BlobStore['open']>
  /** Whether anything refers to it by now. */
  readonly isKept: (sha256: string) => Promise<boolean>
}

/** The files as they were uploaded, each under its id and its name. */
export async function* filesOf(
  reader: Pick<RowReader, 'page'>,
  tables: readonly ExportedTable[],
): AsyncGenerator<Blob> {
  const files = tables.find(({ name }) => name === 'files')
  if (files === undefined) throw new Error('There is no table of files.')
  for await (const lines of partsOf(files, reader)) {
    for (const line of lines) {
      const { id, filename, sha256 } = JSON.parse(line) as Readonly<Record<string, string>>
      yield { path: `files/${id}/${safeName(filename ?? '')}`, sha256: sha256 ?? '' }
    }
  }
}

const TEXTS_AT_ONCE = 1_000

/** The texts that were read from them, under their hashes: several documents may have the same. */
export async function* textsOf(reader: Pick<RowReader, 'texts'>): AsyncGenerator<Blob> {
  let after: string | null = null
  do {
    const hashes: readonly string[] = await reader.texts(after, TEXTS_AT_ONCE)
    for (const sha256 of hashes) yield { path: `texts/${sha256}.txt`, sha256 }
    after = hashes.length < TEXTS_AT_ONCE ? null : (hashes.at(-1) ?? null)
  } while (after !== null)
}

/** One that is gone is passed over, and one that is not what it was is taken as far as it can be read: both are said. */
export async function writeBlobs(
  blobs: AsyncIterable<Blob>,
  { ledger, open, isKept }: Blobs,
): Promise<WrittenBlobs> {
  let count = 0
  let bytes = 0
  const incomplete: Incomplete[] = []
  const whyNot = async (sha256: string, fault: 'damaged' | 'missing') =>
    (await isKept(sha256)) ? fault : 'deleted'
  for await (const { path, sha256 } of blobs) {
    let fault: 'damaged' | 'missing' = 'missing'
    const blob = await open(sha256).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'content_damaged') throw error
      fault = 'damaged'
      return null
    })
    if (blob === null) {
      incomplete.push({ path, sha256, why: await whyNot(sha256, fault) })
      continue
    }
    const written = await ledger.add({ path, bytes: blob.bytes, content: filledUp(blob) })
    if (written !== sha256) incomplete.push({ path, sha256, why: await whyNot(sha256, 'damaged') })
    count += 1
    bytes += blob.bytes
  }
  return { count, bytes, incomplete }
}

const FILLING = 65_536

/** What cannot be read to its end is filled up with zeros: its place in the archive has a length already. */
async function* filledUp({ bytes, content }: OpenBlob): AsyncGenerator<Uint8Array> {
  let left = bytes
  try {
    for await (const part of content) {
      left -= part.length
      yield part
    }
  } catch {
    while (left > 0) {
      const zeros = new Uint8Array(Math.min(left, FILLING))
      left -= zeros.length
      yield zeros
    }
  }
}
