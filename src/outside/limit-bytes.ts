import { AppError } from '../core/errors.ts'

/** Throws `file_too_large` as soon as more has come. */
export async function* limitBytes(
  content: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of content) {
    bytes += chunk.length
    if (bytes > maxBytes) {
      throw new AppError('file_too_large', `It is larger than ${maxBytes} bytes.`)
    }
    yield chunk
  }
}
