import type { PageStart } from '../core/chunk.ts'
import type { StoredChunk } from '../core/ports/chunks.ts'

/** Of both tables, beside `disabled_at`. */
export const CHUNK_COLUMNS = `id, vector_store_id, file_id, ordinal, start_byte, end_byte, text, context, headings, page,
  later_pages, tokens, origin_text, edited_at`

/** What a chunk says and where it stands, however it was looked up. */
export interface PlacedChunkRow {
  readonly vector_store_id: string
  readonly file_id: string
  readonly filename: string
  readonly ordinal: number
  readonly start_byte: number
  readonly end_byte: number
  readonly text: string
  readonly context: string
  readonly headings: readonly string[]
  readonly page: number | null
  readonly later_pages: readonly PageStart[]
  readonly tokens: number
  readonly origin_text: string | null
}

export interface ChunkRow extends PlacedChunkRow {
  readonly id: string | number
  readonly edited_at: Date | null
  readonly disabled_at: Date | null
}

export const toPlacedChunk = (row: PlacedChunkRow) => ({
  vectorStoreId: row.vector_store_id,
  fileId: row.file_id,
  filename: row.filename,
  ordinal: row.ordinal,
  start: row.start_byte,
  end: row.end_byte,
  text: row.text,
  context: row.context,
  headings: row.headings,
  page: row.page,
  tokens: row.tokens,
})

export function toStoredChunk(row: ChunkRow): StoredChunk {
  return {
    id: String(row.id),
    ...toPlacedChunk(row),
    laterPages: row.later_pages,
    originText: row.origin_text,
    editedAt: row.edited_at,
    disabledAt: row.disabled_at,
  }
}
