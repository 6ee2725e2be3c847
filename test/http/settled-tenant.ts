import { createHash, randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { createId } from '../../src/core/id.ts'
import { newPerson, openBrowser, PASSWORD, type Browser } from './person.ts'
import type { HttpWorld } from './world.ts'

/** A tenant that has one of nearly everything. */
export interface Settled {
  readonly tenantId: string
  /** Of its first key, an admin's. */
  readonly key: string
  readonly owner: SignedIn
  readonly admin: SignedIn
  readonly files: readonly {
    readonly id: string
    readonly shownAs: string
    readonly bytes: Buffer
  }[]
  readonly texts: readonly string[]
  /** Whatever somebody was told once, or has said, to prove who he is. */
  readonly secrets: readonly string[]
  /** In which it has rows. */
  readonly tables: readonly string[]
}

interface SignedIn {
  readonly cookie: string
}

const TABLES = [
  'api_keys',
  'chunks',
  'conversation_items',
  'conversations',
  'documents',
  'files',
  'golden_questions',
  'invitations',
  'password_resets',
  'sign_in_settings',
  'tenant_storage',
  'user_sessions',
  'users',
  'vector_stores',
]

/** `word` is in whatever it says. */
export async function settle(
  world: HttpWorld,
  word: string,
  { megabytes = 0 }: { readonly megabytes?: number } = {},
): Promise<Settled> {
  const operator = await world.newKey(['operator'])
  const browser = openBrowser(world.url)
  const asked = async (headers: Readonly<Record<string, string>>, call: string, body?: object) => {
    const answer = await browser.send(call, body, headers)
    expect([call, answer.status, answer.body.error]).toEqual([call, 200, undefined])
    return answer.body as Readonly<Record<string, string>>
  }
  const made = await asked({ authorization: `Bearer ${operator}` }, 'POST /api/tenants', {
    name: word,
    tier: 'enterprise',
  })
  const { id: tenantId = '', key = '' } = made
  const send = (call: string, body?: object, headers = {}) =>
    asked({ authorization: `Bearer ${key}`, ...headers }, call, body)

  const store = await send('POST /v1/vector_stores', { name: word, metadata: { about: word } })
  const files = []
  for (const [name, shownAs, bytes] of [
    [`${word}.txt`, `${word}.txt`, Buffer.from(`The ${word} is in bloom.`)],
    [`what of the ${word}?.md`, `what of the ${word}_.md`, Buffer.from(`# The ${word}\n\n“Ä”`)],
    ['noise.bin', 'noise.bin', randomBytes(190_000)],
  ] as const) {
    const form = new FormData()
    form.set('purpose', 'assistants')
    form.set('file', new Blob([bytes]), name)
    const headers = { authorization: `Bearer ${key}` }
    const response = await fetch(`${world.url}/v1/files`, { method: 'POST', headers, body: form })
    const { id } = (await response.json()) as { readonly id: string }
    files.push({ id, shownAs, bytes })
  }
  if (megabytes > 0) await addLargeFile(world, tenantId, randomBytes(megabytes * 1_000_000))
  const text = `The ${word} is in bloom.`
  const fileId = files[0]?.id ?? ''
  await send(`POST /v1/vector_stores/${store['id']}/files`, { file_id: fileId })
  await world.index({ vectorStoreId: store['id'] ?? '', fileId, tenantId }, text)
  const questions = [{ question: `Where is the ${word}?`, expected: [{ file: `${word}.txt` }] }]
  await send(`POST /api/vector_stores/${store['id']}/golden_questions`, { questions })
  const said = { type: 'message', role: 'user', content: `What of the ${word}?` }
  await send('POST /v1/conversations', { metadata: { about: word }, items: [said] })

  const signing = { name: 'site', scopes: ['ask'], signing: true }
  const again = { 'idempotency-key': `once of ${word}` }
  const second = await send('POST /api/keys', signing, again)
  const rotated = await send(`POST /api/keys/${second['id']}/rotate`, { overlap_hours: 1 })
  const invitation = await send('POST /api/invitations', { email: `guest@${word}.example` })
  const clientSecret = `what the provider gave to ${word}`
  const owner = await signedIn(world, tenantId, 'owner')
  const admin = await signedIn(world, tenantId, 'admin')
  const { body: reset } = await owner.browser.send(`POST /api/users/${admin.id}/password-reset`)
  const provider = {
    issuer: 'https://login.campus.example',
    client_id: 'ragstone',
    client_secret: clientSecret,
  }
  await owner.browser.send('POST /api/tenant/sign-in', { provider })
  return {
    tenantId,
    key,
    owner,
    admin,
    files,
    texts: [text],
    tables: TABLES,
    secrets: [
      key,
      operator,
      PASSWORD,
      clientSecret,
      second['key'],
      second['signing_secret'],
      rotated['key'],
      rotated['signing_secret'],
      invitation['secret'],
      reset['secret'],
      ...[owner, admin].flatMap(({ browser: { cookies, csrf } }) => [...cookies.values(), csrf]),
    ].filter((secret): secret is string => typeof secret === 'string' && secret.length > 8),
  }
}

/** Larger than an upload may be here. */
async function addLargeFile(world: HttpWorld, tenantId: string, bytes: Buffer): Promise<void> {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await world.deps.blobs.put(tenantId, sha256, bytes)
  await world.deps.database.transact(tenantId, (transaction) =>
    world.deps.files.insert(transaction, {
      id: createId('file-'),
      filename: 'large.bin',
      purpose: 'assistants',
      bytes: bytes.length,
      sha256,
      createdAt: new Date(),
      expiresAt: null,
    }),
  )
}

async function signedIn(
  world: HttpWorld,
  tenantId: string,
  role: 'admin' | 'owner',
): Promise<SignedIn & { readonly id: string; readonly browser: Browser }> {
  const { email, id } = await newPerson(world, role, tenantId)
  const browser = openBrowser(world.url)
  expect((await browser.signIn(email, PASSWORD, tenantId)).status).toBe(200)
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return { id, browser, cookie }
}
