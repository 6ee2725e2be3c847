import type { VectorStoreFile } from '../../../contract/vector-store-file.ts'
import type { ErrorCode } from '../../../core/errors.ts'
import type { DocumentRecord } from '../../../core/ports/documents.ts'
import { unixSeconds } from '../../unix-seconds.ts'

export function wireDocument(document: DocumentRecord): VectorStoreFile {
  const { error, chunkSize } = document
  return {
    id: document.fileId,
    object: 'vector_store.file',
    created_at: unixSeconds(document.createdAt),
    vector_store_id: document.vectorStoreId,
    status: document.status,
    last_error: error && { code: lastErrorCode(error.code), message: error.message },
    usage_bytes: document.textBytes,
    attributes: { ...document.attributes },
    chunking_strategy: {
      type: 'static',
      static: {
        max_chunk_size_tokens: chunkSize.maxTokens,
        chunk_overlap_tokens: chunkSize.overlapTokens,
      },
    },
    ragstone: {
      filename: document.filename,
      sha256: document.fileSha256,
      source_key: document.sourceKey,
      batch_id: document.batchId,
      stage: document.stage,
      error_code: error?.code ?? null,
      media_type: document.mediaType,
      title: document.title,
      text_bytes: document.textBytes,
      chunks: document.chunkCount,
      chunks_embedded: document.chunksEmbedded,
    },
  }
}

/** OpenAI has three words for why a file failed; ours stands in `ragstone.error_code`. */
function lastErrorCode(code: ErrorCode): 'invalid_file' | 'server_error' | 'unsupported_file' {
  if (code === 'file_type_unsupported') return 'unsupported_file'
  return code.startsWith('file_') || code === 'parse_timeout' ? 'invalid_file' : 'server_error'
}
