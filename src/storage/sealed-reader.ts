import type { OpenBlob } from '../core/ports/blob-store.ts'
import type { ByteRange, ObjectStore } from '../core/ports/object-store.ts'
import { DamagedContent } from './damage.ts'
import { HEADER_BYTES, type Identity } from './frame-format.ts'
import { openSealed } from './open-frames.ts'

/** Null when there is no such object, or when it is none that was sealed under this name: it may be plain. */
export async function openSealedBlob(
  objects: ObjectStore,
  of: {
    readonly key: string
    readonly identity: Identity
    readonly dataKey: Uint8Array
    readonly range: ByteRange | undefined
  },
): Promise<OpenBlob | null> {
  const head = await objects.open(of.key, { start: 0, end: HEADER_BYTES })
  if (head === null) return null
  const start = Buffer.concat(await Array.fromAsync(head.content))
  const sealed = openSealed(start, of.dataKey, { identity: of.identity, objectBytes: head.bytes })
  if (sealed === null) return null
  const range = of.range ?? { start: 0, end: sealed.contentBytes }
  if (range.end > sealed.contentBytes)
    throw new DamagedContent(`It has ${sealed.contentBytes} bytes, and ${range.end} were expected.`)
  const frames = await objects.open(of.key, sealed.framesOf(range))
  if (frames === null) return null
  // It was put anew meanwhile, and every putting has a key of its own.
  if (frames.version !== head.version) return openSealedBlob(objects, of)
  return { bytes: sealed.contentBytes, content: sealed.unseal(frames.content, range) }
}
