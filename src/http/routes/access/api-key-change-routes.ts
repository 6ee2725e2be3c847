import type { FastifyRequest } from 'fastify'
import { createApiKey } from '../../../auth/api-key.ts'
import { requireMayGive } from '../../../auth/may-give.ts'
import { createSigningSalt } from '../../../auth/signing-secret.ts'
import {
  apiKey,
  apiKeyCreated,
  apiKeyParams,
  apiKeyRotate,
  apiKeyUpdate,
} from '../../../contract/api-key.ts'
import type { ApiKeyRecord } from '../../../core/ports/api-keys.ts'
import type { Transaction } from '../../../core/ports/database.ts'
import { notFound } from '../../not-found.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { readOwnLimits } from '../../wire-limits.ts'
import { expiryIn, shownOnce } from './make-api-key.ts'
import { wireApiKey } from './wire-api-key.ts'

const TAGS = ['Access']
const ONE = '/api/keys/:key_id'
const HOUR_MS = 3_600_000
const OVERLAP_HOURS = 24

type KeyRequest = Pick<FastifyRequest, 'limits' | 'principal'> & {
  readonly params: { readonly key_id: string }
}

export function apiKeyChangeRoutes(app: Routes, deps: RouteDeps): void {
  const { apiKeys, keyDirectory } = deps

  /** Of a key that may do what its changer may not, nothing is changed: a rotation would hand it over. */
  const change = async (
    { principal, limits: held, params }: KeyRequest,
    work: (transaction: Transaction, record: ApiKeyRecord) => Promise<ApiKeyRecord | null>,
  ): Promise<ApiKeyRecord> => {
    const id = params.key_id
    const changed = await deps.database.transact(principal.tenantId, async (transaction) => {
      const record = await apiKeys.get(transaction, id)
      if (record === null || record.revokedAt !== null) return null
      requireMayGive(principal, { ...record, limits: {} }, held)
      return work(transaction, record)
    })
    if (changed === null) throw notFound('API key', id)
    keyDirectory.forget(id)
    return changed
  }

  app.post(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Update an API key',
        description: 'Other servers of this database follow within five seconds.',
        params: apiKeyParams,
        body: apiKeyUpdate,
        response: { 200: apiKey },
      },
      config: { scope: 'admin', audit: 'api_key.update' },
    },
    async (request) => {
      const { principal, body } = request
      const limits = body.limits && { ...principal.limits, ...readOwnLimits(body.limits) }
      const changed = await change(request, (transaction, record) => {
        const { vectorStoreIds } = record
        const rights = { scopes: body.scopes ?? record.scopes, limits: limits ?? {} }
        requireMayGive(principal, { ...rights, vectorStoreIds }, request.limits)
        const { name, scopes, expires_in_days: days } = body
        return apiKeys.update(transaction, record.id, {
          ...(name === undefined ? {} : { name }),
          ...(scopes === undefined ? {} : { scopes }),
          ...(limits === undefined ? {} : { limits }),
          ...(days === undefined ? {} : { expiresAt: expiryIn(days) }),
        })
      })
      return wireApiKey(changed)
    },
  )

  app.post(
    `${ONE}/rotate`,
    {
      schema: {
        tags: TAGS,
        summary: 'Rotate an API key',
        description:
          'It gets a new secret, shown this once, and a new signing secret where it had one. The old ones go on for `overlap_hours`, so that nobody has to change both sides at once. Those from the rotation before end at once.',
        params: apiKeyParams,
        body: apiKeyRotate,
        response: { 200: apiKeyCreated },
      },
      config: { scope: 'admin', audit: 'api_key.rotate' },
      preValidation: async (request) => {
        request.body ??= {}
      },
    },
    async (request) => {
      const overlap = (request.body.overlap_hours ?? OVERLAP_HOURS) * HOUR_MS
      const { key, hash } = createApiKey(request.params.key_id)
      const rotated = await change(request, (transaction, { id, signingSalt }) =>
        apiKeys.rotate(transaction, id, {
          hash,
          signingSalt: signingSalt === null ? null : createSigningSalt(),
          until: new Date(Date.now() + overlap),
        }),
      )
      return shownOnce(deps, rotated, key)
    },
  )

  app.post(
    `${ONE}/revoke`,
    {
      schema: {
        tags: TAGS,
        summary: 'Revoke an API key',
        description:
          'For good, and at once on this server; within five seconds on the others of this database.',
        params: apiKeyParams,
        response: { 200: apiKey },
      },
      config: { scope: 'admin', audit: 'api_key.revoke' },
    },
    async (request) =>
      wireApiKey(await change(request, (transaction, { id }) => apiKeys.revoke(transaction, id))),
  )
}
