import OpenAI from 'openai'
import type { WireBudget } from '../../src/contract/budget.ts'
import { documentedFetch } from './documented-fetch.ts'
import { newPerson, openBrowser, type Browser } from './person.ts'
import { pricedDeps, type Priced } from './priced-answers.ts'
import type { HttpWorld } from './world.ts'

const TEXT = 'The notice period of the lease is sixty days.'

/** A tenant with one document and language models that cost something, at an application of its own. */
export async function openPricedTenant(world: HttpWorld, priced: Priced = {}) {
  const { chats, overrides } = pricedDeps(world, priced)
  const { url, app } = await world.listen(overrides)
  const key = await world.newTenantKey()
  const send = async (call: string, body?: object, of = key) => {
    const [method = '', path = ''] = call.split(' ')
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${of}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (isJson ? JSON.parse(text) : {}) as Record<string, unknown>,
    }
  }
  const clientOf = (of = key, maxRetries = 0) =>
    new OpenAI({ baseURL: `${url}/v1`, apiKey: of, maxRetries, fetch: documentedFetch(app) })
  const client = clientOf()
  const tenantId = String((await send('GET /api/whoami')).body['tenant_id'])
  const store = await client.vectorStores.create({})
  const file = await client.files.create({
    file: new File([TEXT], 'lease.txt'),
    purpose: 'assistants',
  })
  await client.vectorStores.files.create(store.id, { file_id: file.id })
  await world.index({ vectorStoreId: store.id, fileId: file.id, tenantId }, TEXT)
  return {
    url,
    key,
    tenantId,
    chats,
    send,
    client,
    clientOf,
    async newKey(limits: object): Promise<{ readonly id: string; readonly key: string }> {
      const made = await send('POST /api/keys', { name: 'one', scopes: ['ask', 'read'], limits })
      return made.body as { id: string; key: string }
    },
    async signIn(): Promise<Browser & { readonly id: string }> {
      const person = await newPerson(world, 'member', tenantId)
      const browser = openBrowser(url)
      await browser.signIn(person.email, undefined, tenantId)
      return Object.assign(browser, { id: person.id })
    },
    /** As its callers are told of them. */
    async budgets(of = key): Promise<readonly WireBudget[]> {
      return (await send('GET /api/budgets', undefined, of)).body['data'] as WireBudget[]
    },
    /** The rows of the ledger, oldest first. */
    ledger: () =>
      world.deps.database.transact(tenantId, (transaction) =>
        transaction.query<LedgerRow>(
          `select model, purpose, input_tokens, output_tokens, estimated, cost, price_as_of::text, user_id, key_id
           from usage_ledger where tenant_id = $1 order by sequence`,
          [tenantId],
        ),
      ),
    /** As if what was used so far had been used so many days ago. */
    age: (days: number) =>
      world.deps.database.transact(tenantId, (transaction) =>
        transaction.query(
          `update budget_accounts set day = day - $2::integer,
             month = date_trunc('month', day - $2::integer)::date where tenant_id = $1`,
          [tenantId, days],
        ),
      ),
  }
}

interface LedgerRow {
  readonly model: string
  readonly purpose: string
  readonly input_tokens: number
  readonly output_tokens: number
  readonly estimated: boolean
  readonly cost: string
  readonly price_as_of: string | null
  readonly user_id: string | null
  readonly key_id: string | null
}

export type PricedTenant = Awaited<ReturnType<typeof openPricedTenant>>
