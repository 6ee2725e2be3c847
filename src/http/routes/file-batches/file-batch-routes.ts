import { fileBatch, fileBatchCreate, fileBatchParams } from '../../../contract/file-batch.ts'
import { vectorStoreParams } from '../../../contract/vector-store.ts'
import {
  vectorStoreFileList,
  vectorStoreFileListQuery,
} from '../../../contract/vector-store-file.ts'
import type { Transaction } from '../../../core/ports/database.ts'
import type { FileBatchRecord } from '../../../core/ports/file-batches.ts'
import { askAgainSoon } from '../../ask-again-soon.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { wireDocument } from '../vector-store-files/wire-document.ts'
import { createFileBatch } from './create-file-batch.ts'
import { wireFileBatch } from './wire-file-batch.ts'

const TAGS = ['Vector store file batches']
const ALL = '/v1/vector_stores/:vector_store_id/file_batches'
const ONE = `${ALL}/:batch_id` as const
interface BatchParams {
  readonly vector_store_id: string
  readonly batch_id: string
}

export function fileBatchRoutes(app: Routes, deps: RouteDeps): void {
  const { database, documents, fileBatches } = deps

  const find = async (transaction: Transaction, at: BatchParams): Promise<FileBatchRecord> => {
    const batch = await fileBatches.get(transaction, at.vector_store_id, at.batch_id)
    if (batch === null) throw notFound('file batch', at.batch_id)
    return batch
  }

  app.post(
    ALL,
    {
      schema: {
        tags: TAGS,
        summary: 'Add files to a vector store',
        params: vectorStoreParams,
        body: fileBatchCreate,
        response: { 200: fileBatch },
      },
      config: { scope: 'ingest', idempotent: true },
    },
    async ({ principal, params, body }) =>
      createFileBatch(
        deps,
        { tenantId: principal.tenantId, vectorStoreId: params.vector_store_id },
        body,
      ),
  )

  app.get(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve a file batch',
        params: fileBatchParams,
        response: { 200: fileBatch },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params }, reply) =>
      askAgainSoon(
        reply,
        wireFileBatch(
          await database.transact(principal.tenantId, (transaction) => find(transaction, params)),
        ),
      ),
  )

  app.post(
    `${ONE}/cancel`,
    {
      schema: {
        tags: TAGS,
        summary: 'Cancel a file batch',
        description:
          'What is indexed already stays, and so does work that was begun before the batch.',
        params: fileBatchParams,
        response: { 200: fileBatch },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params }) =>
      database.transact(principal.tenantId, async (transaction) => {
        const { vector_store_id: storeId, batch_id: batchId } = params
        const { fileCounts } = await find(transaction, params)
        // Documents before their batch, as everywhere.
        await documents.cancel(transaction, storeId, batchId)
        if (fileCounts.in_progress > 0) {
          await fileBatches.markCancelled(transaction, storeId, batchId)
        }
        return wireFileBatch(await find(transaction, params))
      }),
  )

  app.get(
    `${ONE}/files`,
    {
      schema: {
        tags: TAGS,
        summary: 'List the files of a batch',
        params: fileBatchParams,
        querystring: vectorStoreFileListQuery,
        response: { 200: vectorStoreFileList },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params, query }) => {
      const cursor = cursorOf(query, 20)
      const only = {
        batchId: params.batch_id,
        ...(query.filter === undefined ? {} : { status: query.filter }),
      }
      const rows = await database.transact(principal.tenantId, async (transaction) => {
        await find(transaction, params)
        return documents.list(transaction, params.vector_store_id, cursor, only)
      })
      return pageOfRows(rows, cursor.limit, wireDocument)
    },
  )
}
