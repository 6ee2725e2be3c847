import { expect, test } from 'vitest'
import type { ApiKeyRecord } from '../core/ports/api-keys.ts'
import { createApiKey } from './api-key.ts'
import { createApiKeySignIn } from './api-key-sign-in.ts'
import { createKeyDirectory } from './key-directory.ts'
import { createAuthenticate } from './authenticate.ts'

/** One key in a store that counts how often it is asked. */
function oneKey(fields: Partial<ApiKeyRecord> = {}) {
  const { id, key, hash } = createApiKey()
  let record: ApiKeyRecord = {
    id,
    hash,
    tenantId: 'ten_1',
    name: 'test',
    scopes: ['ask'],
    createdAt: new Date(0),
    expiresAt: null,
    revokedAt: null,
    vectorStoreIds: null,
    limits: {},
    madeBy: null,
    lastUsedAt: null,
    rotatedAt: null,
    previous: null,
    signingSalt: null,
    ...fields,
  }
  let now = 1_000
  const lookups: string[] = []
  const apiKeys = {
    findPresented: async (presented: string) => {
      lookups.push(presented)
      return presented === id ? record : null
    },
  }
  const keyDirectory = createKeyDirectory({ apiKeys, now: () => now })
  const signIn = createApiKeySignIn({ keyDirectory, now: () => now })
  const authenticate = (authorization: string | undefined) =>
    createAuthenticate([signIn])({
      authorization,
      method: 'GET',
      url: '/',
      headers: { authorization },
      address: null,
    })
  return {
    authenticate,
    key,
    id,
    lookups,
    pass: (milliseconds: number) => (now += milliseconds),
    change: (change: Partial<ApiKeyRecord>) => (record = { ...record, ...change }),
  }
}

test('a key says who is calling', async () => {
  const { authenticate, key, id } = oneKey()

  expect(await authenticate(`Bearer ${key}`)).toEqual({
    tenantId: 'ten_1',
    keyId: id,
    userId: null,
    sessionId: null,
    serviceId: null,
    role: null,
    scopes: ['ask'],
    vectorStoreIds: null,
    limits: {},
  })
})

test('a key is looked up once in five seconds', async () => {
  const { authenticate, key, id, lookups, pass } = oneKey()
  await authenticate(`Bearer ${key}`)
  pass(4_999)
  await authenticate(`Bearer ${key}`)

  expect(lookups).toEqual([id])
})

test('a revoked key ends within five seconds', async () => {
  const { authenticate, key, pass, change } = oneKey()
  await authenticate(`Bearer ${key}`)
  change({ revokedAt: new Date() })
  pass(5_000)

  await expect(authenticate(`Bearer ${key}`)).rejects.toThrow(/revoked/)
})

test('a key ends at its time, known or not', async () => {
  const { authenticate, key, pass } = oneKey({ expiresAt: new Date(2_000) })
  await authenticate(`Bearer ${key}`)
  pass(1_000)

  await expect(authenticate(`Bearer ${key}`)).rejects.toThrow(/expired/)
})

test('a key with the right id and another secret is refused', async () => {
  const { authenticate, change, key } = oneKey()
  change({ hash: createApiKey().hash })

  await expect(authenticate(`Bearer ${key}`)).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('a typo costs no look-up, and is not repeated in full', async () => {
  const { authenticate, key, lookups } = oneKey()
  const typo = `${key.slice(0, -1)}!`

  await expect(authenticate(`Bearer ${typo}`)).rejects.toThrow(
    expect.objectContaining({ message: expect.not.stringContaining(typo) }),
  )
  expect(lookups).toEqual([])
})

test.each([undefined, '', 'Basic abc', 'Bearer', 'Bearer sk-abc'])(
  '%j is no key',
  async (authorization) => {
    const { authenticate } = oneKey()

    await expect(authenticate(authorization)).rejects.toMatchObject({ code: 'unauthenticated' })
  },
)
