import { documentList, documentQuery } from '../../../contract/document-lookup.ts'
import { ingestProgress, progressQuery } from '../../../contract/ingest-progress.ts'
import { vectorStoreParams } from '../../../contract/vector-store.ts'
import { notFound } from '../../not-found.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
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
        description: 'Of everything in the vector store, or of one batch.',
        params: vectorStoreParams,
        querystring: progressQuery,
        response: { 200: ingestProgress },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params, query }) => {
      const store = await findStore(deps, principal.tenantId, params.vector_store_id)
      const batchId = query.batch_id ?? null
      const { files, bytes, chunks } = await database.transact(
        principal.tenantId,
        async (transaction) => {
          const batch = batchId && (await fileBatches.get(transaction, store.id, batchId))
          if (batchId !== null && batch === null) throw notFound('file batch', batchId, 'batch_id')
          return documents.progress(transaction, store.id, batchId)
        },
      )
      const watched = [principal.tenantId, store.id, batchId].join(' ')
      return {
        object: 'vector_store.progress' as const,
        vector_store_id: store.id,
        files: { ...files },
        bytes: { ...bytes },
        chunks: { ...chunks },
        seconds_left: estimate(watched, { files, bytes, chunks }),
      }
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
