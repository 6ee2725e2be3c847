import { expect, test } from 'vitest'
import { createWatchedLog, insistOnNoSecrets, noteSecret } from '../watched-log.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

/** Every place of a failing request in which somebody may put a key by mistake. What is logged is looked at when the world closes. */
test.each<[string, (key: string) => [string, RequestInit]]>([
  ['a header', (key) => ['/v1/files', { headers: { authorization: `Bearer ${key}` } }]],
  ['the wrong header', (key) => ['/v1/files', { headers: { 'x-api-key': key } }]],
  ['a cookie', (key) => ['/v1/files', { headers: { cookie: `key=${key}; other=1` } }]],
  ['a query string', (key) => [`/v1/files?api_key=${key}&limit=x`, {}]],
  ['an unexpected parameter', (key) => [`/v1/files?after=${key}`, {}]],
  ['a path', (key) => [`/v1/files/${key}`, {}]],
  ['an unknown path', (key) => [`/keys/${key}`, {}]],
  ['a body', (key) => ['/v1/responses', json({ input: 'x', model: key })]],
  ['a broken body', (key) => ['/v1/responses', { ...json({}), body: `{"key": "${key}` }]],
])('a key in %s is not logged', async (_, request) => {
  const key = await world().newKey(['ask', 'read'])
  noteSecret(key)
  const [path, init] = request(key)
  const headers = new Headers(init.headers)
  if (!headers.has('authorization')) headers.set('authorization', `Bearer ${world().key}`)
  const response = await fetch(`${world().url}${path}`, { ...init, headers })

  expect(response.status).toBeGreaterThan(0)
})

function json(body: object): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
}

test('a key in an error that nobody foresaw is not logged, in its stack neither', () => {
  const log = createWatchedLog()
  const key = `rs_${'ab'.repeat(12)}_${'x'.repeat(50)}`
  noteSecret(key)
  const cause = new Error(`cannot use ${key}`)
  log.logger.error({ err: new Error(`failed with ${key}`, { cause }), key }, `refused ${key}`)

  expect(() => log.check()).not.toThrow()
})

test('the watch finds a secret that was logged', () => {
  noteSecret('a secret of no known look')

  expect(() => insistOnNoSecrets('{"msg":"a secret of no known look"}', 'a test')).toThrow(
    /stands in the log of a test/,
  )
})
