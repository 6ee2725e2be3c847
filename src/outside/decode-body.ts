import { pipeline, type Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { AppError } from '../core/errors.ts'
import { limitBytes } from './limit-bytes.ts'

export interface DecodeOptions {
  readonly encoding: string | null
  readonly maxBytes: number
  readonly explain: (error: unknown) => Error
}

/** The bytes of a body, unpacked as they come and counted on both sides, so that nothing unpacks to more than the limit. */
export async function* decodeBody(
  body: Readable,
  { encoding, maxBytes, explain }: DecodeOptions,
): AsyncGenerator<Uint8Array> {
  // Whoever stops early destroys a body that nobody listens to any more, and it would complain to the process.
  body.on('error', () => undefined)
  try {
    const decoder = decoderOf(encoding?.trim().toLowerCase() ?? '')
    const sent = limitBytes(body, maxBytes)
    // The callback is there for the stream's sake: what fails is thrown to who reads.
    const plain = decoder === null ? sent : pipeline(sent, decoder, () => undefined)
    yield* limitBytes(plain, maxBytes)
  } catch (error) {
    throw explain(error)
  } finally {
    body.destroy()
  }
}

function decoderOf(encoding: string): Transform | null {
  switch (encoding) {
    case '':
    case 'identity': {
      return null
    }
    case 'gzip':
    case 'x-gzip': {
      return createGunzip()
    }
    case 'deflate': {
      return createInflate()
    }
    case 'br': {
      return createBrotliDecompress()
    }
    default: {
      // Several on top of each other are how bombs are built, and no server needs them.
      throw new AppError('provider_unavailable', `The encoding ${encoding} is not understood.`)
    }
  }
}
