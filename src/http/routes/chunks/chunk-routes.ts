import {
  chunk,
  chunkInPlace,
  chunkList,
  chunkListQuery,
  chunkParams,
  chunkQuery,
  chunkUpdate,
  citingAnswerList,
} from '../../../contract/chunk.ts'
import { vectorStoreFileParams } from '../../../contract/vector-store-file.ts'
import type { StoredChunk } from '../../../core/ports/chunks.ts'
import type { Transaction } from '../../../core/ports/database.ts'
import { notFound } from '../../not-found.ts'
import { pageOfRows } from '../../paging.ts'
import { invalidValue } from '../../request-error.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { withCall } from '../../with-call.ts'
import { findDocument } from '../vector-store-files/find-document.ts'
import { wireChunk, wireCitingAnswer } from './wire-chunk.ts'

const TAGS = ['Chunks']

export function chunkRoutes(app: Routes, deps: RouteDeps): void {
  const { calls, database, chunks, changeChunk } = deps

  const find = async (within: Transaction, id: string): Promise<StoredChunk> => {
    const found = await chunks.get(within, id)
    if (found === null) throw notFound('chunk', id)
    return found
  }

  app.get(
    '/api/vector_stores/:vector_store_id/files/:file_id/chunks',
    {
      schema: {
        tags: TAGS,
        summary: 'List the chunks of a document',
        description: 'In the order of the document, disabled ones included.',
        params: vectorStoreFileParams,
        querystring: chunkListQuery,
        response: { 200: chunkList },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params, query }) => {
      const { vectorStoreId, fileId } = await findDocument(deps, principal.tenantId, params)
      const limit = query.limit ?? 20
      const rows = await database.transact(principal.tenantId, async (within) => {
        const behind = query.after === undefined ? null : await chunks.get(within, query.after)
        const isOther = behind?.fileId !== fileId || behind.vectorStoreId !== vectorStoreId
        if (query.after !== undefined && isOther)
          throw invalidValue('after', "'after' must be the id of a chunk of this document.")
        const page = { behind: behind?.ordinal ?? null, limit }
        return chunks.list(within, { vectorStoreId, fileId }, page)
      })
      return pageOfRows(rows, limit, wireChunk)
    },
  )

  app.get(
    '/api/chunks/:chunk_id',
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve a chunk and its place',
        params: chunkParams,
        querystring: chunkQuery,
        response: { 200: chunkInPlace },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params, query }) =>
      database.transact(principal.tenantId, async (within) => {
        const found = await find(within, params.chunk_id)
        const { before, after } = await chunks.neighbours(within, found, query.neighbours ?? 0)
        return {
          ...wireChunk(found),
          before: before.map(wireChunk),
          after: after.map(wireChunk),
        }
      }),
  )

  app.post(
    '/api/chunks/:chunk_id',
    {
      schema: {
        tags: TAGS,
        summary: 'Edit, disable or enable a chunk',
        description:
          'Its span stays: citations of it quote the document. What is edited or disabled stays so when the document is indexed anew with the same text there.',
        params: chunkParams,
        body: chunkUpdate,
        response: { 200: chunk },
      },
      config: { scope: 'ingest', failures: [402, 409, 503] },
    },
    async (request, reply) => {
      const { principal, params, body, audited } = request
      audited.target = params.chunk_id
      const there = await database.transact(principal.tenantId, (within) =>
        find(within, params.chunk_id),
      )
      Object.assign(audited.detail, noted(there, body))
      const changed = await withCall(calls, reply, (signal) =>
        changeChunk(principal.tenantId, { ...body, id: params.chunk_id }, signal),
      )
      if (changed === null) throw notFound('chunk', params.chunk_id)
      return wireChunk(changed.after)
    },
  )

  app.get(
    '/api/chunks/:chunk_id/answers',
    {
      schema: {
        tags: TAGS,
        summary: 'List the answers that cited a chunk',
        description: 'Those that cited bytes of it, newest first.',
        params: chunkParams,
        querystring: chunkListQuery,
        response: { 200: citingAnswerList },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params, query }) => {
      const limit = query.limit ?? 20
      const rows = await database.transact(principal.tenantId, async (within) => {
        const found = await find(within, params.chunk_id)
        return chunks.citedBy(within, found, { behind: query.after ?? null, limit })
      })
      return pageOfRows(rows, limit, wireCitingAnswer)
    },
  )
}

/** For the audit log: what it is about and what is done to it, not the words. */
function noted(
  { vectorStoreId, fileId, start, end }: StoredChunk,
  { text, enabled }: { readonly text?: string | null; readonly enabled?: boolean },
) {
  return {
    vector_store_id: vectorStoreId,
    file_id: fileId,
    start,
    end,
    ...(text === undefined ? {} : { text: text === null ? 'restored' : 'edited' }),
    ...(enabled === undefined ? {} : { enabled }),
  }
}
