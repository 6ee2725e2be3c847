import type { RagstoneProcess } from '../../ragstone-process.ts'
import { openBrowser } from '../person.ts'
import { send } from './send.ts'

export interface Caller {
  readonly name: string
  /** Lines that say who it is. */
  headers(): readonly string[]
}

export interface Callers {
  readonly main: Caller
  readonly nobody: Caller
  readonly tenantId: string
  readonly operator: Caller
  readonly callers: readonly Caller[]
  /** Who was signed out is signed in again, and limits that were set on the tenant are gone. */
  readonly refresh: () => Promise<void>
}

/** Not that of the document's examples, with which it could be changed. */
const PASSWORD = 'umbrella quartz lantern mosaic'
const UNLIMITED = {
  requests_per_minute: null,
  questions_per_minute: null,
  concurrent_streams: null,
  files: null,
  stored_bytes: null,
  chunks: null,
  tokens_per_day: null,
  tokens_per_month: null,
  cost_per_day: null,
  cost_per_month: null,
}

const bearer = (name: string, key: string, ...more: readonly string[]): Caller => ({
  name,
  headers: () => [`authorization: Bearer ${key}`, ...more],
})

const nobody: Caller = { name: 'nobody', headers: () => [] }

/** Everybody who may come to one tenant: keys of all kinds, a person, an operator, and nobody. */
export async function openCallers({ url, key }: RagstoneProcess): Promise<Callers> {
  const as = (caller: Caller, call: string, body?: object) => send({ url, caller, call }, body)
  const operator = bearer('an operator', key)
  const home = (await as(operator, 'GET /api/whoami')) as { readonly tenant_id: string }
  await as(operator, `POST /api/tenants/${home.tenant_id}`, { limits: UNLIMITED })
  const tenant = (await as(operator, 'POST /api/tenants', {
    name: 'the fuzzed one',
    limits: UNLIMITED,
  })) as { readonly id: string; readonly key: string }
  const main = bearer('an admin', tenant.key)
  const newKey = async (name: string, fields: object) => {
    const made = await as(main, 'POST /api/keys', { name, ...fields })
    return (made as { readonly key: string }).key
  }
  const store = (await as(main, 'POST /v1/vector_stores', {})) as { readonly id: string }
  const email = 'fuzz@campus.example'
  const guest = { email, role: 'editor' }
  const { secret } = (await as(main, 'POST /api/invitations', guest)) as { readonly secret: string }
  const accepted = { secret, name: 'Somebody', password: PASSWORD }
  const inside = bearer('an operator in the tenant', key, `ragstone-tenant: ${tenant.id}`)
  await as(nobody, 'POST /auth/accept-invitation', accepted)
  const browser = openBrowser(url)
  const cookie = () => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const callers = [
    operator,
    inside,
    bearer('a reader', await newKey('reader', { scopes: ['read'] })),
    bearer('somebody who asks', await newKey('asker', { scopes: ['ask', 'read'] })),
    bearer('a feeder', await newKey('feeder', { scopes: ['ingest'] })),
    bearer(
      'a key for one store',
      await newKey('narrow', { scopes: ['ask', 'ingest', 'read'], vector_store_ids: [store.id] }),
    ),
    {
      name: 'a person',
      headers: () => [`cookie: ${cookie()}`, `x-csrf-token: ${browser.csrf ?? ''}`],
    },
    { name: 'a person without token', headers: () => [`cookie: ${cookie()}`] },
    nobody,
    bearer('a stranger', 'rs_00000000000000000000000000000000'),
  ]
  return {
    main,
    operator,
    nobody,
    tenantId: tenant.id,
    callers,
    async refresh() {
      await as(inside, 'POST /api/tenant/sign-in', { password_allowed: true, provider: null })
      const { status } = await browser.signIn(email, PASSWORD, tenant.id)
      if (status !== 200) throw new Error(`Signing in was answered ${status}.`)
    },
  }
}
