import { beforeAll, describe, expect, test } from 'vitest'
import { describeApi } from '../../scripts/describe-api.ts'
import type { AuditLine } from '../../src/core/audit-line.ts'
import { createId } from '../../src/core/id.ts'
import { useHttpWorld } from './world.ts'

// Over the OpenAPI document: a route that is added is tested without a change here.

/** Operations whose refusal may leave no entry, with the reason. */
const UNRECORDED: Readonly<Record<string, string>> = {}

interface Described {
  readonly security: readonly object[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly example?: unknown }>>
  }
}
interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
}

const SAFE = ['get', 'head', 'options']
const api = (await describeApi()) as ApiDocument
const unsafe = Object.entries(api.paths)
  .flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => !SAFE.includes(method))
      .map(([method, { security, requestBody }]) => ({
        name: `${method} ${path}`,
        method: method.toUpperCase(),
        path,
        isPublic: security.length === 0,
        body: Object.entries(requestBody?.content ?? {})[0],
      })),
  )
  .filter(({ name }) => !(name in UNRECORDED))
type Operation = (typeof unsafe)[number]
const guarded = unsafe.filter(({ isPublic }) => !isPublic)

const world = useHttpWorld()
let operatorKey = ''
beforeAll(async () => {
  operatorKey = await world().newKey(['admin', 'operator'])
})

let addresses = 0
/** Refusals of one kind from one address are counted together: each of these has an address of its own. */
const newAddress = () => `10.0.${Math.floor((addresses += 1) / 250)}.${(addresses % 250) + 1}`

async function send(
  { method, path, body }: Operation,
  {
    key,
    headers = {},
  }: { readonly key?: string; readonly headers?: Readonly<Record<string, string>> },
) {
  const address = newAddress()
  const [type, { example }] = body ?? ['', {}]
  const isForm = type === 'application/x-www-form-urlencoded'
  const answer = await world().app.inject({
    method: method as 'POST',
    url: path.replaceAll(/\{\w+\}/g, createId('vs_')),
    remoteAddress: address,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(type === '' ? {} : { 'content-type': isForm ? type : 'application/json' }),
      ...headers,
    },
    ...(type === ''
      ? {}
      : {
          payload: isForm
            ? new URLSearchParams({
                grant_type: 'password',
                username: 'a@b.example',
                password: 'x',
              }).toString()
            : JSON.stringify(example ?? {}),
        }),
  })
  return { status: answer.statusCode, requestId: String(answer.headers['x-request-id']), address }
}

/** In the log of the tenant or of the server. */
async function entriesOf(requestId: string): Promise<readonly AuditLine[]> {
  const logs = await Promise.all(
    ['tenant', 'server'].map(async (log) => {
      const answer = await world().app.inject({
        url: '/api/audit',
        query: { request_id: requestId, log },
        headers: { authorization: `Bearer ${operatorKey}` },
      })
      return answer.json<{ data: readonly AuditLine[] }>().data
    }),
  )
  return logs.flat()
}

const entry = (sent: { readonly requestId: string; readonly address: string }) => ({
  request_id: sent.requestId,
  address: sent.address,
  at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
})

describe('what nobody knows is refused and noted in the log of the server', () => {
  test.each(guarded)('$name', async (operation) => {
    const sent = await send(operation, { key: 'rs_wrong' })

    expect(sent.status).toBe(401)
    expect(await entriesOf(sent.requestId)).toEqual([
      expect.objectContaining({
        ...entry(sent),
        tenant_id: 'server',
        action: 'credentials.refuse',
        actor: { kind: 'anonymous', id: null },
        outcome: 'refused',
        detail: expect.objectContaining({
          route: `${operation.method} ${operation.path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
          code: 'invalid_api_key',
        }),
      }),
    ])
  })
})

describe('whoever lacks the right is refused, and named in the log of his tenant', () => {
  test.each(guarded)('$name', async (operation) => {
    const key = await world().newKey([])
    const plain = await send(operation, { key })
    // What any key may do, it may not do in a tenant that is not its own.
    const headers = { 'ragstone-tenant': createId('ten_') }
    const sent = plain.status === 403 ? plain : await send(operation, { key, headers })

    expect(sent.status).toBe(403)
    expect(await entriesOf(sent.requestId)).toEqual([
      expect.objectContaining({
        ...entry(sent),
        tenant_id: world().tenantId,
        actor: { kind: 'key', id: expect.stringMatching(/^key_/) },
        outcome: 'refused',
        detail: expect.objectContaining({ code: 'missing_scope' }),
      }),
    ])
  })
})

describe('what is open to all and is not granted leaves an entry too', () => {
  test.each(unsafe.filter(({ isPublic }) => isPublic))('$name', async (operation) => {
    const sent = await send(operation, {})
    const found = await entriesOf(sent.requestId)

    expect(sent.status).toBeGreaterThanOrEqual(400)
    // A tenant whose account was tried has one too, besides the server.
    expect(found.length).toBeGreaterThan(0)
    for (const each of found) {
      expect(each).toMatchObject({
        ...entry(sent),
        outcome: expect.stringMatching(/^(failed|refused)$/),
        actor: { kind: 'anonymous', id: null },
      })
    }
  })
})

test('what needs no entry has a reason, and is there', () => {
  const names = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )

  expect(Object.keys(UNRECORDED).filter((name) => !names.includes(name))).toEqual([])
  expect(Object.values(UNRECORDED).filter((reason) => reason.length < 20)).toEqual([])
})
