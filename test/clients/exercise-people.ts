const PASSWORD = 'violet anchor soup ledger'

/** Uses every operation on people once, as the owner of the server and as a browser would. */
export async function exercisePeople(
  server: { readonly key: string; readonly url: string },
  fetch: typeof globalThis.fetch,
): Promise<void> {
  const key = { authorization: `Bearer ${server.key}` }
  const cookies = new Map<string, string>()
  let csrf = ''

  const send = async (call: string, body?: object, headers?: Readonly<Record<string, string>>) => {
    const [method = '', path = ''] = call.split(' ')
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(`${server.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(headers ?? { cookie, 'x-csrf-token': csrf }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]?.split('=') ?? []
      cookies.set(name, value)
    }
    const answer = (await response.json()) as { id: string; secret: string; csrf_token?: string }
    csrf = answer.csrf_token ?? csrf
    return answer
  }

  const owner = { email: 'ada@campus.example', name: 'Ada', role: 'owner', password: PASSWORD }
  await send('POST /api/users', owner, key)
  const invited = { email: 'grace@campus.example', role: 'editor', expires_in_days: 7 }
  const invitation = await send('POST /api/invitations', invited, key)
  await send('GET /api/invitations?limit=10', undefined, key)
  const accepted = { secret: invitation.secret, name: 'Grace', password: PASSWORD }
  await send('POST /auth/accept-invitation', accepted)
  await send('POST /auth/sign-in', { email: invited.email, password: PASSWORD })
  await send('GET /auth/session')
  await send('GET /api/sessions')
  const other = `${PASSWORD} window`
  await send('POST /auth/password', { current_password: PASSWORD, new_password: other })
  await send('DELETE /api/sessions')
  const { id } = await send('GET /auth/session')
  await send(`DELETE /api/sessions/${id}`)
  await send('POST /auth/sign-in', { email: invited.email, password: other })
  await send('POST /auth/sign-out')
  await fetch(`${server.url}/auth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      username: invited.email,
      password: other,
      scope: 'ask read',
    }),
  })
  const page = (await send('GET /api/users?limit=10', undefined, key)) as unknown as {
    data: readonly { id: string }[]
  }
  const grace = `/api/users/${page.data[0]?.id}`
  await send(`GET ${grace}`, undefined, key)
  await send(`POST ${grace}`, { role: 'member', name: 'Grace H.', status: 'active' }, key)
  const reset = await send(`POST ${grace}/password-reset`, undefined, key)
  await send('POST /auth/reset-password', { secret: reset.secret, password: PASSWORD })
  await send(`DELETE ${grace}/sessions`, undefined, key)
  await send(`DELETE ${grace}`, undefined, key)
  const provider = {
    issuer: 'https://login.campus.example',
    client_id: 'ragstone',
    client_secret: 'from the provider',
    role_claim: 'groups',
    role_mapping: [{ value: 'teachers', role: 'editor' }],
    default_role: 'member',
  }
  await send('POST /api/tenant/sign-in', { provider }, key)
  await send('GET /api/tenant/sign-in', undefined, key)
  const unwanted = await send('POST /api/invitations', { email: 'x@campus.example' }, key)
  await send(`DELETE /api/invitations/${unwanted.id}`, undefined, key)
}
