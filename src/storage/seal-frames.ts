import { createCipheriv, randomBytes } from 'node:crypto'
import type { Content } from '../core/ports/object-store.ts'
import {
  FRAME_BYTES,
  nonceOf,
  objectKey,
  sealedBytes,
  writePreface,
  type Identity,
  type Place,
} from './frame-format.ts'
import { inPieces } from './in-pieces.ts'

/** The content as it is kept: encrypted anew each time that it is read. See frame-format.ts. */
export function sealContent(content: Content, dataKey: Uint8Array, identity: Identity): Content {
  return {
    bytes: sealedBytes(content.bytes),
    read: () => sealFrames(content, dataKey, identity),
  }
}

async function* sealFrames(
  content: Content,
  dataKey: Uint8Array,
  identity: Identity,
): AsyncGenerator<Uint8Array> {
  const salt = randomBytes(16)
  const key = objectKey(dataKey, salt, identity)
  const preface = writePreface(content.bytes, salt)
  yield Buffer.concat([preface, seal(key, { kind: 'header' }, { authenticated: preface })])
  // One frame is held back: only what follows it, or nothing, tells whether it is the last.
  let held: Buffer = Buffer.alloc(0)
  let frame = 0
  for await (const piece of inPieces(content.read(), FRAME_BYTES)) {
    if (held.length > 0) {
      yield seal(key, { frame, last: false }, { plain: held })
      frame += 1
    }
    held = piece
  }
  yield seal(key, { frame, last: true }, { plain: held })
}

function seal(
  key: Buffer,
  place: Place,
  { plain, authenticated }: { readonly plain?: Buffer; readonly authenticated?: Buffer },
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(place))
  if (authenticated !== undefined) cipher.setAAD(authenticated)
  const sealed = [cipher.update(plain ?? Buffer.alloc(0)), cipher.final()]
  return Buffer.concat([...sealed, cipher.getAuthTag()])
}
