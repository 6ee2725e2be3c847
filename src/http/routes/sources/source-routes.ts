import {
  source as sourceSchema,
  sourceCreate,
  sourceDeleted,
  sourceDeleteQuery,
  sourceKindList,
  sourceList,
  sourceListQuery,
  sourceParams,
  sourceUpdate,
} from '../../../contract/source.ts'
import { createId } from '../../../core/id.ts'
import type { SourceRecord } from '../../../core/source.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { withCall } from '../../with-call.ts'
import { embeddingModelsOf } from './embedding-models.ts'
import { readSource, readSourceChange } from './read-source.ts'
import { wireSource } from './wire-source.ts'

const TAGS = ['Sources']
const ONE = '/api/sources/:source_id'

export function sourceRoutes(app: Routes, deps: RouteDeps): void {
  const { database, sources, sourceSyncs, sourceDesk, sourceKinds } = deps

  const shown = (tenantId: string, source: SourceRecord) =>
    database.transact(tenantId, async (within) =>
      wireSource(source, await sourceSyncs.newest(within, source.id), embeddingModelsOf(deps)),
    )

  app.get(
    '/api/source_kinds',
    {
      schema: {
        tags: TAGS,
        summary: 'List the kinds of sources',
        description: 'With the schemas of their settings and credentials.',
        response: { 200: sourceKindList },
      },
      config: { scope: 'read' },
    },
    async () => ({
      object: 'list' as const,
      data: [...sourceKinds.values()].map(({ name, settings, credentials }) => ({
        id: name,
        object: 'source.kind' as const,
        settings: settings as Record<string, unknown>,
        credentials: credentials as Record<string, unknown> | null,
      })),
    }),
  )

  app.post(
    '/api/sources',
    {
      schema: {
        tags: TAGS,
        summary: 'Create a source',
        description:
          'A place that documents of a vector store come from. With a schedule, or where it tells of changes itself, it is synced at once; otherwise when asked to.',
        body: sourceCreate,
        response: { 200: sourceSchema },
      },
      config: { scope: 'ingest', failures: [404, 409], idempotent: true },
    },
    async ({ principal, body, audited }) => {
      audited.detail['kind'] = body.kind
      const wish = readSource(sourceKinds, body)
      const id = createId('src_')
      audited.target = id
      const made = await sourceDesk.create(principal.tenantId, { ...wish, id })
      return wireSource(made, null, embeddingModelsOf(deps))
    },
  )

  app.get(
    '/api/sources',
    {
      schema: {
        tags: TAGS,
        summary: 'List sources',
        querystring: sourceListQuery,
        response: { 200: sourceList },
      },
      config: { scope: 'read' },
    },
    async ({ principal, query }) => {
      const cursor = cursorOf(query, 20)
      const only = { vectorStoreId: query.vector_store_id, kind: query.kind }
      return database.transact(principal.tenantId, async (within) => {
        const rows = await sources.list(within, cursor, only)
        const last = new Map<string, Awaited<ReturnType<typeof sourceSyncs.newest>>>()
        for (const { id } of rows) last.set(id, await sourceSyncs.newest(within, id))
        return pageOfRows(rows, cursor.limit, (row) =>
          wireSource(row, last.get(row.id) ?? null, embeddingModelsOf(deps)),
        )
      })
    },
  )

  app.get(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve a source',
        params: sourceParams,
        response: { 200: sourceSchema },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params }) =>
      shown(principal.tenantId, await findSource(deps, principal.tenantId, params.source_id)),
  )

  app.post(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Modify a source',
        description:
          'Settings and credentials take the place of those before, as a whole. Documents that it then no longer lists go with the next sync.',
        params: sourceParams,
        body: sourceUpdate,
        response: { 200: sourceSchema },
      },
      config: { scope: 'ingest', failures: [409] },
    },
    async ({ principal, params, body, audited }) => {
      const { tenantId } = principal
      const before = await findSource(deps, tenantId, params.source_id)
      audited.detail['changed'] = Object.keys(body)
      const change = readSourceChange(sourceKinds, before.kind, body)
      const changed = await sourceDesk.update(tenantId, before.id, change)
      return shown(tenantId, changed ?? before)
    },
  )

  for (const [verb, isPaused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    app.post(
      `${ONE}/${verb}`,
      {
        schema: {
          tags: TAGS,
          summary: isPaused ? 'Pause a source' : 'Resume a source',
          description: isPaused
            ? 'From here on it is synced by hand alone. A sync under way goes on: cancel its job to end it.'
            : 'Its schedule holds again, and changes are taken in as they happen.',
          params: sourceParams,
          response: { 200: sourceSchema },
        },
        config: { scope: 'ingest', failures: [409] },
      },
      async ({ principal, params }) => {
        const { tenantId } = principal
        const changed = await sourceDesk.setPaused(tenantId, params.source_id, isPaused)
        if (changed === null) throw notFound('source', params.source_id)
        return shown(tenantId, changed)
      },
    )
  }

  app.delete(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Delete a source',
        description:
          'Its syncs end, its credentials and what is known of its documents go. What was cut short is gone on with by deleting it again.',
        params: sourceParams,
        querystring: sourceDeleteQuery,
        response: { 200: sourceDeleted },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params, query, audited }, reply) => {
      const id = params.source_id
      const { documents = 'leave' } = query
      audited.detail['documents'] = documents
      const gone = await withCall(deps.calls, reply, (signal) =>
        sourceDesk.remove({ tenantId: principal.tenantId, id, documents }, signal),
      )
      if (!gone) throw notFound('source', id)
      return { id, object: 'source.deleted' as const, deleted: true }
    },
  )
}

/** Throws `resource_not_found`. */
export async function findSource(
  { database, sources }: Pick<RouteDeps, 'database' | 'sources'>,
  tenantId: string,
  id: string,
): Promise<SourceRecord> {
  const found = await database.transact(tenantId, (within) => sources.get(within, id))
  if (found === null) throw notFound('source', id)
  return found
}
