import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepCookies, newPerson, openBrowser, type Browser } from './person.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

/** Who is at the provider: the name typed there is the subject. */
const ACCOUNTS: Record<string, Record<string, unknown>> = {
  staff: {
    email: 'staff@campus.example',
    email_verified: true,
    name: 'Staff',
    groups: ['teachers'],
  },
  student: { email: 'student@campus.example', email_verified: true, groups: ['students'] },
  unverified: { email: 'owner@campus.example', email_verified: false, groups: ['teachers'] },
  stranger: { email: 'stranger@campus.example', email_verified: true, groups: [] },
  invited: { email: 'invited@campus.example', email_verified: true, groups: [] },
}
let server: Server
let issuer: string

beforeAll(async () => {
  server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'ragstone',
        client_secret: 'the secret of the client',
        redirect_uris: [`${world().url}/auth/oidc/callback`],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...ACCOUNTS[id] }),
    }),
    cookies: { keys: ['a key of the tests'] },
    pkce: { required: () => true },
  })
  const answer = provider.callback()
  server.on('request', (request, response) => void answer(request, response))
  await configure({})
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** As the owner of the machine would. */
async function configure(change: Record<string, unknown>) {
  const key = { authorization: `Bearer ${await world().newKey(['admin', 'operator'])}` }
  const provider = {
    issuer,
    client_id: 'ragstone',
    client_secret: 'the secret of the client',
    role_claim: 'groups',
    role_mapping: [
      { value: 'teachers', role: 'editor' },
      { value: 'students', role: 'member' },
    ],
    ...change,
  }
  return openBrowser(world().url).send('POST /api/tenant/sign-in', { provider }, key)
}

const start = (browser: Browser, query = '') =>
  browser.send(`GET /auth/oidc/${world().tenantId}/start${query}`)

/** Goes through the provider's own pages as a browser would; gives where it leads back to. */
async function vouch(authorize: string, account: string): Promise<string> {
  const cookies = new Map<string, string>()
  let url = authorize
  for (let step = 0; step < 12; step += 1) {
    const isPage = url.includes('/interaction/')
    const prompt = isPage ? await pageOf(url, cookies) : ''
    const body = prompt.includes('value="login"')
      ? new URLSearchParams({ prompt: 'login', login: account, password: 'x' })
      : new URLSearchParams({ prompt: 'consent' })
    const response = await fetch(url, {
      method: isPage ? 'POST' : 'GET',
      body: isPage ? body : null,
      redirect: 'manual',
      headers: { cookie: cookieOf(cookies) },
    })
    keepCookies(cookies, response)
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${response.status}: ${await response.text()}`)
    url = new URL(location, url).href
    if (url.startsWith(world().url)) return url
  }
  throw new Error('The provider leads nowhere.')
}

const cookieOf = (cookies: ReadonlyMap<string, string>) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')

async function pageOf(url: string, cookies: Map<string, string>): Promise<string> {
  const response = await fetch(url, { headers: { cookie: cookieOf(cookies) } })
  keepCookies(cookies, response)
  return response.text()
}

const pathOf = (url: string) => url.slice(world().url.length)

async function signInAs(account: string, query = '') {
  const browser = openBrowser(world().url)
  const begun = await start(browser, query)
  const back = await vouch(begun.headers.get('location') ?? '', account)
  return { browser, back, answer: await browser.send(`GET ${pathOf(back)}`) }
}

test('the provider vouches, and the groups say the role', async () => {
  const { browser, answer } = await signInAs('staff')

  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/auth/signed-in'])
  expect((await browser.send('GET /auth/session')).body).toMatchObject({
    method: 'oidc',
    user: {
      email: 'staff@campus.example',
      name: 'Staff',
      role: 'editor',
      role_from_provider: true,
    },
  })
  expect((await browser.send('GET /auth/signed-in')).body['text']).toContain('You are signed in')
})

test('the request carries PKCE, state and nonce', async () => {
  const location = (await start(openBrowser(world().url))).headers.get('location') ?? ''
  const { searchParams } = new URL(location)

  expect(searchParams.get('code_challenge_method')).toBe('S256')
  expect([...searchParams.keys()]).toEqual(
    expect.arrayContaining(['code_challenge', 'state', 'nonce']),
  )
})

test('the role follows the groups at the next sign-in, until a manager says otherwise', async () => {
  await signInAs('student')
  ACCOUNTS['student'] = { ...ACCOUNTS['student'], groups: ['teachers'] }
  const { browser } = await signInAs('student')
  const { user } = (await browser.send('GET /auth/session')).body as { user: { id: string } }
  expect(user).toMatchObject({ role: 'editor' })
  const key = { authorization: `Bearer ${world().key}` }
  await openBrowser(world().url).send(`POST /api/users/${user.id}`, { role: 'viewer' }, key)
  const again = await signInAs('student')

  expect((await again.browser.send('GET /auth/session')).body).toMatchObject({
    user: { id: user.id, role: 'viewer' },
  })
})

test('who is in no group and was not invited is not let in', async () => {
  const { answer } = await signInAs('stranger')

  expect([answer.status, answer.body.error?.code]).toEqual([403, 'missing_scope'])
})

test('an invitation is accepted by signing in with its address', async () => {
  const key = { authorization: `Bearer ${world().key}` }
  const invited = { email: 'invited@campus.example', role: 'viewer' }
  await openBrowser(world().url).send('POST /api/invitations', invited, key)
  const { browser } = await signInAs('invited')

  expect((await browser.send('GET /auth/session')).body).toMatchObject({
    user: { role: 'viewer', role_from_provider: false },
  })
})

test('an address that is not verified takes over nobody', async () => {
  const { id, email } = await newPerson(world(), 'owner')
  ACCOUNTS['unverified'] = { ...ACCOUNTS['unverified'], email }
  const { answer, browser } = await signInAs('unverified')

  expect(answer.status).toBe(403)
  expect((await browser.send('GET /api/whoami')).body['user_id']).not.toBe(id)
})

test('an answer is good once', async () => {
  const browser = openBrowser(world().url)
  const begun = await start(browser)
  const ticket = browser.cookies.get('ragstone_openid') ?? ''
  const back = await vouch(begun.headers.get('location') ?? '', 'staff')
  await browser.send(`GET ${pathOf(back)}`)
  const again = openBrowser(world().url)
  again.cookies.set('ragstone_openid', ticket)

  // Neither without the browser's ticket nor, with a stolen one, a second time.
  expect((await openBrowser(world().url).send(`GET ${pathOf(back)}`)).status).toBe(401)
  expect((await again.send(`GET ${pathOf(back)}`)).status).toBe(401)
})

test('the answer to somebody else is nobody’s', async () => {
  const [victim, attacker] = [openBrowser(world().url), openBrowser(world().url)]
  await start(victim)
  const begun = await start(attacker)
  const back = await vouch(begun.headers.get('location') ?? '', 'staff')

  expect((await victim.send(`GET ${pathOf(back)}`)).status).toBe(401)
})

test('an ID token with another nonce is refused', async () => {
  const browser = openBrowser(world().url)
  const begun = new URL((await start(browser)).headers.get('location') ?? '')
  begun.searchParams.set('nonce', 'another')
  const back = await vouch(begun.href, 'staff')

  expect((await browser.send(`GET ${pathOf(back)}`)).status).toBe(401)
})

test('it leads to where it began, and never elsewhere', async () => {
  const { answer } = await signInAs('staff', '?return_to=%2Ffiles%3Fpage%3D2')
  expect(answer.headers.get('location')).toBe('/files?page=2')

  for (const evil of [
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    'evil',
    '/\t/x',
  ]) {
    const query = `?return_to=${encodeURIComponent(evil)}`
    expect((await start(openBrowser(world().url), query)).status).toBe(400)
  }
})

test('the client secret is never shown, and is not in the database as it is', async () => {
  const key = { authorization: `Bearer ${world().key}` }
  const { body } = await openBrowser(world().url).send('GET /api/tenant/sign-in', undefined, key)
  const rows = await world().deps.database.transact(world().tenantId, (transaction) =>
    transaction.query<{ row: string }>(
      'select s::text as row from sign_in_settings as s where tenant_id = $1',
      [world().tenantId],
    ),
  )

  expect(body).toMatchObject({ provider: { issuer, has_client_secret: true } })
  expect(JSON.stringify([body, rows])).not.toContain('the secret of the client')
})

test('a secret does not go along to another issuer', async () => {
  const { body } = await configure({ issuer: 'https://evil.example', client_secret: undefined })
  await configure({})

  expect(body).toMatchObject({ provider: { has_client_secret: false } })
})

test('only an owner says how people sign in', async () => {
  const { email } = await newPerson(world(), 'admin')
  const browser = openBrowser(world().url)
  await browser.signIn(email)

  expect((await browser.send('POST /api/tenant/sign-in', { password_allowed: true })).status).toBe(
    403,
  )
})

test('a tenant without a provider answers as one that does not exist', async () => {
  const key = { authorization: `Bearer ${await world().newTenantKey()}` }
  const other = await openBrowser(world().url).send('GET /api/whoami', undefined, key)
  const answers = await Promise.all(
    [String(other.body['tenant_id']), `ten_${'0'.repeat(32)}`].map((id) =>
      openBrowser(world().url).send(`GET /auth/oidc/${id}/start`),
    ),
  )

  expect(answers.map(({ status }) => status)).toEqual([404, 404])
})

// The last one: the tenant is not resumed.
test('whom the provider vouches for is not let in to a suspended tenant', async () => {
  const browser = openBrowser(world().url)
  const begun = await start(browser)
  const back = await vouch(begun.headers.get('location') ?? '', 'staff')
  await world().suspend(world().tenantId)
  world().deps.tenantDirectory.forget(world().tenantId)
  const { status, body } = await browser.send(`GET ${pathOf(back)}`)

  expect([status, body]).toMatchObject([403, { error: { code: 'tenant_suspended' } }])
})
