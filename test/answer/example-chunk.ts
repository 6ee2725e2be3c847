import type { FusedChunk } from '../../src/answer/fuse/reciprocal-rank.ts'

/** A chunk whose byte span fits its text. */
export function exampleChunk(text: string, change: Partial<FusedChunk> = {}): FusedChunk {
  const start = change.start ?? 0
  return {
    chunkId: '1',
    vectorStoreId: 'vs_1',
    fileId: 'file-1',
    filename: 'report.txt',
    attributes: {},
    title: null,
    ordinal: 0,
    start,
    end: start + Buffer.byteLength(text),
    text,
    context: '',
    headings: [],
    page: null,
    tokens: Math.ceil(text.length / 4),
    similarity: null,
    bm25: null,
    vector: null,
    score: 1,
    denseRank: null,
    lexicalRank: null,
    ...change,
  }
}
