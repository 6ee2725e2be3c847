import { createApiKey } from '../../../auth/api-key.ts'
import { apiKeyCreate, apiKeyCreated, type ApiKeyCreate } from '../../../contract/api-key.ts'
import { AppError } from '../../../core/errors.ts'
import { mayDo } from '../../authorization.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { unixSeconds } from '../../unix-seconds.ts'

const DAY_MS = 86_400_000
/** What most programs need; `admin` is given on request only. */
const DEFAULT_SCOPES: NonNullable<ApiKeyCreate['scopes']> = ['ask', 'ingest', 'read']

export function apiKeyRoutes(app: Routes, { database, apiKeys }: RouteDeps): void {
  app.post(
    '/api/keys',
    {
      schema: {
        tags: ['Access'],
        summary: 'Create an API key',
        body: apiKeyCreate,
        response: { 200: apiKeyCreated },
      },
      config: { scope: 'admin', audit: 'api_key.create' },
    },
    async ({ principal, body }) => {
      if (body.scopes?.includes('operator') === true && !mayDo(principal, 'operator')) {
        throw new AppError('permission_denied', 'Only an operator can give the scope `operator`.')
      }
      const { id, key, hash } = createApiKey()
      const { name, scopes = DEFAULT_SCOPES, expires_in_days: days = null } = body
      const createdAt = new Date()
      const expiresAt = days === null ? null : new Date(createdAt.getTime() + days * DAY_MS)
      await database.transact(principal.tenantId, (transaction) =>
        apiKeys.insert(transaction, { id, name, hash, scopes, createdAt, expiresAt }),
      )
      return {
        object: 'api_key' as const,
        id,
        key,
        name,
        scopes,
        created_at: unixSeconds(createdAt),
        expires_at: expiresAt === null ? null : unixSeconds(expiresAt),
      }
    },
  )
}
