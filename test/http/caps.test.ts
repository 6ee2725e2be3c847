import { expect, test } from 'vitest'
import { createApiKeySignIn } from '../../src/auth/api-key-sign-in.ts'
import { createAuthenticate } from '../../src/auth/authenticate.ts'
import { examplePeople } from '../example-people.ts'
import { newPerson, openBrowser } from './person.ts'
import { ask } from './priced-answers.ts'
import { openPricedTenant } from './priced-tenant.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const WORDS = ['Sixty', ' days', ' [1].']

const upload = async (
  { url, key }: { readonly url: string; readonly key: string },
  text: string,
) => {
  const form = new FormData()
  form.set('purpose', 'assistants')
  form.set('file', new File([text], 'note.txt'))
  const response = await fetch(`${url}/v1/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: form,
  })
  return {
    status: response.status,
    body: (await response.json()) as { id: string; error?: object },
  }
}

test('a question may have so many characters', async () => {
  const { send } = await openPricedTenant(world())
  const [longest, longer] = [8_000, 8_001].map((length) => ({ ...ask, input: 'a'.repeat(length) }))

  expect((await send('POST /v1/responses', longest)).status).toBe(200)
  expect(await send('POST /v1/responses', longer)).toMatchObject({
    status: 400,
    body: {
      error: {
        code: 'invalid_value',
        param: 'input',
        message: 'The question has 8001 characters; at most 8000 are accepted. Shorten it.',
      },
    },
  })
})

test('a question may have so many tokens, and no model reads a longer one', async () => {
  const { send, chats } = await openPricedTenant(world(), { tier: { questionTokens: 11 } })
  const fits = await send('POST /v1/responses', ask)
  const refused = await send('POST /v1/responses', { ...ask, input: `${ask.input} And why?` })

  expect(fits.status).toBe(200)
  expect(refused).toMatchObject({
    status: 400,
    body: {
      error: { message: 'The question has 13 tokens; at most 11 are accepted. Shorten it.' },
    },
  })
  expect(chats.get('large')?.requests).toHaveLength(1)
})

test("a key's own cap on questions is held to as well", async () => {
  const tenant = await openPricedTenant(world())
  const { send } = tenant
  const { key } = await tenant.newKey({ question_tokens: 10 })

  expect((await send('POST /v1/responses', ask, key)).status).toBe(400)
  expect((await send('POST /v1/responses', ask)).status).toBe(200)
})

test('a model is given so many tokens for one question: older turns are left out first', async () => {
  const { send, chats } = await openPricedTenant(world(), { tier: { requestTokens: 400 } })
  const turn = (text: string) => ({ role: 'user', content: text })
  const input = [turn('old '.repeat(80)), turn('new'), turn(ask.input)]
  const answered = await send('POST /v1/responses', { ...ask, input })
  const read = JSON.stringify(chats.get('large')?.requests.at(-1)?.messages)

  expect(answered.status).toBe(200)
  expect([read.includes('old old'), read.includes('new'), read.includes('sixty days')]).toEqual([
    false,
    true,
    true,
  ])
})

test('where the instructions leave no room for a passage, the question is refused', async () => {
  const { send } = await openPricedTenant(world(), { tier: { requestTokens: 400 } })
  const refused = await send('POST /v1/responses', { ...ask, instructions: 'x'.repeat(400) })

  expect(refused).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining('leaves no room for passages') as string } },
  })
})

test('where not even one passage fits, the question is refused', async () => {
  const tenant = await openPricedTenant(world(), { tier: { requestTokens: 400 } })
  const { body } = await upload(tenant, 'elephants')
  const [store] = (await tenant.client.vectorStores.list()).data
  const at = { vectorStoreId: store?.id ?? '', fileId: body.id, tenantId: tenant.tenantId }
  await tenant.client.vectorStores.files.create(at.vectorStoreId, { file_id: at.fileId })
  await world().index(at, 'Elephants never forget what they were told.')
  await world().deps.database.transact(tenant.tenantId, (transaction) =>
    transaction.query('update chunks set tokens = 500 where tenant_id = $1 and file_id = $2', [
      at.tenantId,
      at.fileId,
    ]),
  )
  const refused = await tenant.send('POST /v1/responses', { ...ask, input: 'elephants forget?' })

  expect(refused).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining('The best passage alone has') as string } },
  })
})

test('a model may write so many tokens, whatever was asked for', async () => {
  const tier = { responseTokens: 40 }
  const { send, chats } = await openPricedTenant(world(), { tier })
  for (const max_output_tokens of [50, 30, null]) {
    await send('POST /v1/responses', { ...ask, max_output_tokens })
  }

  expect(chats.get('large')?.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([
    40, 30, 40,
  ])
})

/** A tenant whose operator has given it these limits; one file of 44 bytes, one chunk, is there. */
async function keeping(limits: object) {
  const tenant = await openPricedTenant(world())
  const operator = await world().newKey(['operator'])
  await tenant.send(`POST /api/tenants/${tenant.tenantId}`, { limits }, operator)
  return tenant
}

test('a tenant may keep so many files, and one that is deleted makes room', async () => {
  const tenant = await keeping({ files: 2 })
  const second = await upload(tenant, 'second')
  const third = await upload(tenant, 'third')
  await tenant.send(`DELETE /v1/files/${second.body.id}`)

  expect([second.status, third.status]).toEqual([200, 403])
  expect(third.body.error).toMatchObject({
    code: 'limit_reached',
    message: expect.stringContaining('may keep 2 files (limit `files`) and keeps 2') as string,
  })
  expect((await upload(tenant, 'third')).status).toBe(200)
})

test('a tenant may keep so many bytes', async () => {
  const tenant = await keeping({ stored_bytes: 100 })

  expect((await upload(tenant, 'x'.repeat(80))).body.error).toMatchObject({
    code: 'limit_reached',
    message: expect.stringContaining('limit `stored_bytes`') as string,
  })
  expect((await upload(tenant, 'x'.repeat(20))).status).toBe(200)
})

test('a tenant without room for a chunk can add no file to a store', async () => {
  const tenant = await keeping({ chunks: 1 })
  const { body } = await upload(tenant, 'another')
  const stores = await tenant.client.vectorStores.list()
  const added = await tenant.send(`POST /v1/vector_stores/${stores.data[0]?.id}/files`, {
    file_id: body.id,
  })

  expect(added).toMatchObject({
    status: 403,
    body: {
      error: {
        code: 'limit_reached',
        message: expect.stringContaining('limit `chunks`') as string,
      },
    },
  })
})

test('as many answers of a key stream at once as its own cap says', async () => {
  const gate = Promise.withResolvers<void>()
  const large = { deltas: WORDS, pause: { after: 1, until: gate.promise } }
  const tenant = await openPricedTenant(world(), { models: { large } })
  const { key } = await tenant.newKey({ concurrent_streams: 1 })
  const first = await tenant.clientOf(key).responses.create({ ...ask, stream: true })
  const second = await tenant.send('POST /v1/responses', { ...ask, stream: true }, key)
  const other = tenant.send('POST /v1/responses', { ...ask, stream: true })
  gate.resolve()
  for await (const _ of first);

  expect([second.status, second.headers.get('retry-after')]).toEqual([429, '2'])
  expect((await other).status).toBe(200)
})

test('people have that cap by session', async () => {
  const gate = Promise.withResolvers<void>()
  const large = { deltas: WORDS, pause: { after: 1, until: gate.promise } }
  const tier = { concurrentStreams: 1 }
  const tenant = await openPricedTenant(world(), { models: { large }, tier })
  const { email } = await newPerson(world(), 'member', tenant.tenantId)
  const [desk, phone] = [openBrowser(tenant.url), openBrowser(tenant.url)]
  for (const browser of [desk, phone]) await browser.signIn(email, undefined, tenant.tenantId)
  const stream = { ...ask, stream: true }
  const first = desk.send('POST /v1/responses', stream)
  await expect.poll(() => tenant.chats.get('large')?.requests.length).toBe(1)
  const second = await desk.send('POST /v1/responses', stream)
  const other = phone.send('POST /v1/responses', stream)
  gate.resolve()

  expect([(await first).status, second.status, (await other).status]).toEqual([200, 429, 200])
})

test('so many sessions may stand at one address, and one that is ended makes room', async () => {
  const { deps, tenantId } = world()
  const people = examplePeople({
    database: deps.database,
    tenantDirectory: deps.tenantDirectory,
    auditLog: deps.auditLog,
    tenantId,
    settings: { sessionsPerAddress: 2 },
  })
  const { keyDirectory } = deps
  const authenticate = createAuthenticate([createApiKeySignIn({ keyDirectory }), ...people.ways])
  const { url } = await world().listen({ people, authenticate })
  const browsers = [openBrowser(url), openBrowser(url), openBrowser(url)]
  const statuses: number[] = []
  for (const browser of browsers) {
    statuses.push((await browser.signIn((await newPerson(world())).email)).status)
  }
  await browsers[0]?.send('POST /auth/sign-out')
  const again = await browsers[2]?.signIn((await newPerson(world())).email)

  expect(statuses).toEqual([200, 200, 403])
  expect(again?.status).toBe(200)
})
