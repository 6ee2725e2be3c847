import {
  apiKey,
  apiKeyCreate,
  apiKeyCreated,
  apiKeyList,
  apiKeyListQuery,
  apiKeyParams,
} from '../../../contract/api-key.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { makeApiKey } from './make-api-key.ts'
import { wireApiKey } from './wire-api-key.ts'

const TAGS = ['Access']
const PAGE = 20

export function apiKeyRoutes(app: Routes, deps: RouteDeps): void {
  const { database, apiKeys } = deps

  app.post(
    '/api/keys',
    {
      schema: {
        tags: TAGS,
        summary: 'Create an API key',
        description:
          'It may do nothing that its maker may not, within limits that are no wider. The key, and its signing secret where it has one, are shown this once.',
        body: apiKeyCreate,
        response: { 200: apiKeyCreated },
      },
      config: { scope: 'admin', audit: 'api_key.create', failures: [404] },
    },
    async (request) => makeApiKey(deps, request, request.body),
  )

  app.get(
    '/api/keys',
    {
      schema: {
        tags: TAGS,
        summary: 'List API keys',
        description: 'Also those that have expired or were revoked.',
        querystring: apiKeyListQuery,
        response: { 200: apiKeyList },
      },
      config: { scope: 'admin' },
    },
    async ({ principal, query }) => {
      const cursor = cursorOf(query, PAGE)
      const rows = await database.transact(principal.tenantId, (transaction) =>
        apiKeys.list(transaction, cursor),
      )
      return pageOfRows(rows, cursor.limit, wireApiKey)
    },
  )

  app.get(
    '/api/keys/:key_id',
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve an API key',
        description: 'What it may do and when it was used; never the key itself.',
        params: apiKeyParams,
        response: { 200: apiKey },
      },
      config: { scope: 'admin' },
    },
    async ({ principal, params }) => {
      const record = await database.transact(principal.tenantId, (transaction) =>
        apiKeys.get(transaction, params.key_id),
      )
      if (record === null) throw notFound('API key', params.key_id)
      return wireApiKey(record)
    },
  )
}
