import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { ChunkSize } from '../core/chunk.ts'
import type { Caps, CapsOf } from '../core/caps.ts'
import { AppError } from '../core/errors.ts'
import { createId } from '../core/id.ts'
import type { BlobStore } from '../core/ports/blob-store.ts'
import type { Database, Transaction } from '../core/ports/database.ts'
import type { DocumentRecord, Documents } from '../core/ports/documents.ts'
import type { FileRecord, Files } from '../core/ports/files.ts'
import type { Queue } from '../core/ports/queue.ts'
import type { VectorStores } from '../core/ports/vector-stores.ts'
import type { NewMembership, Submission } from '../core/submission.ts'

export interface SubmissionDeps {
  readonly database: Database
  readonly files: Files
  readonly documents: Documents
  readonly vectorStores: VectorStores
  readonly blobs: BlobStore
  readonly queue: Queue
  /** Of one file. */
  readonly maxBytes: number
  readonly defaultChunkSize: ChunkSize
  readonly capsOf: CapsOf
}

/**
 * The bytes are durable before the row that names them. A document and its job are one transaction.
 * When the same bytes are there already under the same source key, the upload that was to take their place stays a file of
 * its own, in no store, and is the caller's to delete; `documents.findBySourceKey` says so before anything is uploaded.
 */
export function createSubmission(deps: SubmissionDeps): Submission {
  const { database, files, documents, vectorStores, blobs, queue } = deps

  return {
    async upload(tenantId, { id = createId('file-'), filename, purpose, content, expiresAt }) {
      const { bytes, sha256 } =
        content instanceof Uint8Array
          ? { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
          : content
      checkSize(bytes, deps.maxBytes)
      const file: FileRecord = {
        id,
        filename,
        purpose,
        bytes,
        sha256,
        createdAt: new Date(),
        expiresAt,
      }
      const caps = await deps.capsOf(tenantId)
      await blobs.put(tenantId, file.sha256, content)
      try {
        await database.transact(tenantId, async (transaction) => {
          await files.insert(transaction, file, caps)
          // The last other file with these bytes may have gone, with the bytes, since they were put; from here on it cannot.
          await blobs.put(tenantId, file.sha256, content)
        })
      } catch (error) {
        // A blob that stays behind costs room and nothing else; the caller hears of what went wrong first.
        await blobs.delete(tenantId, file.sha256).catch(() => undefined)
        throw error
      }
      return file
    },
    async addToStore(tenantId, membership, also) {
      const caps = await deps.capsOf(tenantId)
      return againAfterCollision(() =>
        database.transact(tenantId, async (transaction) => {
          const record = await add(transaction, membership, caps)
          await also?.(transaction, record)
          return record
        }),
      )
    },
  }

  async function add(
    transaction: Transaction,
    membership: NewMembership,
    caps: Caps,
  ): Promise<DocumentRecord> {
    const { vectorStoreId, fileId, sourceKey } = membership
    const store = await vectorStores.get(transaction, vectorStoreId)
    if (store === null) throw notFound('vector store', vectorStoreId, 'vector_store_id')
    const file = await files.get(transaction, fileId)
    if (file === null) throw notFound('file', fileId, 'file_id')
    const chunkSize = membership.chunkSize ?? store.chunkSize ?? deps.defaultChunkSize

    if (sourceKey !== null) {
      const there = await documents.findBySourceKey(transaction, vectorStoreId, sourceKey)
      if (there !== null && isSameWork(there, file, chunkSize)) return there
    }
    const { attributes, batchId } = membership
    const createdAt = new Date()
    const document = { vectorStoreId, fileId, attributes, batchId, chunkSize, sourceKey, createdAt }
    if (await documents.insert(transaction, document, caps)) {
      const job = { tenantId: transaction.tenantId, vectorStoreId, fileId }
      await queue.send(transaction, job, { priority: membership.priority ?? 'interactive' })
    }
    const record = await documents.get(transaction, vectorStoreId, fileId)
    if (record === null) throw notFound('file', fileId, 'file_id')
    return record
  }
}

const MOST_ATTEMPTS = 4

/** A deadlock with somebody else's change has undone everything: the same work may simply be done again. */
async function againAfterCollision<Result>(
  work: () => Promise<Result>,
  attempt = 1,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const collided = error instanceof AppError && error.code === 'conflict'
    if (!collided || attempt === MOST_ATTEMPTS) throw error
    await delay(20 * 2 ** attempt * Math.random())
    return againAfterCollision(work, attempt + 1)
  }
}

function isSameWork(there: DocumentRecord, file: FileRecord, chunkSize: ChunkSize): boolean {
  return (
    there.fileSha256 === file.sha256 &&
    there.chunkSize.maxTokens === chunkSize.maxTokens &&
    there.chunkSize.overlapTokens === chunkSize.overlapTokens
  )
}

function checkSize(bytes: number, maxBytes: number): void {
  if (bytes === 0) {
    throw new AppError('file_empty', 'The file is empty. Upload one with content.', {
      param: 'file',
    })
  }
  if (bytes > maxBytes) {
    throw new AppError(
      'file_too_large',
      `The file has ${bytes} bytes; ${maxBytes} are allowed. Split it, or raise the limit in the configuration.`,
      { param: 'file' },
    )
  }
}

function notFound(what: string, id: string, param: string): AppError {
  return new AppError('resource_not_found', `There is no ${what} ${id}.`, { param })
}
