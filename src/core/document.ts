export type BlockKind = 'code' | 'heading' | 'list' | 'paragraph' | 'quote' | 'table'

/** What a parser saw between two offsets (UTF-16 code units) of the text it gave. */
export interface Block {
  readonly kind: BlockKind
  readonly start: number
  readonly end: number
  /** Of a heading: 1 is the outermost. */
  readonly level?: number
}

/** Where a page's text lies; offsets in UTF-16 code units. */
export interface Page {
  /** 1-based, as a reader counts. */
  readonly number: number
  readonly start: number
  readonly end: number
}

/**
 * A source file made readable. `text` is well-formed Unicode without NUL, stored as UTF-8 exactly as it is.
 * Blocks are in order, do not overlap, and cover every character that is not blank.
 * Pages are in order and do not overlap; empty where the format has none.
 */
export interface ParsedDocument {
  readonly text: string
  readonly title: string | null
  readonly mediaType: string
  readonly blocks: readonly Block[]
  readonly pages: readonly Page[]
}

/** What the parsers may spend on one file. */
export interface ParseLimits {
  readonly maxBytes: number
  /** After decompression, and of extracted text. */
  readonly maxExpandedBytes: number
  readonly maxPages: number
  readonly maxSeconds: number
}
