import type { Block, Page, ParsedDocument, ParseLimits } from '../../core/document.ts'
import { parseFailure, readableBytes } from './parse-failure.ts'
import type { Draft } from './text-builder.ts'

/**
 * Checks every promise of ParsedDocument and gives the document.
 * A draft without text is `file_empty`, one over the limit `file_too_large`; a broken promise is a plain Error, ours.
 */
export function finish(draft: Draft, mediaType: string, limits: ParseLimits): ParsedDocument {
  const { text, blocks, pages } = draft
  if (!/\S/.test(text)) {
    throw parseFailure('file_empty', 'The file contains no text. Add one that does.')
  }
  if (Buffer.byteLength(text) > limits.maxExpandedBytes) {
    throw parseFailure(
      'file_too_large',
      `The file holds more text than the limit of ${readableBytes(limits.maxExpandedBytes)}. Split it, or raise the limit on expanded bytes.`,
    )
  }
  if (!text.isWellFormed() || text.includes('\0') || text.includes('\r')) {
    throw new Error('parser broke its promise: text is not normalised')
  }
  checkBlocks(text, blocks)
  checkPages(text, pages)
  return { text, title: cleanTitle(draft.title), mediaType, blocks, pages }
}

/** Paragraph blocks for whatever is not blank and lies in no block. Blocks must be in order. */
export function coverGaps(text: string, blocks: readonly Block[]): readonly Block[] {
  const covered: Block[] = []
  let cursor = 0
  const fill = (end: number): void => {
    const gap = text.slice(cursor, end)
    if (!/\S/.test(gap)) return
    const start = cursor + gap.length - gap.trimStart().length
    covered.push({ kind: 'paragraph', start, end: cursor + gap.trimEnd().length })
  }
  for (const block of blocks) {
    fill(block.start)
    covered.push(block)
    cursor = block.end
  }
  fill(text.length)
  return covered
}

function checkBlocks(text: string, blocks: readonly Block[]): void {
  let cursor = 0
  for (const { start, end } of blocks) {
    if (start < cursor || end <= start || end > text.length) {
      throw new Error(`parser broke its promise: block [${start}, ${end}) after ${cursor}`)
    }
    requireBlank(text, cursor, start)
    cursor = end
  }
  requireBlank(text, cursor, text.length)
}

function requireBlank(text: string, start: number, end: number): void {
  if (/\S/.test(text.slice(start, end))) {
    throw new Error(`parser broke its promise: [${start}, ${end}) lies in no block`)
  }
}

function checkPages(text: string, pages: readonly Page[]): void {
  let cursor = 0
  let number = 0
  for (const page of pages) {
    if (page.start < cursor || page.end < page.start || page.end > text.length) {
      throw new Error(
        `parser broke its promise: page ${page.number} at [${page.start}, ${page.end})`,
      )
    }
    if (page.number <= number) throw new Error('parser broke its promise: pages out of order')
    cursor = page.end
    number = page.number
  }
}

function cleanTitle(title: string | null): string | null {
  const clean = (title ?? '').toWellFormed().replaceAll('\0', '').replaceAll(/\s+/g, ' ').trim()
  return clean === '' ? null : clean.slice(0, 300).toWellFormed()
}
