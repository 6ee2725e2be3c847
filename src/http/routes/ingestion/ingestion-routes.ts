import { documentList, documentQuery } from '../../../contract/document-lookup.ts'
import { ingestProgress, progressQuery } from '../../../contract/ingest-progress.ts'
import { vectorStoreParams } from '../../../contract/vector-store.ts'
import { notFound } from '../../not-found.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { streamSnapshots } from '../../stream-snapshots.ts'
import { wireDocument } from '../vector-store-files/wire-document.ts'
import { findStore } from '../vector-stores/find-store.ts'
import { createPace } from './pace.ts'

export function ingestionRoutes(app: Routes, deps: RouteDeps): void {
  const { database, documents, fileBatches } = deps
  const estimate = createPace()

  app.get(
    '/api/vector_stores/:vector_store_id/progress',
    {
      schema: {
        tags: ['Ingestion'],
        summary: 'How far indexing is',
        description:
          'Of everything in the vector store, or of one batch. With `stream: true`, as events.',
        params: vectorStoreParams,
        querystring: progressQuery,
        response: { 200: ingestProgress },
      },
      config: { scope: 'read', streams: true },
    },
    async (request, reply) => {
      const { principal, params, query } = request
      const { tenantId } = principal
      const store = await findStore(deps, tenantId, params.vector_store_id)
      const batchId = query.batch_id ?? null
      const look = async () => {
        const { files, bytes, chunks } = await database.transact(tenantId, async (transaction) => {
          const batch = batchId && (await fileBatches.get(transaction, store.id, batchId))
          if (batchId !== null && batch === null) throw notFound('file batch', batchId, 'batch_id')
          return documents.progress(transaction, store.id, batchId)
        })
        const watched = [tenantId, store.id, batchId].join(' ')
        return {
          object: 'vector_store.progress' as const,
          vector_store_id: store.id,
          files: { ...files },
          bytes: { ...bytes },
          chunks: { ...chunks },
          seconds_left: estimate(watched, { files, bytes, chunks }),
        }
      }
      const first = await look()
      if (query.stream !== true) return first
      const isDone = ({ files }: typeof first) => files.done + files.failed === files.total
      return streamSnapshots(
        deps,
        { request, reply },
        {
          first,
          look,
          event: (shown) => (isDone(shown) ? 'done' : 'progress'),
          isLast: isDone,
          concerns: (signal) =>
            signal.type === 'document-changed' &&
            signal.tenantId === tenantId &&
            signal.vectorStoreId === store.id,
        },
      )
    },
  )

  app.get(
    '/api/vector_stores/:vector_store_id/documents',
    {
      schema: {
        tags: ['Ingestion'],
        summary: 'Find the file with a source key',
        description: 'The newest that is indexed or on its way, with the hash of its bytes.',
        params: vectorStoreParams,
        querystring: documentQuery,
        response: { 200: documentList },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params, query }) => {
      const store = await findStore(deps, principal.tenantId, params.vector_store_id)
      const document = await database.transact(principal.tenantId, (transaction) =>
        documents.findBySourceKey(transaction, store.id, query.source_key),
      )
      const found = document === null ? [] : [document]
      return { object: 'list' as const, data: found.map(wireDocument) }
    },
  )
}
