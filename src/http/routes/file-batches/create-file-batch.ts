import type { FileBatch, FileBatchCreate } from '../../../contract/file-batch.ts'
import { createId } from '../../../core/id.ts'
import type { Transaction } from '../../../core/ports/database.ts'
import type { NewMembership } from '../../../core/submission.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { notFound } from '../../not-found.ts'
import { RequestError } from '../../request-error.ts'
import { requireFiles } from '../vector-store-files/require-files.ts'
import { findStore } from '../vector-stores/find-store.ts'
import { readChunking } from '../vector-stores/read-chunking.ts'
import { requireUnexpired } from '../../store-expiry.ts'
import { wireFileBatch } from './wire-file-batch.ts'

type Entry = Pick<NewMembership, 'attributes' | 'chunkSize' | 'fileId'>

export async function createFileBatch(
  deps: Pick<HttpDeps, 'database' | 'fileBatches' | 'files' | 'submission' | 'vectorStores'>,
  at: { readonly tenantId: string; readonly vectorStoreId: string },
  body: FileBatchCreate,
): Promise<FileBatch> {
  const entries = readEntries(body)
  const param = body.files === undefined ? 'file_ids' : 'files'
  requireUnexpired(await findStore(deps, at.tenantId, at.vectorStoreId))
  await deps.database.transact(at.tenantId, (transaction) =>
    requireFiles(deps.files, transaction, { ids: entries.map(({ fileId }) => fileId), param }),
  )
  const batch = { id: createId('vsfb_'), vectorStoreId: at.vectorStoreId, createdAt: new Date() }
  for (const entry of entries) {
    const { id: batchId, vectorStoreId } = batch
    const membership = {
      ...entry,
      vectorStoreId,
      sourceKey: null,
      batchId,
      priority: 'batch' as const,
    }
    await deps.submission.addToStore(at.tenantId, membership)
  }
  return deps.database.transact(at.tenantId, async (transaction) => {
    await requireStore(deps, transaction, batch.vectorStoreId)
    const fileIds = entries.map(({ fileId }) => fileId)
    await deps.fileBatches.insert(transaction, batch, fileIds)
    const made = await deps.fileBatches.get(transaction, batch.vectorStoreId, batch.id)
    if (made === null) throw notFound('file batch', batch.id)
    return wireFileBatch(made)
  })
}

/** It may have been deleted while its files were added. */
async function requireStore(
  { vectorStores }: Pick<HttpDeps, 'vectorStores'>,
  transaction: Transaction,
  id: string,
): Promise<void> {
  if ((await vectorStores.get(transaction, id)) === null) throw notFound('vector store', id)
}

function readEntries(body: FileBatchCreate): readonly Entry[] {
  const { files, file_ids: ids } = body
  if ((files === undefined) === (ids === undefined)) {
    throw new RequestError('invalid_value', "Give either 'file_ids' or 'files', one of the two.", {
      param: 'file_ids',
    })
  }
  const entries =
    files?.map((file, index) => ({
      fileId: file.file_id,
      attributes: file.attributes ?? {},
      chunkSize: readChunking(file.chunking_strategy, `files[${index}].chunking_strategy`),
    })) ??
    ids?.map((fileId) => ({
      fileId,
      attributes: body.attributes ?? {},
      chunkSize: readChunking(body.chunking_strategy),
    })) ??
    []
  return [...new Map(entries.map((entry) => [entry.fileId, entry])).values()]
}
