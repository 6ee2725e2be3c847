import { describe, expect, test } from 'vitest'
import type { Role } from '../../src/core/principal.ts'
import { BACKENDS } from '../storage/backends.ts'
import { newPerson, openBrowser, PASSWORD, type Browser } from './person.ts'
import { useHttpWorld } from './world.ts'

describe.each(BACKENDS)('People, on %s', (kind) => {
  const world = useHttpWorld(kind)
  const browse = () => openBrowser(world().url)
  const OTHER = 'lantern gravel mosaic turnip'

  async function signedIn(
    role: Role,
  ): Promise<Browser & { readonly id: string; readonly email: string }> {
    const person = await newPerson(world(), role)
    const browser = browse()
    await browser.signIn(person.email)
    return Object.assign(browser, person)
  }
  const withKey = (key: string) => ({ authorization: `Bearer ${key}` })

  async function invite(email: string, role: Role = 'member') {
    const { body } = await browse().send(
      'POST /api/invitations',
      { email, role },
      withKey(world().key),
    )
    return body as { id: string; secret: string }
  }

  test('an invitation makes a person, once', async () => {
    const { secret } = await invite('grace@campus.example', 'editor')
    const accept = { secret, name: 'Grace', password: OTHER }
    const first = await browse().send('POST /auth/accept-invitation', accept)
    const second = await browse().send('POST /auth/accept-invitation', accept)

    expect(first).toMatchObject({
      status: 200,
      body: { user: { email: 'grace@campus.example', role: 'editor' }, method: 'invitation' },
    })
    expect(second.status).toBe(401)
    expect((await browse().signIn('grace@campus.example', OTHER)).status).toBe(200)
  })

  test('an invitation that was withdrawn or replaced does not stand', async () => {
    const first = await invite('replaced@campus.example')
    const second = await invite('replaced@campus.example')
    await browse().send(`DELETE /api/invitations/${second.id}`, undefined, withKey(world().key))
    const answers = await Promise.all(
      [first, second].map(({ secret }) =>
        browse().send('POST /auth/accept-invitation', { secret, name: 'R', password: OTHER }),
      ),
    )

    expect(answers.map(({ status }) => status)).toEqual([401, 401])
  })

  test.each([
    ['violet soup', 'short'],
    ['password1234', 'among the first'],
    ['qwertyuiop[]', 'a row of keys'],
    ['aaaaaaaaaaaaaaaa', 'one letter'],
    ['hopper likes ledgers', 'the name'],
    ['weak.one@campus.example', 'the address'],
  ])('%s is no password: %s', async (password) => {
    const { secret } = await invite('weak.one@campus.example')
    const { status, body } = await browse().send('POST /auth/accept-invitation', {
      secret,
      name: 'Grace Hopper',
      password,
    })

    expect([status, body.error]).toMatchObject([400, { param: 'password' }])
  })

  test('a changed password ends every other session', async () => {
    const here = await signedIn('member')
    const there = browse()
    await there.signIn(here.email)
    const change = { current_password: PASSWORD, new_password: OTHER }
    expect((await here.send('POST /auth/password', change)).status).toBe(200)

    expect((await there.send('GET /api/whoami')).status).toBe(401)
    expect((await here.send('GET /api/whoami')).status).toBe(200)
    expect((await browse().signIn(here.email)).status).toBe(401)
    expect((await browse().signIn(here.email, OTHER)).status).toBe(200)
  })

  test('a reset is used once, and ends every session', async () => {
    const person = await signedIn('member')
    const path = `POST /api/users/${person.id}/password-reset`
    const { body } = await browse().send(path, undefined, withKey(world().key))
    const use = { secret: body['secret'], password: OTHER }
    expect((await browse().send('POST /auth/reset-password', use)).status).toBe(200)

    expect((await browse().send('POST /auth/reset-password', use)).status).toBe(401)
    expect((await person.send('GET /api/whoami')).status).toBe(401)
  })

  test('who is disabled is out at once', async () => {
    const person = await signedIn('member')
    const path = `POST /api/users/${person.id}`
    await browse().send(path, { status: 'disabled' }, withKey(world().key))

    expect((await person.send('GET /api/whoami')).status).toBe(401)
  })

  test('the last owner stays one, however many ask at once', async () => {
    const key = await world().newKey(['admin', 'operator'])
    const list = await browse().send('GET /api/users?limit=100', undefined, withKey(key))
    const people = list.body['data'] as { id: string; role: string }[]
    for (const { id } of people.filter(({ role }) => role === 'owner'))
      await browse().send(`POST /api/users/${id}`, { role: 'member' }, withKey(key))
    const owners = [await newPerson(world(), 'owner'), await newPerson(world(), 'owner')]
    const answers = await Promise.all([
      browse().send(`POST /api/users/${owners[0]?.id}`, { role: 'admin' }, withKey(key)),
      browse().send(`DELETE /api/users/${owners[1]?.id}`, undefined, withKey(key)),
      browse().send(`POST /api/users/${owners[1]?.id}`, { status: 'disabled' }, withKey(key)),
    ])
    const after = await browse().send('GET /api/users?limit=100', undefined, withKey(key))
    const left = after.body['data'] as { role: string; status: string }[]

    expect(answers.map(({ status }) => status)).toContain(409)
    expect(
      left.filter(({ role, status }) => role === 'owner' && status === 'active').length,
    ).toBeGreaterThan(0)
  })

  test('an admin manages neither owners nor admins, and makes none', async () => {
    const admin = await signedIn('admin')
    const owner = await newPerson(world(), 'owner')
    const editor = await newPerson(world(), 'editor')
    const answers = [
      await admin.send(`POST /api/users/${owner.id}`, { role: 'member' }),
      await admin.send(`POST /api/users/${owner.id}/password-reset`),
      await admin.send(`DELETE /api/users/${owner.id}/sessions`),
      await admin.send(`DELETE /api/users/${owner.id}`),
      await admin.send(`POST /api/users/${editor.id}`, { role: 'admin' }),
      await admin.send(`POST /api/users/${admin.id}`, { role: 'owner' }),
      await admin.send('POST /api/invitations', { email: 'a@b.example', role: 'owner' }),
      await admin.send('POST /api/users', { email: 'a@b.example', name: 'A', password: OTHER }),
    ]

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403))
    expect((await admin.send(`POST /api/users/${editor.id}`, { role: 'viewer' })).status).toBe(200)
  })

  test('a key of an admin makes him no owner', async () => {
    const admin = await signedIn('admin')
    const { body } = await admin.send('POST /api/keys', { name: 'up', scopes: ['admin'] })
    const key = withKey(String(body['key']))

    expect(
      (await browse().send(`POST /api/users/${admin.id}`, { role: 'owner' }, key)).status,
    ).toBe(403)
  })

  test('people of another tenant are nobody', async () => {
    const person = await newPerson(world())
    const other = withKey(await world().newTenantKey())
    const calls = [
      `GET /api/users/${person.id}`,
      `DELETE /api/users/${person.id}`,
      `POST /api/users/${person.id}/password-reset`,
    ]
    const answers = await Promise.all(calls.map((call) => browse().send(call, undefined, other)))

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
  })

  test('every step is in the audit log, and no secret is', async () => {
    const person = await signedIn('member')
    await browse().signIn(person.email, 'a wrong one, on purpose')
    await browse().send(`POST /api/users/${person.id}`, { role: 'viewer' }, withKey(world().key))
    const rows = await world().deps.database.transact(world().tenantId, (transaction) =>
      transaction.query<{ action: string; target: string | null; row: string }>(
        'select action, target, a::text as row from audit_log as a where tenant_id = $1',
        [world().tenantId],
      ),
    )
    const mine = rows.filter(({ row }) => row.includes(person.id)).map(({ action }) => action)

    expect(mine).toEqual(['user.create', 'session.create', 'session.refuse', 'user.update'])
    expect(
      rows.filter(({ row }) => /rs_(session|invitation|reset)_|violet|on purpose/.test(row)),
    ).toEqual([])
  })

  const askToken = (fields: Record<string, string> | string) =>
    fetch(`${world().url}/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    }).then(async (answer) => ({
      status: answer.status,
      body: (await answer.json()) as Record<string, unknown>,
    }))

  test('a password gives a token, which does what the role gives', async () => {
    const { email, id } = await newPerson(world(), 'editor')
    const grant = { grant_type: 'password', username: email, password: PASSWORD }
    const { body } = await askToken(grant)
    const token = withKey(String(body['access_token']))

    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: 'read ask ingest' })
    expect((await browse().send('GET /api/whoami', undefined, token)).body).toMatchObject({
      user_id: id,
      role: 'editor',
    })
  })

  test('a token may do less than its person', async () => {
    const { email } = await newPerson(world(), 'editor')
    const grant = { grant_type: 'password', username: email, password: PASSWORD, scope: 'ask' }
    const { body } = await askToken(grant)
    const token = withKey(String(body['access_token']))

    expect((await browse().send('GET /v1/files', undefined, token)).status).toBe(403)
  })

  test.each<[string, Record<string, string> | string, string]>([
    [
      'a wrong password',
      { grant_type: 'password', username: 'x@y.z', password: 'x' },
      'invalid_grant',
    ],
    ['no password', { grant_type: 'password', username: 'x@y.z' }, 'invalid_request'],
    ['another grant', { grant_type: 'client_credentials' }, 'unsupported_grant_type'],
    ['no grant', '', 'invalid_request'],
    ['one thing twice', 'grant_type=password&grant_type=password', 'invalid_request'],
  ])('%s is refused in the words of RFC 6749', async (_case, fields, error) => {
    const { status, body } = await askToken(fields)

    expect([status, body['error'], typeof body['error_description']]).toEqual([
      400,
      error,
      'string',
    ])
  })

  test('a scope beyond the role is refused', async () => {
    const { email } = await newPerson(world(), 'viewer')
    const grant = { grant_type: 'password', username: email, password: PASSWORD, scope: 'admin' }

    expect((await askToken(grant)).body['error']).toBe('invalid_scope')
  })

  test('ending all sessions voids the tokens', async () => {
    const person = await signedIn('member')
    const grant = { grant_type: 'password', username: person.email, password: PASSWORD }
    const { body } = await askToken(grant)
    const token = withKey(String(body['access_token']))
    await person.send('DELETE /api/sessions')

    expect((await browse().send('GET /api/whoami', undefined, token)).status).toBe(401)
  })

  test('a token whose text was changed is refused', async () => {
    const { email } = await newPerson(world())
    const grant = { grant_type: 'password', username: email, password: PASSWORD }
    const [head, claims = '', signature] = String(
      (await askToken(grant)).body['access_token'],
    ).split('.')
    const forged = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object
    const text = Buffer.from(JSON.stringify({ ...forged, scope: 'admin' })).toString('base64url')
    const none = Buffer.from('{"alg":"none","typ":"at+jwt","kid":"ragstone-0"}').toString(
      'base64url',
    )
    const answers = await Promise.all(
      [`${head}.${text}.${signature}`, `${none}.${text}.`].map((token) =>
        browse().send('GET /api/whoami', undefined, withKey(token)),
      ),
    )

    expect(answers.map(({ status }) => status)).toEqual([401, 401])
  })
})
