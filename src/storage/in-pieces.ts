/** The same bytes in pieces of exactly this size, but for the last, which is smaller where it must be and never empty. */
export async function* inPieces(
  content: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = []
  let held = 0
  for await (const piece of content) {
    let rest = piece
    while (held + rest.length >= size) {
      const taken = rest.subarray(0, size - held)
      yield Buffer.concat([...parts, taken], size)
      rest = rest.subarray(taken.length)
      parts = []
      held = 0
    }
    if (rest.length > 0) {
      parts.push(rest)
      held += rest.length
    }
  }
  if (held > 0) yield Buffer.concat(parts, held)
}
