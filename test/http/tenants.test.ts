import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Scope } from '../../src/core/principal.ts'
import { createTenantDirectory } from '../../src/tenancy/tenant-directory.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

const EVERY: readonly Scope[] = ['admin', 'ask', 'ingest', 'operator', 'read']
const operator = async () => world().newKey(EVERY)

interface Answered {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

// oxlint-disable-next-line max-params -- as a request is said
async function call(
  key: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const response = await fetch(`${world().url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Answered['body'] }
}

let named = 0
async function newTenant(key: string, fields: object = {}) {
  named += 1
  const made = await call(key, '/api/tenants', { name: `tenant ${named}`, ...fields })
  expect(made.status).toBe(200)
  return made.body as { readonly id: string; readonly key: string; readonly name: string }
}

async function upload(key: string, bytes: number): Promise<Answered> {
  const form = new FormData()
  form.set('purpose', 'assistants')
  form.set('file', new Blob(['a'.repeat(bytes)]), 'note.txt')
  const headers = { authorization: `Bearer ${key}` }
  const response = await fetch(`${world().url}/v1/files`, { method: 'POST', headers, body: form })
  return { status: response.status, body: (await response.json()) as Answered['body'] }
}

async function auditOf(tenantId: string): Promise<readonly object[]> {
  return world().deps.database.transact(tenantId, (transaction) =>
    transaction.query<object>(
      'select action, target, actor_kind, outcome from audit_log where tenant_id = $1 order by id',
      [tenantId],
    ),
  )
}

test('a tenant is made with a key that is its own', async () => {
  const made = await newTenant(await operator(), { tier: 'tiny', limits: { files: 5 } })

  const { body } = await call(made.key, '/api/tenant')
  expect(body).toMatchObject({
    object: 'tenant',
    id: made.id,
    name: made.name,
    status: 'active',
    tier: 'tiny',
    limits: { files: 5 },
    effective_limits: { files: 5, stored_bytes: 1_000, chunks: 3, tokens_per_day: null },
    settings: { audit_questions: false },
    used: { files: 0, stored_bytes: 0, chunks: 0 },
  })
})

test('the first key of a tenant is no operator, and sees nothing of the others', async () => {
  const { key } = await newTenant(await operator())

  expect((await call(key, '/api/tenants')).status).toBe(403)
  expect((await call(key, '/api/tenants', { name: 'mine' })).status).toBe(403)
  expect((await call(key, '/v1/files')).body).toMatchObject({ data: [] })
})

test('two tenants cannot have one name', async () => {
  const key = await operator()
  const { name } = await newTenant(key)
  const { status, body } = await call(key, '/api/tenants', { name })

  expect([status, body]).toMatchObject([409, { error: { code: 'conflict', param: 'name' } }])
})

test('a tier that the configuration does not have is refused with those it has', async () => {
  const { status, body } = await call(await operator(), '/api/tenants', { name: 'x', tier: 'gold' })

  expect([status, body]).toMatchObject([
    400,
    { error: { param: 'tier', message: expect.stringContaining("'free', 'pro'") as string } },
  ])
})

test('tenants are listed page by page, and found by name', async () => {
  const key = await operator()
  const made = [await newTenant(key), await newTenant(key), await newTenant(key)]
  const last = await call(key, `/api/tenants?limit=2&order=desc`)
  const after = String(last.body['last_id'])
  const next = await call(key, `/api/tenants?limit=2&order=desc&after=${after}`)
  const ids = [last, next].flatMap(({ body }) =>
    (body['data'] as readonly { readonly id: string }[]).map(({ id }) => id),
  )
  const byName = await call(key, `/api/tenants?name=${encodeURIComponent(made[0]?.name ?? '')}`)

  expect(ids.slice(0, 3)).toEqual(made.toReversed().map(({ id }) => id))
  expect(byName.body).toMatchObject({ data: [{ id: made[0]?.id }], has_more: false })
})

test('limits are changed all at once, settings one by one', async () => {
  const key = await operator()
  const { id } = await newTenant(key, { tier: 'tiny', limits: { files: 5, chunks: null } })
  await call(key, `/api/tenants/${id}`, { settings: { audit_questions: true } })
  const { body } = await call(key, `/api/tenants/${id}`, { limits: { files: 6 } })

  expect(body).toMatchObject({
    limits: { files: 6 },
    effective_limits: { files: 6, chunks: 3 },
    settings: { audit_questions: true },
  })
})

test('an admin changes the settings of his own tenant, and nothing else of it', async () => {
  const { key, id } = await newTenant(await operator())
  const changed = await call(key, '/api/tenant', { settings: { audit_questions: true } })
  const refused = await call(key, '/api/tenant', { settings: {}, tier: 'enterprise' })

  expect(changed.body).toMatchObject({ id, settings: { audit_questions: true } })
  expect(refused.status).toBe(400)
})

test('an upload past the cap is refused, names the limit, and leaves no bytes behind', async () => {
  const { key, id } = await newTenant(await operator(), { tier: 'tiny' })
  expect((await upload(key, 600)).status).toBe(200)
  const { status, body } = await upload(key, 500)

  expect([status, body]).toMatchObject([
    403,
    {
      error: {
        code: 'limit_reached',
        message: expect.stringContaining('`stored_bytes`) and keeps 600; 500 more') as string,
      },
    },
  ])
  const used = (await call(key, '/api/tenant')).body['used']
  expect(used).toEqual({ files: 1, stored_bytes: 600, chunks: 0 })
  const sha256 = createHash('sha256').update('a'.repeat(500)).digest('hex')
  expect(await world().deps.blobs.get(id, sha256)).toBeNull()
})

test('a suspended tenant is refused at once, and served again as it was', async () => {
  const key = await operator()
  const made = await newTenant(key)
  const file = await upload(made.key, 10)
  const suspended = await call(key, `/api/tenants/${made.id}/suspend`, {})
  const refused = await call(made.key, '/v1/files')
  await call(key, `/api/tenants/${made.id}/resume`, {})
  const served = await call(made.key, '/v1/files')

  expect(suspended.body).toMatchObject({ status: 'suspended' })
  expect([refused.status, refused.body]).toMatchObject([
    403,
    { error: { code: 'tenant_suspended' } },
  ])
  expect(served.body).toMatchObject({ data: [{ id: file.body['id'] }] })
})

test('another process refuses a suspended tenant within five seconds', async () => {
  const key = await operator()
  const made = await newTenant(key)
  let now = Date.now()
  const tenantDirectory = createTenantDirectory({ tenants: world().tenants, now: () => now })
  const { url } = await world().listen({ tenantDirectory })
  const ask = async () => {
    const headers = { authorization: `Bearer ${made.key}` }
    return (await fetch(`${url}/v1/files`, { headers })).status
  }
  const before = await ask()
  await call(key, `/api/tenants/${made.id}/suspend`, {})
  now += 5_000

  expect([before, await ask()]).toEqual([200, 403])
})

test('an operator cannot suspend the tenant that he acts from', async () => {
  const { status } = await call(await operator(), `/api/tenants/${world().tenantId}/suspend`, {})

  expect(status).toBe(409)
})

test('an operator acts in the tenant that he names', async () => {
  const key = await operator()
  const made = await newTenant(key)
  const file = await upload(made.key, 10)
  const { body } = await call(key, '/v1/files', undefined, { 'ragstone-tenant': made.id })

  expect(body).toMatchObject({ data: [{ id: file.body['id'] }] })
})

test('an operator who names a tenant that is none is told so', async () => {
  const headers = { 'ragstone-tenant': 'ten_none' }
  const { status, body } = await call(await operator(), '/v1/files', undefined, headers)

  expect([status, body]).toMatchObject([404, { error: { param: 'Ragstone-Tenant' } }])
})

test('what is done to a tenant is recorded with whom it was done by', async () => {
  const key = await operator()
  const { id } = await newTenant(key)
  await call(key, `/api/tenants/${id}`, { tier: 'pro' })
  await call(key, `/api/tenants/${id}/suspend`, {})
  await call(key, `/api/tenants/${id}/resume`, {})
  const mine = (await auditOf(world().tenantId)).filter(
    (entry) => 'target' in entry && entry.target === id,
  )

  expect(mine).toEqual(
    ['tenant.create', 'tenant.update', 'tenant.suspend', 'tenant.resume'].map((action) => ({
      action,
      target: id,
      actor_kind: 'key',
      outcome: 'done',
    })),
  )
  expect(await auditOf(id)).toMatchObject([{ action: 'api_key.create' }])
})

test('a tenant that does not exist is not found', async () => {
  const key = await operator()
  for (const path of ['', '/suspend', '/resume']) {
    const answer = await call(key, `/api/tenants/ten_none${path}`, path === '' ? undefined : {})
    expect(answer.status).toBe(404)
  }
})

test('a tenant is erased by whoever says its name, and its certificate stays', async () => {
  const key = await operator()
  const made = await newTenant(key)
  await upload(made.key, 10)
  const path = `/api/tenants/${made.id}`
  const unconfirmed = await call(key, `${path}/erase`, { confirm: 'another' })
  const erased = await call(key, `${path}/erase`, { confirm: made.name })
  const certificate = await call(key, `${path}/erasure`)

  expect(unconfirmed.status).toBe(400)
  expect(erased.body).toMatchObject({
    object: 'tenant.erasure',
    status: 'completed',
    name: made.name,
    before: { rows: { files: 1, api_keys: 1 }, blobs: 1, blob_bytes: 10 },
    after: { rows: { files: 0, api_keys: 0 }, blobs: 0, blob_bytes: 0, jobs: 0 },
    recorded_in: world().tenantId,
  })
  expect(certificate.body).toEqual(erased.body)
  expect((await call(key, path)).status).toBe(404)
  expect((await call(made.key, '/v1/files')).status).toBe(401)
})

test('an operator cannot erase the tenant that he acts from', async () => {
  const key = await operator()
  const path = `/api/tenants/${world().tenantId}/erase`

  expect((await call(key, path, { confirm: world().tenantId })).status).toBe(409)
})
