import type { Chunk, ChunkSize, PageStart } from '../../core/chunk.ts'
import type { Page, ParsedDocument } from '../../core/document.ts'
import type { Tokenizer } from '../../core/ports/embedding-model.ts'
import { tellNobody, type Tell } from '../../core/tell.ts'
import { createByteOffsets } from './byte-offsets.ts'
import { createContextOf } from './context.ts'
import { packUnits } from './pack.ts'
import { unitsOf } from './units.ts'
import type { Unit } from './units.ts'

export interface ChunkOptions {
  readonly tokenizer: Tokenizer
  readonly tell?: Tell
}

/**
 * Cuts a document along its structure. Every chunk is exactly a stretch of the document's UTF-8 text, no blanks around it;
 * together the chunks hold all that is not blank, in order, each within `maxTokens`.
 * Neighbours share at most `overlapTokens` (never more than half of `maxTokens`), in whole sentences where one fits.
 */
export function chunkDocument(
  document: ParsedDocument,
  size: ChunkSize,
  { tokenizer, tell = tellNobody }: ChunkOptions,
): readonly Chunk[] {
  const { text } = document
  // Half of the work is to measure the units, the other half is to measure the chunks made of them.
  const within = { tokenizer, tell: (done: number) => tell(done, 2 * text.length) }
  const units = unitsOf(document, size.maxTokens, within)
  const byteAt = createByteOffsets(text)
  const pageAt = createPageAt(document.pages)
  const contextOf = createContextOf(document.title, tokenizer)
  const textOf = (from: number, to: number): string =>
    text.slice(units[from]?.start, units[to - 1]?.end)

  const chunks: Chunk[] = []
  for (const pack of packUnits(units, size, (from, to) => tokenizer.count(textOf(from, to)))) {
    const opening = units[pack.first]
    const closing = units[pack.end - 1]
    if (opening === undefined || closing === undefined) continue
    const headings = enclosingHeadings(units.slice(pack.first, pack.end))
    const header =
      opening.header === null ? null : text.slice(opening.header.start, opening.header.end)
    chunks.push({
      ordinal: chunks.length,
      start: byteAt(opening.start),
      end: byteAt(closing.end),
      text: textOf(pack.first, pack.end),
      context: contextOf(headings, header),
      headings,
      page: pageAt(opening.start),
      ...laterPages(document.pages, { start: opening.start, end: closing.end }, byteAt),
      tokens: pack.tokens,
    })
    tell(text.length + closing.end, 2 * text.length)
  }
  return chunks
}

/** What the paths of all the text have in common; a heading passed on the way to its first subsection does not count. */
function enclosingHeadings(units: readonly Unit[]): readonly string[] {
  const content = units.filter(({ kind }) => kind !== 'heading')
  const [first, ...rest] = content.length > 0 ? content : units
  let common = first?.section.path ?? []
  let last = first?.section
  for (const { section } of rest) {
    if (section === last) continue
    last = section
    const differs = common.findIndex((heading, depth) => section.path[depth] !== heading)
    if (differs !== -1) common = common.slice(0, differs)
  }
  return common
}

/** The pages that begin between the two offsets; nothing where there is none. */
function laterPages(
  pages: readonly Page[],
  { start, end }: { readonly start: number; readonly end: number },
  byteAt: (offset: number) => number,
): { readonly laterPages?: readonly PageStart[] } {
  const begun = pages.filter((page) => page.start > start && page.start < end)
  if (begun.length === 0) return {}
  return { laterPages: begun.map((page) => ({ number: page.number, start: byteAt(page.start) })) }
}

/** Asked for offsets that never go back. Between two pages the one before counts. */
function createPageAt(pages: readonly Page[]): (offset: number) => number | null {
  let at = 0
  return (offset) => {
    while ((pages[at + 1]?.start ?? Infinity) <= offset) at++
    return pages[at]?.number ?? null
  }
}
