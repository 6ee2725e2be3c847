import { createDecipheriv } from 'node:crypto'
import type { ByteRange } from '../core/ports/object-store.ts'
import { DamagedContent } from './damage.ts'
import {
  FRAME_BYTES,
  frameCount,
  HEADER_BYTES,
  nonceOf,
  objectKey,
  readHeader,
  sealedBytes,
  TAG_BYTES,
  type Identity,
} from './frame-format.ts'
import { inPieces } from './in-pieces.ts'

export interface Sealed {
  readonly contentBytes: number
  /** The bytes of the object in which the range lies, whole frames of it. */
  framesOf(range: ByteRange): ByteRange
  /** The range, from the content of these frames. Throws DamagedContent at the first that is not as it was sealed. */
  unseal(frames: AsyncIterable<Uint8Array>, range: ByteRange): AsyncGenerator<Buffer>
}

/** Null when this is no object that was sealed for the tenant under this hash: then it is plain, or damaged. */
export function openSealed(
  start: Buffer,
  dataKey: Uint8Array,
  { identity, objectBytes }: { readonly identity: Identity; readonly objectBytes: number },
): Sealed | null {
  const header = readHeader(start)
  if (header === null) return null
  const { contentBytes, preface, salt, tag } = header
  const key = objectKey(dataKey, salt, identity)
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf({ kind: 'header' }))
  decipher.setAAD(preface).setAuthTag(tag)
  try {
    decipher.final()
  } catch {
    return null
  }
  if (sealedBytes(contentBytes) !== objectBytes)
    throw new DamagedContent(
      `It has ${objectBytes} bytes in place of ${sealedBytes(contentBytes)}.`,
    )

  const frames = frameCount(contentBytes)
  return {
    contentBytes,
    framesOf({ start: from, end }) {
      const first = Math.floor(from / FRAME_BYTES)
      const last = Math.min(frames - 1, Math.floor(Math.max(from, end - 1) / FRAME_BYTES))
      const offset = (frame: number) => HEADER_BYTES + frame * (FRAME_BYTES + TAG_BYTES)
      return { start: offset(first), end: Math.min(objectBytes, offset(last + 1)) }
    },
    async *unseal(content, { start: from, end }) {
      let frame = Math.floor(from / FRAME_BYTES)
      for await (const piece of inPieces(content, FRAME_BYTES + TAG_BYTES)) {
        const plain = unsealFrame(key, piece, { frame, last: frame === frames - 1 })
        const begin = frame * FRAME_BYTES
        frame += 1
        const part = plain.subarray(Math.max(0, from - begin), Math.max(0, end - begin))
        if (part.length > 0) yield part
      }
      if (frame * FRAME_BYTES < end) throw new DamagedContent(`It ends within its frame ${frame}.`)
    },
  }
}

function unsealFrame(
  key: Buffer,
  sealed: Buffer,
  place: { readonly frame: number; readonly last: boolean },
): Buffer {
  if (sealed.length < TAG_BYTES)
    throw new DamagedContent(`It ends within its frame ${place.frame}.`)
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(place))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()])
  } catch (cause) {
    throw new DamagedContent(`Its frame ${place.frame} is not as it was sealed.`, { cause })
  }
}
