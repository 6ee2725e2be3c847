import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { Agent, fetch as fetchOver } from 'undici'
import { expect, test } from 'vitest'
import type { Scope } from '../../src/core/principal.ts'
import { createTenantDirectory } from '../../src/tenancy/tenant-directory.ts'
import { buildApp } from '../../src/http/build-app.ts'
import { useHttpWorld } from './world.ts'
import { examplePrincipal } from '../example-principal.ts'

const world = useHttpWorld()

const call = async (key: string | null, path: string, body?: object) => {
  const response = await fetch(`${world().url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as unknown,
  }
}

test('nothing is given without a key', async () => {
  const { status, body, headers } = await call(null, '/v1/models')

  expect([status, body, headers.get('www-authenticate')]).toMatchObject([
    401,
    { error: { code: 'invalid_api_key', type: 'invalid_request_error', param: null } },
    'Bearer',
  ])
})

test('a wrong key is an authentication error of the client', async () => {
  await expect(world().clientFor('rs_wrong').models.list()).rejects.toThrow(
    OpenAI.AuthenticationError,
  )
})

test('a key beyond its time is refused', async () => {
  const key = await world().newKey(['read'], { expiresAt: new Date(Date.now() - 1) })

  await expect(world().clientFor(key).models.list()).rejects.toThrow(/expired/)
})

test.each<[Scope, string, object | undefined]>([
  ['read', '/v1/files', undefined],
  ['read', '/v1/vector_stores/vs_1/search', { query: 'x' }],
  ['ask', '/v1/responses', { input: 'x' }],
  ['ask', '/v1/chat/completions', { model: 'x', messages: [] }],
  ['ask', '/v1/embeddings', { model: 'x', input: 'x' }],
  ['ingest', '/v1/vector_stores', {}],
  ['ingest', '/v1/vector_stores/vs_1/files', { file_id: 'x' }],
  ['admin', '/api/keys', { name: 'x' }],
])('%s is what %s needs', async (scope, path, body) => {
  const others = (['ask', 'ingest', 'read'] as const).filter((other) => other !== scope)
  const refused = await call(await world().newKey(others), path, body)
  const allowed = await call(await world().newKey([scope]), path, body)

  expect(refused).toMatchObject({ status: 403, body: { error: { code: 'missing_scope' } } })
  expect(allowed.status).not.toBe(403)
})

test('a missing scope is a permission error of the client', async () => {
  const client = world().clientFor(await world().newKey(['ask']))

  await expect(client.files.list()).rejects.toThrow(OpenAI.PermissionDeniedError)
})

test('a key is told who it is', async () => {
  const key = await world().newKey(['ask'])

  expect((await call(key, '/api/whoami')).body).toMatchObject({
    tenant_id: world().tenantId,
    scopes: ['ask'],
  })
})

test('a new key works, for what it was made', async () => {
  const made = await call(world().key, '/api/keys', {
    name: 'site',
    scopes: ['ask'],
    expires_in_days: 30,
  })
  const { key, ...rest } = made.body as { key: string }

  expect(rest).toMatchObject({ object: 'api_key', name: 'site', scopes: ['ask'] })
  expect((await call(key, '/api/whoami')).body).toMatchObject({ scopes: ['ask'] })
})

test('a new key has no right to make others unless it was given', async () => {
  const { body } = await call(world().key, '/api/keys', { name: 'plain' })
  const { key } = body as { key: string }

  expect((await call(key, '/api/keys', { name: 'more' })).status).toBe(403)
})

test('health is for everybody, its details for admins', async () => {
  const details = { checks: [{ name: 'database', status: 'ok', detail: 'embedded' }] }

  expect((await call(null, '/healthz')).body).toEqual({ status: 'ok' })
  expect((await call(await world().newKey(['ask']), '/healthz')).body).toEqual({ status: 'ok' })
  expect((await call(await world().newKey(['admin']), '/healthz')).body).toMatchObject(details)
})

test('a server that is down is not ready', async () => {
  const { url } = await world().listen({
    health: async () => {
      throw new Error('no database')
    },
  })

  expect([(await fetch(`${url}/readyz`)).status, (await fetch(`${url}/livez`)).status]).toEqual([
    503, 200,
  ])
})

test('a fixed principal needs no key on a Unix socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-socket-'))
  const socketPath = join(folder, 's')
  const principal = examplePrincipal(world().tenantId)
  const app = buildApp({ ...world().deps, principal })
  await app.listen({ path: socketPath })
  const dispatcher = new Agent({ connect: { socketPath } })
  const answer = await fetchOver('http://localhost/api/whoami', { dispatcher })
  const body = await answer.json()
  await dispatcher.close()
  await app.close()
  await rm(folder, { recursive: true })

  expect(body).toMatchObject({ tenant_id: world().tenantId, key_id: null })
})

test('a fixed principal is never given to TCP', async () => {
  const principal = examplePrincipal(world().tenantId)
  const { url } = await world().listen({ principal })
  const withKey = await fetch(`${url}/api/whoami`, {
    headers: { authorization: `Bearer ${world().key}` },
  })

  expect([(await fetch(`${url}/api/whoami`)).status, withKey.status]).toEqual([401, 401])
})

test('every route says what its caller needs', async () => {
  const { app } = world()
  const document = (await app.inject('/openapi.json')).json<{
    paths: Record<string, Record<string, { security?: readonly unknown[] }>>
  }>()
  const open = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.values(operations)
      .filter(({ security }) => security?.length === 0)
      .map(() => path),
  )

  expect(open.toSorted()).toEqual([
    '/auth/accept-invitation',
    '/auth/oidc/callback',
    '/auth/oidc/{tenant_id}/start',
    '/auth/reset-password',
    '/auth/sign-in',
    '/auth/token',
    '/healthz',
    '/livez',
    '/metrics',
    '/openapi.json',
    '/readyz',
  ])
})

test('an operator acts in the tenant that he names, and nobody else does', async () => {
  const other = await world().newTenantKey()
  const { tenant_id: tenantId } = (await call(other, '/api/whoami')).body as { tenant_id: string }
  const within = async (key: string) => {
    const answer = await fetch(`${world().url}/api/whoami`, {
      headers: { authorization: `Bearer ${key}`, 'ragstone-tenant': tenantId },
    })
    return { status: answer.status, body: await answer.json() }
  }

  expect(await within(await world().newKey(['operator']))).toMatchObject({
    body: { tenant_id: tenantId },
  })
  expect(await within(world().key)).toMatchObject({ status: 403 })
})

test('only an operator can make another', async () => {
  const asked = { name: 'ops', scopes: ['operator'] }

  expect((await call(world().key, '/api/keys', asked)).status).toBe(403)
  expect((await call(await world().newKey(['admin', 'operator']), '/api/keys', asked)).status).toBe(
    200,
  )
})

test('a suspended tenant is told so', async () => {
  const key = await world().newTenantKey()
  const { body } = await call(key, '/api/whoami')
  await world().suspend((body as { tenant_id: string }).tenant_id)
  const { url } = await world().listen({
    tenantDirectory: createTenantDirectory({ tenants: world().tenants }),
  })
  const answer = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })

  expect([answer.status, await answer.json()]).toMatchObject([
    403,
    { error: { code: 'tenant_suspended' } },
  ])
})
