import type { WireChunk, WireCitingAnswer } from '../../../contract/chunk.ts'
import type { CitingAnswer, StoredChunk } from '../../../core/ports/chunks.ts'
import { unixSeconds } from '../../unix-seconds.ts'

export function wireChunk(chunk: StoredChunk): WireChunk {
  const { originText, editedAt, disabledAt } = chunk
  return {
    id: chunk.id,
    object: 'vector_store.chunk',
    vector_store_id: chunk.vectorStoreId,
    file_id: chunk.fileId,
    filename: chunk.filename,
    ordinal: chunk.ordinal,
    start: chunk.start,
    end: chunk.end,
    page: chunk.page,
    headings: [...chunk.headings],
    text: chunk.text,
    context: chunk.context,
    tokens: chunk.tokens,
    enabled: disabledAt === null,
    disabled_at: disabledAt && unixSeconds(disabledAt),
    edited: originText !== null,
    edited_at: editedAt && unixSeconds(editedAt),
    origin_text: originText,
  }
}

export function wireCitingAnswer(answer: CitingAnswer): WireCitingAnswer {
  return {
    id: answer.answerId,
    object: 'chunk.answer',
    question: answer.question,
    created_at: unixSeconds(answer.createdAt),
    quotes: [...answer.quotes],
  }
}
