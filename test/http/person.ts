import type { HttpWorld } from './world.ts'
import type { Role } from '../../src/core/principal.ts'

export const PASSWORD = 'violet anchor soup ledger'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown> & { readonly error?: { readonly code: string } }
}

/** A browser without scripts: keeps cookies, sends them along, and the token once it has one. */
export interface Browser {
  readonly cookies: Map<string, string>
  csrf: string | null
  send(call: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<Answer>
  signIn(email: string, password?: string, tenant?: string): Promise<Answer>
}

export function openBrowser(url: string): Browser {
  const cookies = new Map<string, string>()
  const browser: Browser = {
    cookies,
    csrf: null,
    async send(call, body, headers = {}) {
      const [method = '', path = ''] = call.split(' ')
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const response = await fetch(`${url}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(cookie === '' ? {} : { cookie }),
          ...(browser.csrf === null ? {} : { 'x-csrf-token': browser.csrf }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      })
      keepCookies(cookies, response)
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
      const received = isJson ? (JSON.parse(text) as Answer['body']) : { text }
      if (typeof received['csrf_token'] === 'string') browser.csrf = received['csrf_token']
      return { status: response.status, headers: response.headers, body: received }
    },
    signIn: (email, password = PASSWORD, tenant) =>
      browser.send('POST /auth/sign-in', {
        email,
        password,
        ...(tenant === undefined ? {} : { tenant }),
      }),
  }
  return browser
}

export function keepCookies(cookies: Map<string, string>, response: Response): void {
  for (const line of response.headers.getSetCookie()) {
    const [pair = ''] = line.split(';')
    const [name = '', value = ''] = pair.split('=')
    if (/max-age=0/i.test(line)) cookies.delete(name)
    else cookies.set(name, value)
  }
}

let made = 0

/** A person with the password `PASSWORD`; gives the address and the id. */
export async function newPerson(
  { deps, tenantId }: Pick<HttpWorld, 'deps' | 'tenantId'>,
  role: Role = 'member',
  inTenant = tenantId,
): Promise<{ readonly email: string; readonly id: string }> {
  made += 1
  const email = `person${made}@campus.example`
  const { id } = await deps.people.people.create(
    {
      tenantId: inTenant,
      userId: null,
      role: null,
      scopes: ['operator'],
      actor: { kind: 'operator', id: null },
      visit: { address: null, requestId: 'req_test' },
    },
    { email, name: `Someone ${made}`, role, password: PASSWORD },
  )
  return { email, id }
}
