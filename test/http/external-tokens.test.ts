import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createAuthenticate } from '../../src/auth/authenticate.ts'
import { createExternalTokenSignIn } from '../../src/auth/external-token-sign-in.ts'
import type { Issuer } from '../../src/auth/issuer.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

interface Pair {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

/** A server of public keys whose keys, and whose health, the test changes. */
let server: Server
let published: readonly Pair[] = []
let asked = 0
let isAway = false
let origin: string
let pair: Pair

async function newPair(kid: string, algorithm = 'RS256'): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm)
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } }
}

beforeAll(async () => {
  pair = await newPair('one')
  server = createServer((request, response) => {
    if (isAway) return void request.socket.destroy()
    const isKeys = request.url === '/realms/office/keys'
    if (isKeys) asked += 1
    const found = isKeys
      ? { keys: published.map(({ jwk }) => jwk) }
      : { issuer: issuerUrl(), jwks_uri: `${issuerUrl()}/keys` }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(found))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => {
  published = [pair]
  isAway = false
  asked = 0
})

const issuerUrl = () => `${origin}/realms/office`

function issuer(change: Partial<Issuer> = {}): Issuer {
  return {
    name: 'office',
    issuer: issuerUrl(),
    audiences: ['ragstone'],
    jwksUrl: null,
    algorithms: ['RS256'],
    clockSkewSeconds: 30,
    tenantId: world().tenantId,
    tenantClaim: null,
    grantClaims: ['scope', 'realm_access.roles', 'cognito:groups'],
    grants: [
      { claim: 'readers', role: 'viewer', scopes: ['read'] },
      { claim: 'askers', role: 'member', scopes: ['ask', 'read'] },
    ],
    ...change,
  }
}

const START = Date.parse('2026-11-21T12:00:00Z')

async function service(change: Partial<Issuer> = {}) {
  let now = START
  const signIn = createExternalTokenSignIn({ issuers: [issuer(change)], now: () => now })
  const { url } = await world().listen({ authenticate: createAuthenticate([signIn]) })
  return {
    pass: (milliseconds: number) => (now += milliseconds),
    whoami: async (token: string) => {
      const response = await fetch(`${url}/api/whoami`, {
        headers: { authorization: `Bearer ${token}` },
      })
      const body = (await response.json()) as Record<string, unknown> & {
        readonly error?: { readonly code: string; readonly message: string }
      }
      return { status: response.status, body }
    },
  }
}

const seconds = START / 1000
const claims = (change: object = {}) => ({
  iss: issuerUrl(),
  sub: 'f1c2',
  aud: 'ragstone',
  iat: seconds,
  exp: seconds + 300,
  scope: 'openid readers',
  ...change,
})
const sign = (change: object = {}, by: Pair = pair, alg = 'RS256') =>
  new SignJWT(claims(change)).setProtectedHeader({ alg, kid: by.kid }).sign(by.privateKey)

test('a person of Keycloak is who the realm says, with what the roles give', async () => {
  const { whoami } = await service()
  const token = await sign({
    azp: 'website',
    typ: 'Bearer',
    preferred_username: 'ada',
    scope: 'openid email profile',
    realm_access: { roles: ['askers', 'readers', 'offline_access', 'default-roles-office'] },
  })

  expect(await whoami(token)).toMatchObject({
    status: 200,
    body: {
      tenant_id: world().tenantId,
      user_id: 'office:f1c2',
      key_id: null,
      role: 'member',
      scopes: ['read', 'ask'],
    },
  })
})

test('a service account of Keycloak is a program, not a person', async () => {
  const { whoami } = await service()
  const token = await sign({
    azp: 'indexer',
    preferred_username: 'service-account-indexer',
    realm_access: { roles: ['readers'] },
  })

  expect((await whoami(token)).body).toMatchObject({
    user_id: null,
    service_id: 'office:f1c2',
    role: null,
  })
})

test("a person's access token of Cognito names its client and its groups", async () => {
  const { whoami } = await service({ audiences: ['4example'] })
  const token = await sign({
    aud: undefined,
    token_use: 'access',
    client_id: '4example',
    username: 'ada',
    scope: 'aws.cognito.signin.user.admin',
    'cognito:groups': ['askers'],
  })

  expect((await whoami(token)).body).toMatchObject({ user_id: 'office:f1c2', role: 'member' })
})

test("a machine's token of Cognito is a program", async () => {
  const { whoami } = await service({ audiences: ['4example'] })
  const token = await sign({
    aud: undefined,
    sub: '4example',
    token_use: 'access',
    client_id: '4example',
    scope: 'readers',
  })

  expect((await whoami(token)).body).toMatchObject({ service_id: 'office:4example' })
})

test('an ID token of Cognito is no permission', async () => {
  const { whoami } = await service()

  expect(await whoami(await sign({ token_use: 'id', 'cognito:groups': ['askers'] }))).toMatchObject(
    {
      status: 401,
      body: { error: { message: expect.stringContaining('ID token') } },
    },
  )
})

test('a tenant may be named by a claim', async () => {
  const { whoami } = await service({ tenantId: null, tenantClaim: 'custom:tenant' })

  expect((await whoami(await sign({ 'custom:tenant': world().tenantId }))).status).toBe(200)
  expect((await whoami(await sign())).status).toBe(401)
  expect((await whoami(await sign({ 'custom:tenant': 'ten_none' }))).status).toBe(401)
})

test.each([
  ['an expired token', { exp: seconds - 31 }, /expired/],
  ['a token of tomorrow', { nbf: seconds + 31 }, /not valid yet/],
  ['a token that never ends', { exp: undefined }, /claim 'exp'/],
  ['a token for somebody else', { aud: 'other' }, /audience must be 'ragstone'/],
  ['a token without an audience', { aud: undefined }, /audience/],
  ['a token of nobody', { sub: undefined }, /claim 'sub'/],
  ['a token without a right', { scope: 'openid' }, /no right/],
  ['a token of another issuer', { iss: 'https://elsewhere.example' }, /API key/],
])('%s is refused', async (_, change, message) => {
  const { whoami } = await service()

  expect(await whoami(await sign(change))).toMatchObject({
    status: 401,
    body: { error: { code: 'invalid_api_key', message: expect.stringMatching(message) } },
  })
})

test.each([
  ['expired', { exp: seconds - 29 }],
  ['not valid yet', { nbf: seconds + 29 }],
])('a clock that is a little off makes no token %s', async (_, change) => {
  const { whoami } = await service()

  expect((await whoami(await sign(change))).status).toBe(200)
})

test('a token that nobody signed is refused', async () => {
  const { whoami } = await service()
  const unsigned = new UnsecuredJWT(claims()).encode()
  const [header = '', payload = ''] = (await sign()).split('.')

  expect((await whoami(unsigned)).status).toBe(401)
  expect((await whoami(`${header}.${payload}.`)).status).toBe(401)
})

test('a token signed by another key of the same name is refused', async () => {
  const { whoami } = await service()

  expect((await whoami(await sign({}, await newPair('one')))).status).toBe(401)
})

test('a public key is no shared secret', async () => {
  const { whoami } = await service()
  const token = await new SignJWT(claims())
    .setProtectedHeader({ alg: 'HS256', kid: 'one' })
    .sign(Buffer.from(JSON.stringify(pair.jwk)))

  expect((await whoami(token)).status).toBe(401)
})

test('an algorithm that is not pinned is refused, good as it is', async () => {
  const elliptic = await newPair('elliptic', 'ES256')
  published = [pair, elliptic]
  const token = await sign({}, elliptic, 'ES256')

  expect((await (await service()).whoami(token)).status).toBe(401)
  expect((await (await service({ algorithms: ['ES256'] })).whoami(token)).status).toBe(200)
})

test('keys are fetched once for many tokens', async () => {
  const { whoami } = await service()
  for (let each = 0; each < 5; each += 1) await whoami(await sign())

  expect(asked).toBe(1)
})

test('a new key is found when it is first used, and made-up ones are not asked for again and again', async () => {
  const { whoami, pass } = await service()
  await whoami(await sign())
  const next = await newPair('two')
  published = [pair, next]
  pass(30_000)
  const found = await whoami(await sign({}, next))
  const madeUp = await newPair('three')
  const refused = []
  for (let each = 0; each < 5; each += 1)
    refused.push((await whoami(await sign({}, madeUp))).status)

  expect([found.status, refused, asked]).toEqual([200, Array(5).fill(401), 2])
})

test('while the issuer is away known keys go on, and unknown ones are an outage', async () => {
  const { whoami, pass } = await service()
  await whoami(await sign())
  isAway = true
  pass(60_000)
  const known = await whoami(await sign())
  const unknown = await whoami(await sign({}, await newPair('two')))

  expect(known.status).toBe(200)
  expect(unknown).toMatchObject({ status: 503, body: { error: { code: 'provider_unavailable' } } })
})

test('an issuer that was never reached is an outage, and is believed once it is there', async () => {
  const { whoami, pass } = await service()
  isAway = true
  const away = await whoami(await sign())
  isAway = false
  pass(30_000)

  expect([away.status, (await whoami(await sign())).status]).toEqual([503, 200])
})

test('what is no token at all is refused', async () => {
  const { whoami } = await service()

  for (const token of [
    'eyJ',
    'eyJ.eyJ.x',
    'eyJhbGciOiJub25lIn0.e30.',
    'eyJhbGciOiJSUzI1NiJ9.W10.AA',
  ])
    expect((await whoami(token)).status).toBe(401)
})
