/** Where a page begins inside a chunk. */
export interface PageStart {
  /** 1-based. */
  readonly number: number
  /** Byte in the document's stored UTF-8 text. */
  readonly start: number
}

/** A piece of a document small enough to embed and to quote. */
export interface Chunk {
  /** 0-based place in the document. */
  readonly ordinal: number
  /** First byte in the document's stored UTF-8 text. */
  readonly start: number
  /** One past the last byte: `text` is exactly the bytes [start, end). */
  readonly end: number
  readonly text: string
  /** Title and heading path: embedded and searched with the text, never cited. */
  readonly context: string
  /** Heading path, outermost first. */
  readonly headings: readonly string[]
  /** 1-based page of the first byte; null where the format has no pages. */
  readonly page: number | null
  /** The pages that begin after its first byte, in order; absent where it lies on one page. */
  readonly laterPages?: readonly PageStart[]
  /** In the embedding model's tokens, text only. */
  readonly tokens: number
  /** Where somebody edited the text: what it was, which is the bytes [start, end). */
  readonly originText?: string | null
  readonly editedAt?: Date | null
  /** Where no search is to find it. */
  readonly disabledAt?: Date | null
}

/** OpenAI's static chunking strategy: sizes in the embedding model's tokens. */
export interface ChunkSize {
  readonly maxTokens: number
  readonly overlapTokens: number
}

/** What a chunk's embedding and lexical entry are made of. */
export function searchableText(chunk: Pick<Chunk, 'context' | 'text'>): string {
  return chunk.context === '' ? chunk.text : `${chunk.context}\n${chunk.text}`
}

/** The page of a byte inside the chunk. */
export function pageOf(chunk: Pick<Chunk, 'laterPages' | 'page'>, byte: number): number | null {
  return chunk.laterPages?.findLast(({ start }) => start <= byte)?.number ?? chunk.page
}
