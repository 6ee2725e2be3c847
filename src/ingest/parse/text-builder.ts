import type { Block, BlockKind, Page } from '../../core/document.ts'
import { parseFailure, readableBytes } from './parse-failure.ts'

/** A document whose invariants nobody has checked yet. */
export interface Draft {
  readonly text: string
  readonly title: string | null
  readonly blocks: readonly Block[]
  readonly pages: readonly Page[]
}

/** Grows a text and its blocks together, so that offsets are right by construction. */
export interface TextBuilder {
  /** Adds a block after an empty line; blank text adds nothing. */
  add(kind: BlockKind, text: string): void
  /** Adds a block on the very next line when the last one was of the same kind. */
  addTight(kind: BlockKind, text: string): void
  addHeading(level: number, text: string): void
  /** What is added until the next call lies on this page. */
  beginPage(number: number): void
  firstHeading(): string | null
  build(title: string | null): Draft
}

// C0 controls other than tab, newline and form feed, and DEL: print nothing and spoil searching.
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/g

// Blocks whose first line means something by its indentation.
const INDENTED: ReadonlySet<BlockKind> = new Set(['code', 'list'])

/** Well-formed Unicode, newlines as `\n`, no byte order mark, no NUL. */
export function normalizeText(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('\0', '')
    .toWellFormed()
}

/** Stops with `file_too_large` as soon as more than `maxBytes` of text have come together. */
export function createTextBuilder(maxBytes: number): TextBuilder {
  const parts: string[] = []
  const blocks: Block[] = []
  const pages: { number: number; start: number; end: number }[] = []
  let length = 0
  let bytes = 0
  let firstHeading: string | null = null

  const push = (part: string): void => {
    parts.push(part)
    length += part.length
    bytes += Buffer.byteLength(part)
    if (bytes > maxBytes) {
      throw parseFailure(
        'file_too_large',
        `The file holds more text than the limit of ${readableBytes(maxBytes)}. Split it, or raise the limit on expanded bytes.`,
      )
    }
  }
  const append = (block: Omit<Block, 'end' | 'start'>, text: string, tight: boolean): void => {
    const trimmed = trimBlank(normalizeText(text).replaceAll(CONTROLS, ''))
    const clean = INDENTED.has(block.kind) ? trimmed : trimmed.trimStart()
    if (clean === '') return
    const sameKind = tight && blocks.at(-1)?.kind === block.kind
    if (length > 0) push(sameKind ? '\n' : '\n\n')
    const page = pages.at(-1)
    if (page !== undefined && page.start === page.end) page.start = length
    const start = length
    push(clean)
    blocks.push({ ...block, start, end: length })
    if (page !== undefined) page.end = length
    if (block.kind === 'heading') firstHeading ??= clean
  }

  return {
    add: (kind, text) => append({ kind }, text, false),
    addTight: (kind, text) => append({ kind }, text, true),
    addHeading: (level, text) =>
      append({ kind: 'heading', level }, text.replaceAll(/\s+/g, ' '), false),
    beginPage(number) {
      pages.push({ number, start: length, end: length })
    },
    firstHeading: () => firstHeading,
    build: (title) => ({ text: parts.join(''), title, blocks, pages }),
  }
}

/** Drops blank lines before and after, and blanks at line ends; the first line's indentation stays. */
function trimBlank(text: string): string {
  return text
    .replace(/^(?:\s*\n)+/, '')
    .replaceAll(/[^\S\n]+$/gm, '')
    .trimEnd()
}
