import {
  vectorStore,
  vectorStoreCreate,
  vectorStoreDeleted,
  vectorStoreList,
  vectorStoreListQuery,
  vectorStoreParams,
  vectorStoreUpdate,
  type VectorStoreCreate,
  type VectorStoreUpdate,
} from '../../../contract/vector-store.ts'
import { createId } from '../../../core/id.ts'
import type { VectorStores } from '../../../core/ports/vector-stores.ts'
import { dropBlobs } from '../../drop-blobs.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { requireFiles } from '../vector-store-files/require-files.ts'
import { findStore } from './find-store.ts'
import { readChunking } from './read-chunking.ts'
import { wireVectorStore } from './wire-vector-store.ts'

const TAGS = ['Vector stores']
const ONE = '/v1/vector_stores/:vector_store_id'

export function vectorStoreRoutes(app: Routes, deps: RouteDeps): void {
  const { database, vectorStores } = deps

  app.post(
    '/v1/vector_stores',
    {
      schema: {
        tags: TAGS,
        summary: 'Create a vector store',
        body: vectorStoreCreate,
        response: { 200: vectorStore },
      },
      config: { scope: 'ingest', failures: [404], idempotent: true },
    },
    async ({ principal, body, audited }) => {
      const id = createId('vs_')
      audited.target = id
      return wireVectorStore(await createStore(deps, { id, tenantId: principal.tenantId }, body))
    },
  )

  app.get(
    '/v1/vector_stores',
    {
      schema: {
        tags: TAGS,
        summary: 'List vector stores',
        querystring: vectorStoreListQuery,
        response: { 200: vectorStoreList },
      },
      config: { scope: 'read' },
    },
    async ({ principal, query }) => {
      const cursor = cursorOf(query, 20)
      const rows = await database.transact(principal.tenantId, (transaction) =>
        vectorStores.list(transaction, cursor),
      )
      return pageOfRows(rows, cursor.limit, (row) => wireVectorStore(row))
    },
  )

  app.get(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve a vector store',
        params: vectorStoreParams,
        response: { 200: vectorStore },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params }) =>
      wireVectorStore(await findStore(deps, principal.tenantId, params.vector_store_id)),
  )

  app.post(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Modify a vector store',
        params: vectorStoreParams,
        body: vectorStoreUpdate,
        response: { 200: vectorStore },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params, body }) => {
      const id = params.vector_store_id
      const changed = await database.transact(principal.tenantId, async (transaction) => {
        await vectorStores.update(transaction, id, changeOf(body))
        return vectorStores.get(transaction, id)
      })
      if (changed === null) throw notFound('vector store', id)
      return wireVectorStore(changed)
    },
  )

  app.delete(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Delete a vector store',
        description: 'Its files stay.',
        params: vectorStoreParams,
        response: { 200: vectorStoreDeleted },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params, log }) => {
      const { tenantId } = principal
      const id = params.vector_store_id
      const gone = await database.transact(tenantId, (transaction) =>
        vectorStores.delete(transaction, id),
      )
      if (gone === null) throw notFound('vector store', id)
      await dropBlobs(deps, { tenantId, hashes: gone.orphans, log })
      return { id, object: 'vector_store.deleted' as const, deleted: true }
    },
  )
}

async function createStore(
  deps: RouteDeps,
  { id, tenantId }: { readonly id: string; readonly tenantId: string },
  body: VectorStoreCreate,
) {
  const fileIds = [...new Set(body.file_ids)]
  const chunkSize = readChunking(body.chunking_strategy)
  await deps.database.transact(tenantId, async (transaction) => {
    await requireFiles(deps.files, transaction, { ids: fileIds, param: 'file_ids' })
    await deps.vectorStores.insert(transaction, {
      id,
      name: body.name ?? '',
      metadata: body.metadata ?? {},
      createdAt: new Date(),
      expiresAfterDays: body.expires_after?.days ?? null,
      chunkSize,
    })
  })
  for (const fileId of fileIds) {
    await deps.submission.addToStore(tenantId, {
      vectorStoreId: id,
      fileId,
      attributes: {},
      chunkSize: null,
      sourceKey: null,
      batchId: null,
      priority: 'batch',
    })
  }
  return findStore(deps, tenantId, id)
}

/** What is absent stays; null empties. */
function changeOf({ name, metadata, expires_after }: VectorStoreUpdate): Change {
  return {
    ...(name === undefined ? {} : { name: name ?? '' }),
    ...(metadata === undefined ? {} : { metadata: metadata ?? {} }),
    ...(expires_after === undefined ? {} : { expiresAfterDays: expires_after?.days ?? null }),
  }
}
type Change = Parameters<VectorStores['update']>[2]
