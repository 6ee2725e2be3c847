import { AppError } from '../core/errors.ts'

export const tooLarge = (limitBytes: number): string =>
  `It is larger than ${limitBytes.toLocaleString('en')} bytes, the most that the server takes of a file.`

/** Ends with `file_too_large` before more than the limit has been given. */
export async function* limitedContent(
  content: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Uint8Array> {
  let given = 0
  for await (const piece of content) {
    given += piece.byteLength
    if (given > limitBytes) throw new AppError('file_too_large', tooLarge(limitBytes))
    yield piece
  }
}
