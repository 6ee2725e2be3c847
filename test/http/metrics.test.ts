import { expect, test } from 'vitest'
import { buildApp } from '../../src/http/build-app.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { examplePrincipal } from '../example-principal.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const TOKEN = 'a-token-of-the-scraper'

const listen = (fields: object = {}) => {
  const { deps } = world()
  const settings = { ...deps.settings, metricsToken: TOKEN, ...fields }
  return world().listen({ metrics: createMetrics(), settings })
}
const read = async (url: string, token: string | null) => {
  const headers = token === null ? undefined : { authorization: `Bearer ${token}` }
  const response = await fetch(`${url}/metrics`, headers === undefined ? {} : { headers })
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    text: await response.text(),
  }
}

test('whoever has the configured token reads the metrics, as Prometheus does', async () => {
  const { url } = await listen()
  const { status, type } = await read(url, TOKEN)

  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
})

test('a key of an operator opens them', async () => {
  const { url } = await listen({ metricsToken: null })

  expect((await read(url, await world().newKey(['operator']))).status).toBe(200)
})

test('no key, a wrong token and an admin of one tenant do not', async () => {
  const { url } = await listen()
  const tokens = [null, 'a-token-of-the-scrapes', await world().newKey(['admin'])]
  const answers = await Promise.all(tokens.map((token) => read(url, token)))

  expect(answers.map(({ status }) => status)).toEqual([401, 401, 403])
})

test('the owner of the machine opens them over the local socket', async () => {
  const { deps, tenantId } = world()
  const owner = examplePrincipal(tenantId, { scopes: ['operator'] })
  const app = buildApp({ ...deps, principal: owner })

  expect((await app.inject('/metrics')).statusCode).toBe(200)
  await app.close()
})

test('a request counts by its route, method and status', async () => {
  const { url } = await listen()
  await fetch(`${url}/v1/files/file-1`, { headers: { authorization: `Bearer ${world().key}` } })

  await expect
    .poll(async () => (await read(url, TOKEN)).text)
    .toContain(
      'ragstone_http_requests_total{method="GET",route="/v1/files/:file_id",status="404"} 1',
    )
})

test('paths and methods that callers make up are one series', async () => {
  const { url } = await listen()
  await fetch(`${url}/one`, { method: 'PROPFIND' })
  await fetch(`${url}/two`)

  await expect
    .poll(async () => (await read(url, TOKEN)).text)
    .toContain('ragstone_http_requests_total{method="any",route="none",status="404"} 2')
})

test('a request is timed', async () => {
  const { url } = await listen()
  await fetch(`${url}/livez`)

  await expect
    .poll(async () => (await read(url, TOKEN)).text)
    .toContain('ragstone_http_request_seconds_count{method="GET",route="/livez"} 1')
})
