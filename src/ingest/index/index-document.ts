import { createHash } from 'node:crypto'
import type { Chunk } from '../../core/chunk.ts'
import type { CapsOf } from '../../core/caps.ts'
import type { ParsedDocument } from '../../core/document.ts'
import type { VectorsByModel } from '../../core/embedding-space.ts'
import type { BlobStore } from '../../core/ports/blob-store.ts'
import type { Database, Transaction } from '../../core/ports/database.ts'
import type { ChunkChange } from '../../core/ports/chunks.ts'
import type { Documents } from '../../core/ports/documents.ts'
import type { IngestJob } from '../../core/ports/queue.ts'

export interface IndexDeps {
  readonly database: Database
  readonly documents: Documents
  readonly blobs: BlobStore
  readonly capsOf: CapsOf
}

export interface IndexRequest {
  readonly job: IngestJob
  readonly document: ParsedDocument
  readonly chunks: readonly Chunk[]
  /** Empty without an embedding model. */
  readonly vectors: VectorsByModel
  /** What people had changed, and the chunks now have. */
  readonly changes: readonly ChunkChange[]
  /** Asked inside the transaction: false leaves everything as it is. */
  readonly isWanted: (transaction: Transaction) => Promise<boolean>
}

/** The text durable first, then the chunks in one transaction. False when the document was withdrawn meanwhile. */
export async function indexDocument(
  { database, documents, blobs, capsOf }: IndexDeps,
  { job, document, chunks, vectors, changes, isWanted }: IndexRequest,
  signal: AbortSignal,
): Promise<boolean> {
  const { tenantId, vectorStoreId, fileId } = job
  const text = Buffer.from(document.text, 'utf8')
  const textSha256 = createHash('sha256').update(text).digest('hex')
  const caps = await capsOf(tenantId)
  await blobs.put(tenantId, textSha256, text)

  const dropText = () => blobs.delete(tenantId, textSha256)
  const { indexed, orphans } = await database
    .transact(
      tenantId,
      async (transaction) => {
        if (!(await isWanted(transaction))) return { indexed: false, orphans: [] }
        const indexed = {
          vectorStoreId,
          fileId,
          mediaType: document.mediaType,
          title: document.title,
          textSha256,
          textBytes: text.length,
          chunks,
          vectors,
          changes,
        }
        const outcome = await documents.index(transaction, indexed, caps)
        // Another document with this very text may have left, and taken the text with it, since it was put; from here on
        // it cannot.
        if (outcome.indexed) await blobs.put(tenantId, textSha256, text)
        return outcome
      },
      { signal },
    )
    .catch(async (error: unknown) => {
      // The next attempt puts it again; a job that was cancelled has none.
      await dropText().catch(() => undefined)
      throw error
    })
  // Of a document that was withdrawn, its own text.
  const doomed = indexed ? orphans : [textSha256]
  for (const orphan of doomed) await blobs.delete(tenantId, orphan)
  return indexed
}
