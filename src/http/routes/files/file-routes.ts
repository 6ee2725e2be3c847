import {
  fileDeleted,
  fileForm,
  fileList,
  fileListQuery,
  fileObject,
  fileParams,
} from '../../../contract/file.ts'
import { createId } from '../../../core/id.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { dropBlobs } from '../../drop-blobs.ts'
import { findFile } from './find-file.ts'
import { readUpload, type UploadForm } from './read-upload.ts'
import { wireFile } from './wire-file.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Of an upload. */
    form: UploadForm | null
  }
}

/** A form has room for its own lines around the file. */
const FORM_OVERHEAD_BYTES = 100_000

export function fileRoutes(app: Routes, deps: RouteDeps): void {
  const { database, files, submission, settings, spool } = deps
  app.decorateRequest('form', null)
  // Also of a request that was refused, or answered from an earlier one, after its form was read.
  app.addHook('onResponse', async ({ form }) => form?.upload.content.discard())
  app.addHook('onRequestAbort', async ({ form }) => form?.upload.content.discard())

  app.post(
    '/v1/files',
    {
      schema: {
        tags: ['Files'],
        summary: 'Upload a file',
        consumes: ['multipart/form-data'],
        response: { 200: fileObject },
      },
      config: { scope: 'ingest', failures: [413, 415], form: fileForm, idempotent: true },
      bodyLimit: settings.fileLimitBytes + FORM_OVERHEAD_BYTES,
      preValidation: async (request) => {
        request.form = await readUpload(request, {
          spool,
          fileLimitBytes: settings.fileLimitBytes,
        })
        request.essence = request.form.essence
      },
    },
    async ({ form, principal, audited }) => {
      if (form === null) throw new Error('The form was not read.')
      const id = createId('file-')
      audited.target = id
      const { filename, purpose } = form.upload
      Object.assign(audited.detail, { filename, purpose, bytes: form.upload.content.bytes })
      return wireFile(await submission.upload(principal.tenantId, { ...form.upload, id }))
    },
  )

  app.get(
    '/v1/files',
    {
      schema: {
        tags: ['Files'],
        summary: 'List files',
        querystring: fileListQuery,
        response: { 200: fileList },
      },
      config: { scope: 'read' },
    },
    async ({ principal, query }) => {
      const cursor = cursorOf(query, 10_000)
      const rows = await database.transact(principal.tenantId, (transaction) =>
        files.list(transaction, cursor, query.purpose ?? null),
      )
      return pageOfRows(rows, cursor.limit, wireFile)
    },
  )

  app.get(
    '/v1/files/:file_id',
    {
      schema: {
        tags: ['Files'],
        summary: 'Retrieve a file',
        params: fileParams,
        response: { 200: fileObject },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params }) =>
      wireFile(await findFile(deps, principal.tenantId, params.file_id)),
  )

  app.delete(
    '/v1/files/:file_id',
    {
      schema: {
        tags: ['Files'],
        summary: 'Delete a file',
        description: 'Also takes it out of every vector store.',
        params: fileParams,
        response: { 200: fileDeleted },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params, log }) => {
      const gone = await database.transact(principal.tenantId, (transaction) =>
        files.delete(transaction, params.file_id),
      )
      if (gone === null) throw notFound('file', params.file_id)
      await dropBlobs(deps, { tenantId: principal.tenantId, hashes: gone.orphans, log })
      return { id: params.file_id, object: 'file' as const, deleted: true }
    },
  )
}
