import { expect, test } from 'vitest'
import { buildApp } from '../../src/http/build-app.ts'
import { examplePrincipal } from '../example-principal.ts'
import { newPerson, openBrowser, PASSWORD, type Answer, type Browser } from './person.ts'
import { listenWithRates, type Rules } from './rated-app.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const ask = { model: 'extractive', input: 'x' }
const perMinute = (requestsPerMinute: number) => ({ requestsPerMinute, questionsPerMinute: null })

/** A person with two browsers, both signed in. */
async function person(rules: Rules) {
  const { url, get } = await listenWithRates(world(), rules)
  const { email, id } = await newPerson(world())
  const [desk, phone] = [openBrowser(url), openBrowser(url)]
  for (const browser of [desk, phone]) await browser.signIn(email)
  return { url, get, email, id, desk, phone }
}
const look = (browser: Browser) => browser.send('GET /v1/models')
const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status)

test('a person has one limit over all sessions', async () => {
  const { desk, phone } = await person({ settings: { user: perMinute(2) } })
  const seen = [await look(desk), await look(phone), await look(desk), await look(phone)]

  expect(statusesOf(seen)).toEqual([200, 200, 429, 429])
  expect(seen[2]?.body.error).toMatchObject({
    code: 'rate_limit_exceeded',
    message: expect.stringMatching(
      /^Too many requests of this user: it may make 2 a minute\. Try again in \d+ s\.$/,
    ) as string,
  })
})

test('one person takes nothing from another', async () => {
  const { url, desk } = await person({ settings: { user: perMinute(1) } })
  const other = openBrowser(url)
  await other.signIn((await newPerson(world())).email)
  await look(desk)

  expect(statusesOf([await look(desk), await look(other)])).toEqual([429, 200])
})

test('each session has a limit of its own', async () => {
  const { desk, phone } = await person({ settings: { session: perMinute(1) } })
  const seen = [await look(desk), await look(desk), await look(phone)]

  expect(statusesOf(seen)).toEqual([200, 429, 200])
  expect(seen[1]?.body.error).toMatchObject({
    message: expect.stringContaining('Too many requests of this session') as string,
  })
})

test('an access token counts as its person, and is of no session', async () => {
  const settings = { user: perMinute(2), session: perMinute(1) }
  const { url, get, email, desk } = await person({ settings })
  const form = new URLSearchParams({ grant_type: 'password', username: email, password: PASSWORD })
  const issued = await fetch(`${url}/auth/token`, { method: 'POST', body: form })
  const { access_token: token } = (await issued.json()) as { access_token: string }
  const first = await get('/v1/models', token)
  const second = await get('/v1/models', token)

  expect(first.headers.get('ratelimit-policy')).toBe('"user";q=2;w=60')
  expect([first.status, second.status, (await look(desk)).status]).toEqual([200, 200, 429])
})

test('questions of a person are limited apart from requests', async () => {
  const user = { requestsPerMinute: 10, questionsPerMinute: 1 }
  const { desk, phone } = await person({ settings: { user } })
  const seen = [
    await desk.send('POST /v1/responses', ask),
    await phone.send('POST /v1/responses', ask),
    await look(phone),
  ]

  expect(statusesOf(seen)).toEqual([200, 429, 200])
  expect(seen[1]?.body.error).toMatchObject({
    message: expect.stringContaining('Too many questions of this user') as string,
  })
})

test('the headers name every limit that holds, what is left, and when there is more', async () => {
  const { desk } = await person({
    settings: {
      user: perMinute(5),
      session: perMinute(3),
      address: { ...perMinute(100), strangerRequestsPerMinute: null },
    },
    tier: { requestsPerMinute: 50 },
  })
  const { headers } = await look(desk)

  expect(headers.get('ratelimit-policy')).toBe(
    '"address";q=100;w=60, "user";q=5;w=60, "session";q=3;w=60, "tenant";q=50;w=60',
  )
  // Both sign-ins came from the address too.
  expect(headers.get('ratelimit')).toMatch(
    /^"address";r=97;t=\d+, "user";r=4;t=6[01], "session";r=2;t=6[01], "tenant";r=49;t=6[01]$/,
  )
})

test('a refusal says when to come back, and then there is room', async () => {
  let now = 0
  const { desk } = await person({ settings: { user: perMinute(1) }, now: () => now })
  await look(desk)
  now += 20_000
  const { headers } = await look(desk)
  now += Number(headers.get('retry-after-ms'))

  expect(Number(headers.get('retry-after'))).toBe(
    Math.ceil(Number(headers.get('retry-after-ms')) / 1_000),
  )
  expect(Math.abs(Number(headers.get('retry-after')) - 40)).toBeLessThanOrEqual(1)
  expect((await look(desk)).status).toBe(200)
})

test('what is refused costs nothing: who waits has the whole limit again', async () => {
  let now = 0
  const { desk } = await person({ settings: { user: perMinute(2) }, now: () => now })
  for (let request = 0; request < 6; request += 1) await look(desk)
  now += 61_000

  expect(statusesOf([await look(desk), await look(desk), await look(desk)])).toEqual([
    200, 200, 429,
  ])
})

test('who goes over a limit again and again waits longer, and is forgiven with time', async () => {
  let now = 0
  const { desk } = await person({
    settings: { session: perMinute(1) },
    now: () => now,
    penalty: { baseMs: 60_000, halfLifeMs: 600_000, longestMs: 900_000 },
  })
  /** Uses the limit up, and gives the wait that the refusal asks for. */
  const overdo = async () => {
    await look(desk)
    const { headers } = await look(desk)
    const wait = Number(headers.get('retry-after'))
    now += wait * 1_000
    return wait
  }
  const growing = [await overdo(), await overdo(), await overdo(), await overdo()]
  // Eight halves of it.
  now += 8 * 600_000
  const forgiven = await overdo()

  expect(growing[0]).toBeLessThanOrEqual(61)
  expect(growing).toEqual(growing.toSorted((left, right) => left - right))
  expect(growing.at(-1)).toBeGreaterThan(120)
  expect(forgiven).toBe(growing[0])
})

test('a tenant is never closed by a penalty, however often one of its people is refused', async () => {
  let now = 0
  const { desk, phone } = await person({
    tier: { requestsPerMinute: 1 },
    now: () => now,
    penalty: { baseMs: 60_000, halfLifeMs: 600_000, longestMs: 900_000 },
  })
  for (let request = 0; request < 10; request += 1) await look(desk)
  now += 61_000

  expect((await look(phone)).status).toBe(200)
})

test('who comes over the local socket is never held up', async () => {
  const { deps, tenantId } = world()
  const app = buildApp({
    ...deps,
    principal: examplePrincipal(tenantId),
    tiers: new Map([['enterprise', { requestsPerMinute: 0 }]]),
  })
  const { statusCode, headers } = await app.inject('/v1/models')
  await app.close()

  expect([statusCode, headers['ratelimit']]).toEqual([200, undefined])
})
