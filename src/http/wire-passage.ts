import type { CitationProof, FileSearchResult, SearchResult } from '../contract/passage.ts'
import type { Citation, RankedChunk } from '../core/answer.ts'

export function wireSearchResult(chunk: RankedChunk): SearchResult {
  return {
    file_id: chunk.fileId,
    filename: chunk.filename,
    score: chunk.score,
    attributes: { ...chunk.attributes },
    content: [{ type: 'text', text: chunk.text }],
    ragstone: placeOf(chunk),
  }
}

export function wireFileSearchResult(chunk: RankedChunk): FileSearchResult {
  return {
    file_id: chunk.fileId,
    filename: chunk.filename,
    score: chunk.score,
    text: chunk.text,
    attributes: { ...chunk.attributes },
    ragstone: placeOf(chunk),
  }
}

export function wireProof(citation: Citation): CitationProof {
  const { start, end, page, quote, score, vectorStoreId, number, edited } = citation
  return {
    start,
    end,
    page,
    quote,
    score,
    vector_store_id: vectorStoreId,
    number,
    ...(edited === undefined ? {} : { edited }),
  }
}

function placeOf(chunk: RankedChunk): SearchResult['ragstone'] {
  return {
    vector_store_id: chunk.vectorStoreId,
    chunk_id: chunk.chunkId,
    start: chunk.start,
    end: chunk.end,
    page: chunk.page,
    headings: [...chunk.headings],
    similarity: chunk.similarity,
    bm25: chunk.bm25,
    ...(chunk.originText === undefined ? {} : { edited: true as const }),
  }
}
