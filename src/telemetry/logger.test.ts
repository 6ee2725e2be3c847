import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'

function capture() {
  const lines: string[] = []
  const logger = createLogger({
    level: 'info',
    name: 'test',
    stream: { write: (line: string) => void lines.push(line) },
  })
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') }
}

test('a line is one JSON object with name, level, time and message', () => {
  const { logger, lines, last } = capture()
  logger.info({ tenantId: 'ten_1' }, 'file indexed')
  expect(lines[0]).toMatch(/^\{.*\}\n$/)
  expect(last()).toMatchObject({
    name: 'test',
    level: 'info',
    tenantId: 'ten_1',
    msg: 'file indexed',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  })
})

test.each([
  ['an authorization header', { headers: { authorization: 'Token abcdef123456' } }, 'abcdef123456'],
  ['a header in a list', { 'set-cookie': ['session=abcdef', 'other=ghijkl'] }, 'ghijkl'],
  ['an API key member', { config: [{ api_key: 'very "quoted" key' }] }, 'quoted'],
  ['a password', { Password: 'hunter2hunter2' }, 'hunter2'],
  ['a bearer token in a sentence', { detail: 'sent Bearer abc.def-ghi' }, 'abc.def'],
  ['basic credentials', { detail: 'Basic dXNlcjpwYXNz' + 'd29yZDE=' }, 'dXNlcjpw'],
  ['our own key in a sentence', { detail: 'key rs_a1B2c3D4e5F6 was used' }, 'a1B2c3D4'],
  ['a signing secret in a sentence', { detail: 'secret rss_a1B2c3D4e5F6 was used' }, 'a1B2c3D4'],
  ['a token in a sentence', { detail: 'token eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl' }, 'eyJzdWIi'],
  ['a provider key', { detail: 'Incorrect key sk-proj-abcdefghijklmnop' }, 'abcdefghij'],
  ['a key in an address', { url: 'https://host/v1?api_key=abcdef&x=1' }, 'abcdef'],
  ['a password in an address', { url: 'postgres://user:hunter2@host/db' }, 'hunter2'],
  ['JSON within a string', { body: JSON.stringify({ api_key: 'plainvalue' }) }, 'plainvalue'],
])('%s is redacted', (_, fields, secret) => {
  const { logger, lines, last } = capture()
  logger.info(fields, 'message')
  expect(lines[0]).not.toContain(secret)
  expect(last().msg).toBe('message')
})

test('an error with its cause is redacted, stack and all', () => {
  const { logger, lines, last } = capture()
  const cause = new Error('HTTP 401: key rs_a1B2c3D4e5F6')
  logger.error({ err: new Error('refused Bearer abcdefghijk', { cause }) }, 'call failed')
  expect(lines[0]).not.toMatch(/a1B2c3D4|abcdefghijk/)
  expect(last().err.stack).toContain('refused')
})

test('a child logger redacts its bindings too', () => {
  const { logger, lines } = capture()
  logger.child({ apiKey: 'abcdefghijk' }).info('message')
  expect(lines[0]).not.toContain('abcdefghijk')
})

test('what is no secret stays as it is', () => {
  const { logger, last } = capture()
  const fields = {
    tokens: 12,
    url: 'http://127.0.0.1:8080/v1',
    id: 'resp_0199',
    note: 'basic facts',
  }
  logger.info(fields, 'message')
  expect(last()).toMatchObject(fields)
})
