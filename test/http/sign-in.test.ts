import { describe, expect, test } from 'vitest'
import { BACKENDS } from '../storage/backends.ts'
import { newPerson, openBrowser, PASSWORD } from './person.ts'
import { useHttpWorld } from './world.ts'

describe.each(BACKENDS)('People who sign in, on %s', (kind) => {
  const world = useHttpWorld(kind)
  const browse = () => openBrowser(world().url)

  test('a person who signs in is known by the cookie', async () => {
    const { email, id } = await newPerson(world(), 'editor')
    const browser = browse()
    const signedIn = await browser.signIn(email.toUpperCase())

    expect(signedIn).toMatchObject({ status: 200, body: { object: 'session', user: { id } } })
    expect((await browser.send('GET /api/whoami')).body).toMatchObject({
      tenant_id: world().tenantId,
      user_id: id,
      role: 'editor',
      scopes: ['read', 'ask', 'ingest'],
      key_id: null,
    })
  })

  test('the cookie is for no script and no other site, and the answer for no cache', async () => {
    const { email } = await newPerson(world())
    const { headers } = await browse().signIn(email)

    expect(headers.getSetCookie()[0]).toMatch(
      /^ragstone_session=rs_session_\S+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('the secret of a session is kept as a hash alone', async () => {
    const { email } = await newPerson(world())
    const browser = browse()
    await browser.signIn(email)
    const rows = await world().deps.database.transact(world().tenantId, (transaction) =>
      transaction.query<{ row: string }>(
        'select s::text as row from user_sessions as s where tenant_id = $1',
        [world().tenantId],
      ),
    )
    const secret = browser.cookies.get('ragstone_session') ?? 'none'

    expect(rows.length).toBeGreaterThan(0)
    expect(rows.filter(({ row }) => row.includes(secret.slice(-43)))).toEqual([])
  })

  test.each(['wrong password', 'unknown address', 'unknown tenant', 'disabled', 'another tenant'])(
    '%s: the answer is the same',
    async (case_) => {
      const { email, id } = await newPerson(world())
      if (case_ === 'disabled') {
        const key = { authorization: `Bearer ${await world().newKey(['admin'])}` }
        await browse().send(`POST /api/users/${id}`, { status: 'disabled' }, key)
      }
      const other = await world().newTenantKey()
      const elsewhere = await browse().send('GET /api/whoami', undefined, {
        authorization: `Bearer ${other}`,
      })
      const tenants: Record<string, string> = {
        'unknown tenant': `ten_${'0'.repeat(32)}`,
        'another tenant': String(elsewhere.body['tenant_id']),
      }
      const { status, body } = await browse().signIn(
        case_ === 'unknown address' ? `not.${email}` : email,
        case_ === 'wrong password' ? `${PASSWORD}!` : PASSWORD,
        tenants[case_],
      )

      expect([status, body.error]).toEqual([
        401,
        {
          code: 'invalid_api_key',
          type: 'invalid_request_error',
          param: null,
          message:
            'The e-mail address or the password is not right, or the account may not sign in this way.',
        },
      ])
    },
  )

  test('a cookie that was planted before is never taken over', async () => {
    const { email } = await newPerson(world())
    const [attacker, victim] = [browse(), browse()]
    const { email: other } = await newPerson(world())
    await attacker.signIn(other)
    const planted = attacker.cookies.get('ragstone_session') ?? ''
    victim.cookies.set('ragstone_session', planted)
    await victim.signIn(email)

    expect(victim.cookies.get('ragstone_session')).not.toBe(planted)
    // And it has ended: a session is never two people's.
    expect((await attacker.send('GET /api/whoami')).status).toBe(401)
  })

  test('signing out ends the session at once and clears the cookie', async () => {
    const { email } = await newPerson(world())
    const browser = browse()
    await browser.signIn(email)
    const kept = browser.cookies.get('ragstone_session') ?? ''
    expect((await browser.send('POST /auth/sign-out')).status).toBe(200)
    expect(browser.cookies.has('ragstone_session')).toBe(false)
    browser.cookies.set('ragstone_session', kept)

    expect((await browser.send('GET /api/whoami')).status).toBe(401)
  })

  test('sessions are listed, and one of them ended from another', async () => {
    const { email } = await newPerson(world())
    const [here, there] = [browse(), browse()]
    await here.signIn(email)
    const { body } = await there.signIn(email)
    const list = (await here.send('GET /api/sessions')).body['data'] as { current: boolean }[]
    expect(list.map(({ current }) => current)).toEqual([false, true])

    expect((await here.send(`DELETE /api/sessions/${String(body['id'])}`)).status).toBe(200)
    expect((await there.send('GET /api/whoami')).status).toBe(401)
    expect((await here.send('GET /api/whoami')).status).toBe(200)
  })

  test('all other sessions are ended at once', async () => {
    const { email } = await newPerson(world())
    const [here, there] = [browse(), browse()]
    await there.signIn(email)
    await here.signIn(email)
    const { body } = await here.send('DELETE /api/sessions')

    expect(body).toEqual({ object: 'sessions.deleted', deleted: 1 })
    expect((await there.send('GET /api/whoami')).status).toBe(401)
  })

  test('nobody ends the session of somebody else', async () => {
    const [one, other] = [await newPerson(world()), await newPerson(world())]
    const [mine, theirs] = [browse(), browse()]
    await mine.signIn(one.email)
    const { body } = await theirs.signIn(other.email)

    expect((await mine.send(`DELETE /api/sessions/${String(body['id'])}`)).status).toBe(404)
  })

  test.each<[string, Readonly<Record<string, string>>]>([
    ['no token', { 'x-csrf-token': '' }],
    ['a wrong token', { 'x-csrf-token': 'x'.repeat(43) }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbouring site', { 'sec-fetch-site': 'same-site' }],
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['a hidden origin', { origin: 'null' }],
  ])('a cookie alone changes nothing: %s', async (_case, headers) => {
    const { email } = await newPerson(world())
    const browser = browse()
    await browser.signIn(email)
    const { status, body } = await browser.send('DELETE /api/sessions', undefined, headers)

    expect([status, body.error?.code]).toEqual([403, 'cross_site_refused'])
  })

  test('a page of our own changes things', async () => {
    const { email } = await newPerson(world())
    const browser = browse()
    await browser.signIn(email)
    const { host } = new URL(world().url)
    const { status } = await browser.send('DELETE /api/sessions', undefined, {
      origin: `http://${host}`,
      'sec-fetch-site': 'same-origin',
    })

    expect(status).toBe(200)
  })

  test('another site cannot sign anybody in', async () => {
    const { email } = await newPerson(world())
    const body = { email, password: PASSWORD }
    const { status } = await browse().send('POST /auth/sign-in', body, {
      origin: 'https://evil.example',
    })

    expect(status).toBe(403)
  })

  test('an API key needs no token, cookie or not', async () => {
    const { email } = await newPerson(world())
    const browser = browse()
    await browser.signIn(email)
    const { body } = await browser.send(
      'POST /v1/vector_stores',
      { name: 'x' },
      { authorization: `Bearer ${world().key}`, 'x-csrf-token': '' },
    )

    expect(body).toMatchObject({ object: 'vector_store' })
  })

  test('the session tells its token again to a page that was loaded anew', async () => {
    const { email } = await newPerson(world())
    const browser = browse()
    const { body } = await browser.signIn(email)

    expect((await browser.send('GET /auth/session')).body['csrf_token']).toBe(body['csrf_token'])
  })

  test('a role gives its scopes and no others', async () => {
    const { email } = await newPerson(world(), 'viewer')
    const browser = browse()
    await browser.signIn(email)

    expect((await browser.send('GET /v1/files')).status).toBe(200)
    expect((await browser.send('POST /v1/responses', { input: 'x' })).status).toBe(403)
    expect((await browser.send('GET /api/users')).status).toBe(403)
  })

  /** Of a tenant that has been suspended since they signed in. */
  async function suspended() {
    const { deps } = world()
    const key = { authorization: `Bearer ${await world().newTenantKey()}` }
    const tenantId = String(
      (await browse().send('GET /api/whoami', undefined, key)).body['tenant_id'],
    )
    const { email } = await newPerson(world(), 'member', tenantId)
    const browser = browse()
    await browser.signIn(email, PASSWORD, tenantId)
    await world().suspend(tenantId)
    deps.tenantDirectory.forget(tenantId)
    return { browser, email, tenantId }
  }

  test('nobody signs in to a suspended tenant, and who was signed in is told why', async () => {
    const { browser, email, tenantId } = await suspended()
    const right = await browse().signIn(email, PASSWORD, tenantId)
    const before = await browser.send('GET /v1/models')

    expect([right, before]).toMatchObject([
      { status: 403, body: { error: { code: 'tenant_suspended' } } },
      { status: 403, body: { error: { code: 'tenant_suspended' } } },
    ])
  })

  test('who does not know the password does not learn that the tenant is suspended', async () => {
    const { email, tenantId } = await suspended()

    expect((await browse().signIn(email, 'not the password at all', tenantId)).status).toBe(401)
  })

  test('no access token is given out for a suspended tenant', async () => {
    const { email, tenantId } = await suspended()
    const form = { grant_type: 'password', username: email, password: PASSWORD, tenant: tenantId }
    const body = new URLSearchParams(form)

    expect((await fetch(`${world().url}/auth/token`, { method: 'POST', body })).status).toBe(400)
  })
})
