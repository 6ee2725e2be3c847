import { expect, test } from 'vitest'
import { createApiKeySignIn } from '../../src/auth/api-key-sign-in.ts'
import { createAuthenticate } from '../../src/auth/authenticate.ts'
import { createKeyDirectory } from '../../src/auth/key-directory.ts'
import { noteKeyUse } from '../../src/auth/note-key-use.ts'
import type { LimitableDatabase } from '../../src/core/ports/database.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

interface WireKey {
  readonly id: string
  readonly key: string
  readonly [name: string]: unknown
}

interface Answer {
  readonly status: number
  readonly body: WireKey & { readonly error: { code: string; message: string; param: string } }
}

async function call(
  path: string,
  {
    key = world().key,
    body,
    url = world().url,
  }: { key?: string; body?: object; url?: string } = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

const make = async (body: object, key?: string): Promise<WireKey> =>
  (await call('/api/keys', { body: { name: 'made', ...body }, ...(key && { key }) })).body

const statusOf = async (key: string, url?: string) =>
  (await call('/api/whoami', { key, ...(url && { url }) })).status

test('what is told of a key is everything but the key', async () => {
  const { key, ...made } = await make({ scopes: ['read'], limits: { requests_per_minute: 5 } })
  const { body } = await call(`/api/keys/${made.id}`)

  expect(body).toEqual(made)
  expect(body).toMatchObject({
    scopes: ['read'],
    limits: { requests_per_minute: 5 },
    vector_store_ids: null,
    signing: false,
    revoked_at: null,
  })
  expect(JSON.stringify(body)).not.toContain(key)
})

test('keys are listed page by page', async () => {
  const made = [await make({}), await make({})]
  const { body } = await call('/api/keys?limit=1&order=desc')
  const next = await call(`/api/keys?limit=1&after=${made[1]?.id}`)

  expect(body).toMatchObject({ data: [{ id: made[1]?.id }], has_more: true })
  expect(next.body).toMatchObject({ data: [{ id: made[0]?.id }] })
})

test('a key is renamed, and may do something else from then on', async () => {
  const { id, key } = await make({ scopes: ['read'] })
  const { body } = await call(`/api/keys/${id}`, { body: { name: 'site', scopes: ['ask'] } })

  expect(body).toMatchObject({ name: 'site', scopes: ['ask'] })
  expect((await call('/v1/files', { key })).status).toBe(403)
})

test("a key's limits are replaced as a whole", async () => {
  const { id } = await make({ limits: { files: 5, chunks: 6 } })
  await call(`/api/keys/${id}`, { body: { limits: { files: 7 } } })

  expect((await call(`/api/keys/${id}`)).body['limits']).toEqual({ files: 7 })
})

test("a key's limits hold for its requests", async () => {
  const { key } = await make({ limits: { requests_per_minute: 7 } })
  const { authenticate } = world().deps
  const principal = await authenticate({
    authorization: `Bearer ${key}`,
    method: 'GET',
    url: '/',
    headers: {},
    address: null,
  })

  expect(principal.limits).toEqual({ requestsPerMinute: 7 })
})

test('a revoked key is refused from then on', async () => {
  const { id, key } = await make({})
  const before = await statusOf(key)
  await call(`/api/keys/${id}/revoke`, { body: {} })

  expect([before, await statusOf(key)]).toEqual([200, 401])
})

test('a revoked key stays on the list and is not changed any more', async () => {
  const { id } = await make({})
  await call(`/api/keys/${id}/revoke`, { body: {} })

  expect((await call(`/api/keys/${id}`)).body['revoked_at']).toEqual(expect.any(Number))
  expect((await call(`/api/keys/${id}/rotate`, { body: {} })).status).toBe(404)
})

test('a rotated key has a new secret, while the old one goes on', async () => {
  const { id, key } = await make({})
  const rotated = (await call(`/api/keys/${id}/rotate`, { body: { overlap_hours: 1 } })).body

  expect(rotated).toMatchObject({ id, previous_expires_at: expect.any(Number) })
  expect(rotated.key).not.toBe(key)
  expect([await statusOf(key), await statusOf(rotated.key)]).toEqual([200, 200])
})

test('a key that is rotated without overlap ends at once, and says why', async () => {
  const { id, key } = await make({})
  await call(`/api/keys/${id}/rotate`, { body: { overlap_hours: 0 } })

  expect((await call('/api/whoami', { key })).body.error.message).toMatch(/rotated and ended/)
})

test('what a key was two rotations ago has ended', async () => {
  const { id, key } = await make({})
  const second = (await call(`/api/keys/${id}/rotate`, { body: {} })).body.key
  await call(`/api/keys/${id}/rotate`, { body: {} })

  expect([await statusOf(key), await statusOf(second)]).toEqual([401, 200])
})

test('a key ends when it was to end', async () => {
  const { id, key } = await make({ expires_in_days: 1 })
  const tomorrow = Date.now() + 86_400_001
  const keyDirectory = createKeyDirectory({ apiKeys: world().deps.apiKeys })
  const signIn = createApiKeySignIn({ keyDirectory, now: () => tomorrow })
  const { url } = await world().listen({ authenticate: createAuthenticate([signIn]) })

  expect((await call('/api/whoami', { key, url })).body.error.message).toMatch(/expired/)
  await call(`/api/keys/${id}`, { body: { expires_in_days: null } })
  expect((await call(`/api/keys/${id}`)).body['expires_at']).toBeNull()
})

test('the keys of one tenant are nobody to another', async () => {
  const { id } = await make({})
  const other = await world().newTenantKey()
  const paths = [`/api/keys/${id}`, `/api/keys/${id}/rotate`, `/api/keys/${id}/revoke`]
  const unknown = 'key_000000000000000000000000'
  for (const path of paths) {
    const body = path.endsWith(id) ? {} : { body: {} }
    const seen = await call(path, { key: other, ...body })
    const absent = await call(path.replace(id, unknown), { key: other, ...body })
    expect([seen.status, JSON.stringify(seen.body).replaceAll(id, unknown)]).toEqual([
      404,
      JSON.stringify(absent.body),
    ])
  }
})

test.each([
  ['a scope', { scopes: ['operator'] }, 'scopes'],
  ['a wider limit', { limits: { requests_per_minute: 11 } }, 'limits.requests_per_minute'],
  ['no limit', { limits: { requests_per_minute: null } }, 'limits.requests_per_minute'],
])('nobody gives %s that he has not', async (_, body, param) => {
  const limited = await world().newKey(['admin'], { limits: { requestsPerMinute: 10 } })
  const refused = await call('/api/keys', { key: limited, body: { name: 'x', ...body } })
  const { id } = await make({}, limited)
  const raised = await call(`/api/keys/${id}`, { key: limited, body })

  expect([refused, raised]).toMatchObject(
    Array(2).fill({ status: 403, body: { error: { code: 'missing_scope', param } } }),
  )
})

test('a key that is limited itself passes its limits on', async () => {
  const limited = await world().newKey(['admin'], { limits: { requestsPerMinute: 10 } })

  expect(await make({ limits: { files: 3 } }, limited)).toMatchObject({
    limits: { requests_per_minute: 10, files: 3 },
  })
})

test('a key that may do more than its changer cannot be taken over by rotating it', async () => {
  const { id } = await make({ scopes: ['operator'] }, await world().newKey(['admin', 'operator']))

  expect((await call(`/api/keys/${id}/rotate`, { body: {} })).status).toBe(403)
})

test('a key for certain stores names stores that there are, and rules nothing', async () => {
  const store = await world().client.vectorStores.create({})
  const made = await make({ vector_store_ids: [store.id] })
  const unknown = await call('/api/keys', { body: { name: 'x', vector_store_ids: ['vs_none'] } })
  const ruling = await call('/api/keys', {
    body: { name: 'x', vector_store_ids: [store.id], scopes: ['admin'] },
  })

  expect(made).toMatchObject({ vector_store_ids: [store.id] })
  expect([unknown.status, ruling.status]).toEqual([404, 400])
})

/** A replica of its own over the same database, with a clock that the test holds. */
async function replica() {
  let now = 0
  const keyDirectory = createKeyDirectory({ apiKeys: world().deps.apiKeys, now: () => now })
  const signIn = createApiKeySignIn({ keyDirectory })
  const authenticate = createAuthenticate([signIn])
  const { url } = await world().listen({ keyDirectory, authenticate })
  return { url, pass: (milliseconds: number) => (now += milliseconds) }
}

test('a key that one replica revokes ends on the other within five seconds', async () => {
  const other = await replica()
  const { id, key } = await make({})
  const before = await statusOf(key, other.url)
  await call(`/api/keys/${id}/revoke`, { body: {} })
  other.pass(5_000)

  expect([before, await statusOf(key, other.url)]).toEqual([200, 401])
})

test('a warm key costs the database nothing', async () => {
  let messages = 0
  const { database, apiKeys } = world().deps
  const counted: LimitableDatabase = {
    limit: (reach, work) => database.limit(reach, work),
    transact: async (...all) => {
      messages += 1
      return database.transact(...all)
    },
  }
  const keyDirectory = createKeyDirectory({
    apiKeys: {
      findPresented: async (id) => {
        messages += 1
        return apiKeys.findPresented(id)
      },
    },
  })
  const use = noteKeyUse({ database: counted, apiKeys, onError: () => undefined })
  const authenticate = createAuthenticate([createApiKeySignIn({ keyDirectory, noteUse: use.note })])
  const { url } = await world().listen({ authenticate, keyDirectory, database: counted })
  await statusOf(world().key, url)
  await use.settled()
  messages = 0
  for (let each = 0; each < 20; each += 1) await statusOf(world().key, url)

  expect(messages).toBe(0)
})

test('when a key was last used is noted once a minute', async () => {
  let now = Date.now()
  let noted = 0
  const { database, apiKeys } = world().deps
  const { id, key } = await make({})
  const touch: typeof apiKeys.touch = async (...all) => {
    noted += 1
    await apiKeys.touch(...all)
  }
  const use = noteKeyUse({ database, apiKeys: { touch }, onError: () => undefined, now: () => now })
  const keyDirectory = createKeyDirectory({ apiKeys })
  const signIn = createApiKeySignIn({ keyDirectory, noteUse: use.note })
  const { url } = await world().listen({ authenticate: createAuthenticate([signIn]) })
  for (const pause of [0, 59_000, 1_000]) {
    now += pause
    await statusOf(key, url)
  }
  await use.settled()

  expect(noted).toBe(2)
  expect((await call(`/api/keys/${id}`)).body['last_used_at']).toEqual(expect.any(Number))
})
