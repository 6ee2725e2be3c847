import { vectorStoreParams } from '../../../contract/vector-store.ts'
import {
  vectorStoreFile,
  vectorStoreFileContent,
  vectorStoreFileCreate,
  vectorStoreFileDeleted,
  vectorStoreFileList,
  vectorStoreFileListQuery,
  vectorStoreFileParams,
  vectorStoreFileUpdate,
} from '../../../contract/vector-store-file.ts'
import { AppError } from '../../../core/errors.ts'
import type { DocumentRecord } from '../../../core/ports/documents.ts'
import { askAgainSoon } from '../../ask-again-soon.ts'
import { dropBlobs } from '../../drop-blobs.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { findStore } from '../vector-stores/find-store.ts'
import { readChunking } from '../vector-stores/read-chunking.ts'
import { requireUnexpired } from '../../store-expiry.ts'
import { findDocument } from './find-document.ts'
import { wireDocument } from './wire-document.ts'

const TAGS = ['Vector store files']
const ALL = '/v1/vector_stores/:vector_store_id/files'
const ONE = `${ALL}/:file_id` as const

export function vectorStoreFileRoutes(app: Routes, deps: RouteDeps): void {
  const { database, documents, submission, blobs } = deps

  app.post(
    ALL,
    {
      schema: {
        tags: TAGS,
        summary: 'Add a file to a vector store',
        params: vectorStoreParams,
        body: vectorStoreFileCreate,
        response: { 200: vectorStoreFile },
      },
      config: { scope: 'ingest', idempotent: true },
    },
    async ({ principal, params, body }) => {
      const chunkSize = readChunking(body.chunking_strategy)
      requireUnexpired(await findStore(deps, principal.tenantId, params.vector_store_id))
      const document = await submission.addToStore(principal.tenantId, {
        vectorStoreId: params.vector_store_id,
        fileId: body.file_id,
        attributes: body.attributes ?? {},
        chunkSize,
        sourceKey: body.source_key ?? null,
        batchId: null,
        // What has a source is one of many that are loaded; somebody waits for the others.
        priority: (body.source_key ?? null) === null ? 'interactive' : 'batch',
      })
      return wireDocument(document)
    },
  )

  app.get(
    ALL,
    {
      schema: {
        tags: TAGS,
        summary: 'List the files of a vector store',
        params: vectorStoreParams,
        querystring: vectorStoreFileListQuery,
        response: { 200: vectorStoreFileList },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params, query }) => {
      const cursor = cursorOf(query, 20)
      const store = await findStore(deps, principal.tenantId, params.vector_store_id)
      const only = query.filter === undefined ? {} : { status: query.filter }
      const rows = await database.transact(principal.tenantId, (transaction) =>
        documents.list(transaction, store.id, cursor, only),
      )
      return pageOfRows(rows, cursor.limit, wireDocument)
    },
  )

  app.get(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve a file of a vector store',
        params: vectorStoreFileParams,
        response: { 200: vectorStoreFile },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params }, reply) =>
      askAgainSoon(reply, wireDocument(await findDocument(deps, principal.tenantId, params))),
  )

  app.post(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Update the attributes of a file in a vector store',
        params: vectorStoreFileParams,
        body: vectorStoreFileUpdate,
        response: { 200: vectorStoreFile },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params, body }) => {
      await database.transact(principal.tenantId, (transaction) =>
        documents.setAttributes(
          transaction,
          params.vector_store_id,
          params.file_id,
          body.attributes ?? {},
        ),
      )
      return wireDocument(await findDocument(deps, principal.tenantId, params))
    },
  )

  app.get(
    `${ONE}/content`,
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve the extracted text of a file in a vector store',
        params: vectorStoreFileParams,
        response: { 200: vectorStoreFileContent },
      },
      config: { scope: 'read', failures: [409] },
    },
    async ({ principal, params }) => {
      const document = await findDocument(deps, principal.tenantId, params)
      const text = await blobs.get(principal.tenantId, textHashOf(document))
      if (text === null) throw notFound('text of a file', params.file_id)
      return {
        object: 'vector_store.file_content.page' as const,
        data: [{ type: 'text' as const, text: text.toString('utf8') }],
        has_more: false,
        next_page: null,
      }
    },
  )

  app.delete(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Take a file out of a vector store',
        description: 'The file itself stays.',
        params: vectorStoreFileParams,
        response: { 200: vectorStoreFileDeleted },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params, log }) => {
      const { tenantId } = principal
      const gone = await database.transact(tenantId, (transaction) =>
        documents.remove(transaction, params.vector_store_id, params.file_id),
      )
      if (gone === null) throw notFound('file in this vector store', params.file_id)
      await dropBlobs(deps, { tenantId, hashes: gone.orphans, log })
      return { id: params.file_id, object: 'vector_store.file.deleted' as const, deleted: true }
    },
  )
}

function textHashOf({ textSha256, status, error }: DocumentRecord): string {
  if (textSha256 !== null) return textSha256
  if (status === 'in_progress') {
    throw new AppError('conflict', 'The file is still being read: ask again once it is completed.')
  }
  throw new AppError(
    'input_rejected',
    `The file has no text here, for it was ${status === 'cancelled' ? 'cancelled' : 'not indexed'}. ${error?.message ?? ''}`.trim(),
    { param: 'file_id' },
  )
}
