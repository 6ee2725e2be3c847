import { createHash, createHmac, randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { createAuthenticate } from '../../src/auth/authenticate.ts'
import { createKeyDirectory } from '../../src/auth/key-directory.ts'
import { createSignatureSignIn } from '../../src/auth/signature-sign-in.ts'
import { createSignatureNonces } from '../../src/storage/signature-nonces.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

interface Signer {
  readonly id: string
  readonly signing_secret: string
}

let signer: Signer
let url: string
/** Of the test's clock, which stands still; near the database's, which sweeps away old nonces. */
const START = Math.floor(Date.now() / 1000)

/** A server of its own over the same database. */
async function replica(): Promise<string> {
  const { apiKeys, database, signingSecretsOf } = world().deps
  const authenticate = createAuthenticate([
    createSignatureSignIn({
      keyDirectory: createKeyDirectory({ apiKeys }),
      signingSecretsOf,
      database,
      nonces: createSignatureNonces(),
      now: () => START * 1000,
    }),
  ])
  return (await world().listen({ authenticate })).url
}

async function admin(path: string, body: object): Promise<Signer> {
  const response = await fetch(`${world().url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world().key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await response.json()) as Signer
}

beforeAll(async () => {
  url = await replica()
  signer = await admin('/api/keys', { name: 'signer', signing: true })
})

interface Signing {
  readonly method?: string
  readonly path?: string
  readonly body?: string
  readonly created?: number
  readonly nonce?: string
  readonly covered?: readonly string[]
  readonly by?: Signer
  readonly more?: string
}

/** As a client would do it, from the RFC and not from our code. */
function signed({ method = 'GET', path = '/api/whoami', body, ...rest }: Signing = {}) {
  const digest = `sha-256=:${createHash('sha256')
    .update(body ?? '')
    .digest('base64')}:`
  const plain = ['@method', '@path', '@query', ...(body === undefined ? [] : ['content-digest'])]
  const values = { ...partsOf(path), '@method': method, 'content-digest': digest }
  const sent = { 'content-digest': digest, 'content-type': 'application/json' }
  return { ...signatureOver(values, { covered: plain, ...rest }), ...(body && sent) }
}

function partsOf(path: string): Record<string, string> {
  const [pathname = '', query = ''] = path.split('?')
  return { '@path': pathname, '@query': `?${query}`, '@request-target': path }
}

function signatureOver(
  values: Readonly<Record<string, string>>,
  { covered = [], created = START, nonce = randomUUID(), by = signer, more = '' }: Signing,
) {
  const names = covered.map((name) => `"${name}"`).join(' ')
  const parameters = `(${names});created=${created};nonce="${nonce}";keyid="${by.id}"${more}`
  const base = [
    ...covered.map((name) => `"${name}": ${values[name]}`),
    `"@signature-params": ${parameters}`,
  ].join('\n')
  const signature = createHmac('sha256', by.signing_secret).update(base).digest('base64')
  return { 'signature-input': `sig1=${parameters}`, signature: `sig1=:${signature}:` }
}

async function send(
  headers: Record<string, string>,
  { method = 'GET', path = '/api/whoami', body, to = url }: Signing & { readonly to?: string } = {},
) {
  const response = await fetch(`${to}${path}`, { method, headers, body: body ?? null })
  const text = await response.text()
  return { status: response.status, text }
}

test('a signed request is made in the name of its key', async () => {
  const { status, text } = await send(signed())

  expect([status, JSON.parse(text)]).toMatchObject([200, { key_id: signer.id }])
})

test('a body is signed by its digest', async () => {
  const ask = { method: 'POST', path: '/v1/vector_stores', body: '{"name":"signed"}' }

  expect((await send(signed(ask), ask)).status).toBe(200)
})

test('another body under the same signature is refused before anything is done', async () => {
  const ask = { method: 'POST', path: '/v1/vector_stores', body: '{"name":"signed"}' }
  const { status, text } = await send(signed(ask), { ...ask, body: '{"name":"forged"}' })
  const stores = await world().client.vectorStores.list()

  expect([status, text]).toEqual([400, expect.stringContaining('Content-Digest')])
  expect(stores.data.map(({ name }) => name)).not.toContain('forged')
})

test('an uploaded form is signed by its digest too', async () => {
  const form = (content: string) =>
    [
      '--edge\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nassistants\r\n',
      `--edge\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n${content}\r\n`,
      '--edge--\r\n',
    ].join('')
  const ask = { method: 'POST', path: '/v1/files', body: form('good') }
  const headers = () => ({ ...signed(ask), 'content-type': 'multipart/form-data; boundary=edge' })

  expect((await send(headers(), ask)).status).toBe(200)
  expect((await send(headers(), { ...ask, body: form('evil') })).status).toBe(400)
})

test('the same request comes once, on this server and on another of its database', async () => {
  const other = await replica()
  const headers = signed()
  const first = await send(headers)

  expect([first.status, (await send(headers)).status]).toEqual([200, 401])
  expect(await send(headers, { to: other })).toEqual({
    status: 401,
    text: expect.stringContaining('come before'),
  })
})

test('of the same request sent at once by many, one is taken', async () => {
  const headers = signed()
  const sent = await Promise.all(Array.from({ length: 10 }, () => send(headers)))

  expect(sent.filter(({ status }) => status === 200)).toHaveLength(1)
})

test.each<[string, Signing, Signing]>([
  ['path', {}, { path: '/v1/models' }],
  ['query', { path: '/v1/files?limit=1' }, { path: '/v1/files?limit=2' }],
  ['method', { path: '/v1/files' }, { path: '/v1/files', method: 'DELETE' }],
])('a signature is for one %s', async (_, signing, sending) => {
  const { status, text } = await send(signed(signing), sending)

  expect([401, 405, 404]).toContain(status)
  expect(text).not.toContain('"data"')
})

test.each<[string, Signing, RegExp]>([
  ['too old', { created: START - 301 }, /too old/],
  ['of the future', { created: START + 301 }, /of the future/],
  ['past its own end', { more: `;expires=${START - 1}` }, /too old/],
  ['made another way', { more: ';alg="rsa-pss-sha512"' }, /hmac-sha256/],
  ['with a short nonce', { nonce: 'short' }, /nonce/],
  ['that does not cover the path', { covered: ['@method'] }, /must cover/],
])('a signature %s is refused', async (_, signing, message) => {
  expect(await send(signed(signing))).toEqual({ status: 401, text: expect.stringMatching(message) })
})

test('a body that is not signed is refused', async () => {
  const ask = { method: 'POST', path: '/v1/vector_stores', body: '{}' }
  const headers = signed({ ...ask, covered: ['@method', '@path', '@query'] })

  expect((await send(headers, ask)).status).toBe(401)
})

test('a clock that is a little off does no harm', async () => {
  expect((await send(signed({ created: START - 299 }))).status).toBe(200)
})

test('another secret, another key or none does not sign', async () => {
  const plain = await admin('/api/keys', { name: 'plain' })
  const strangers = [
    { ...signer, signing_secret: 'rss_wrong' },
    { ...signer, id: plain.id },
    { ...signer, id: 'key_000000000000000000000000' },
  ]
  for (const by of strangers) expect((await send(signed({ by }))).status).toBe(401)
})

test.each([
  ['nothing', ''],
  ['no list', 'sig1=?1'],
  ['no key', 'sig1=("@method");created=1'],
  ['parameters', 'sig1=("@method";req);created=1;keyid="k";nonce="n"'],
  ['an unknown part', 'sig1=("@status" "@method" "@path" "@query");created=1;keyid="k";nonce="n"'],
])('a header that says %s is refused', async (_, input) => {
  const { status } = await send({ 'signature-input': input, signature: 'sig1=:AAAA:' })

  expect(status).toBe(401)
})

test('a rotated key signs with both secrets for a while', async () => {
  const old = await admin('/api/keys', { name: 'rotating', signing: true })
  const next = await admin(`/api/keys/${old.id}/rotate`, { overlap_hours: 24 * 30 })

  expect(next.signing_secret).not.toBe(old.signing_secret)
  expect((await send(signed({ by: old }))).status).toBe(200)
  expect((await send(signed({ by: next }))).status).toBe(200)
})

test('a body whose digest is wrong is refused, signed or not', async () => {
  const response = await fetch(`${world().url}/v1/vector_stores`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world().key}`,
      'content-type': 'application/json',
      'content-digest': `sha-256=:${createHash('sha256').update('{"a":1}').digest('base64')}:`,
    },
    body: '{}',
  })

  expect([response.status, await response.json()]).toMatchObject([
    400,
    { error: { param: 'Content-Digest' } },
  ])
})
