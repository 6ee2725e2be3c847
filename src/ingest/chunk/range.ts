/** Offsets in UTF-16 code units of the document's text. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Null when nothing but blanks lies between the two offsets. */
export function trimRange(text: string, range: Range): Range | null {
  const slice = text.slice(range.start, range.end)
  const fromStart = slice.trimStart()
  if (fromStart === '') return null
  const start = range.end - fromStart.length
  return { start, end: start + fromStart.trimEnd().length }
}
