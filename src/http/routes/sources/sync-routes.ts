import {
  sourceParams,
  sourceSync,
  syncDocumentList,
  syncDocumentListQuery,
  syncList,
  syncListQuery,
  syncParams,
  syncStart,
} from '../../../contract/source.ts'
import type { SyncRecord } from '../../../core/source.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { embeddingModelsOf } from './embedding-models.ts'
import { findSource } from './source-routes.ts'
import { wireSync, wireSyncDocument } from './wire-source.ts'

const TAGS = ['Sources']
const ALL = '/api/sources/:source_id/syncs'
const ONE = `${ALL}/:sync_id`

export function syncRoutes(app: Routes, deps: RouteDeps): void {
  const { database, sourceSyncs, sourceDesk } = deps

  app.post(
    ALL,
    {
      schema: {
        tags: TAGS,
        summary: 'Sync a source',
        description:
          'Queues it: its job tells how far it is, this what it did. One that waits for its turn is given back in place of a second one. With `dry_run` nothing is changed, and the report says what would be and what it would cost.',
        params: sourceParams,
        body: syncStart,
        response: { 200: sourceSync },
      },
      config: { scope: 'ingest', failures: [409], idempotent: true },
    },
    async ({ principal, params, body, audited }) => {
      const { dry_run: dryRun = false, keys = null } = body
      audited.detail['dry_run'] = dryRun
      const wish = { dryRun, keys }
      const sync = await sourceDesk.sync(principal.tenantId, params.source_id, wish)
      if (sync === null) throw notFound('source', params.source_id)
      return wireSync(sync, embeddingModelsOf(deps))
    },
  )

  app.get(
    ALL,
    {
      schema: {
        tags: TAGS,
        summary: 'List the syncs of a source',
        description: 'The newest hundred are kept, for thirty days.',
        params: sourceParams,
        querystring: syncListQuery,
        response: { 200: syncList },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params, query }) => {
      const { tenantId } = principal
      const { id } = await findSource(deps, tenantId, params.source_id)
      const cursor = cursorOf(query, 20)
      const rows = await database.transact(tenantId, (within) =>
        sourceSyncs.list(within, id, cursor),
      )
      return pageOfRows(rows, cursor.limit, (row) => wireSync(row, embeddingModelsOf(deps)))
    },
  )

  app.get(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve a sync',
        params: syncParams,
        response: { 200: sourceSync },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params }) =>
      wireSync(await findSync(deps, principal.tenantId, params), embeddingModelsOf(deps)),
  )

  app.get(
    `${ONE}/documents`,
    {
      schema: {
        tags: TAGS,
        summary: 'List what a sync did',
        description:
          'Document by document, in the order of their keys. What was unchanged is only counted.',
        params: syncParams,
        querystring: syncDocumentListQuery,
        response: { 200: syncDocumentList },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params, query }) => {
      const { tenantId } = principal
      const { id } = await findSync(deps, tenantId, params)
      const { action = null, after = null, limit = 100 } = query
      const rows = await database.transact(tenantId, (within) =>
        sourceSyncs.notes(within, id, { action, after, limit: limit + 1 }),
      )
      return pageOfRows(rows, limit, wireSyncDocument)
    },
  )

  app.post(
    `${ONE}/confirm`,
    {
      schema: {
        tags: TAGS,
        summary: 'Confirm a sync that is held',
        description:
          'What it would delete is really gone. Another sync looks at everything again, and may delete as many documents as were held.',
        params: syncParams,
        response: { 200: sourceSync },
      },
      config: { scope: 'ingest', failures: [409] },
    },
    async ({ principal, params }) => {
      const { source_id: sourceId, sync_id: syncId } = params
      const begun = await sourceDesk.confirm(principal.tenantId, sourceId, syncId)
      if (begun === null) throw notFound('sync', syncId)
      return wireSync(begun, embeddingModelsOf(deps))
    },
  )
}

/** Throws `resource_not_found`. */
async function findSync(
  { database, sourceSyncs }: Pick<RouteDeps, 'database' | 'sourceSyncs'>,
  tenantId: string,
  ids: { readonly source_id: string; readonly sync_id: string },
): Promise<SyncRecord> {
  const found = await database.transact(tenantId, (within) => sourceSyncs.get(within, ids.sync_id))
  if (found?.sourceId !== ids.source_id) throw notFound('sync', ids.sync_id)
  return found
}
