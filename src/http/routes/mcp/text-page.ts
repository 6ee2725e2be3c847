/** Bytes [start, end) of a text. */
export interface TextPage {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** About 12 000 tokens of English: half of what the more careful clients take from one tool call. */
const PAGE_BYTES = 50_000

/**
 * Cuts UTF-8 only between characters, and at the end of a line where one ends in the last fifth of the page.
 * A start inside a character is moved to its first byte.
 */
export function cutPage(content: Buffer, from: number, limit = PAGE_BYTES): TextPage {
  const start = characterStart(content, Math.min(from, content.length))
  const end = pageEnd(content, start, limit)
  return { text: content.toString('utf8', start, end), start, end }
}

function pageEnd(content: Buffer, start: number, limit: number): number {
  const furthest = start + limit
  if (furthest >= content.length) return content.length
  const lineEnd = content.lastIndexOf('\n', furthest - 1) + 1
  return lineEnd > start + limit * 0.8 ? lineEnd : characterStart(content, furthest)
}

function characterStart(content: Buffer, at: number): number {
  let start = at
  while (start > 0 && isContinuation(content[start])) start--
  return start
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80
