import { createHash } from 'node:crypto'
import type { Content } from '../core/ports/object-store.ts'

/** Content that fails at its end when it is not what its hash says. */
export function checkedContent(given: Content | Uint8Array, sha256: string): Content {
  const content =
    given instanceof Uint8Array ? { bytes: given.byteLength, read: () => piecesOf(given) } : given
  return {
    bytes: content.bytes,
    async *read() {
      const hash = createHash('sha256')
      let bytes = 0
      for await (const piece of content.read()) {
        hash.update(piece)
        bytes += piece.byteLength
        yield piece
      }
      if (bytes !== content.bytes || hash.digest('hex') !== sha256)
        throw new Error(`What was to be kept as ${sha256} is something else.`)
    },
  }
}

const PIECE = 1_048_576

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE)
    yield bytes.subarray(start, start + PIECE)
}
