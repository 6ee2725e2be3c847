import { expect, test } from 'vitest'
import { redirectUriOf } from './redirect-uri.ts'

const at = (host: string, protocol = 'http') => ({
  host,
  hostname: host.replace(/:[^:\]]*$/, ''),
  protocol: protocol as 'http',
})

test('where it is known under which address people reach it, that is taken', () => {
  expect(redirectUriOf(at('elsewhere.example'), 'https://here.example/')).toBe(
    'https://here.example/auth/oidc/callback',
  )
})

test.each(['127.0.0.1:8080', '[::1]:8080', 'localhost'])('at home, %s is believed', (host) => {
  expect(redirectUriOf(at(host), null)).toBe(`http://${host}/auth/oidc/callback`)
})

test.each([
  ['a host elsewhere', at('elsewhere.example')],
  ['a forwarded protocol that is none', at('127.0.0.1:8080', 'â¨â©\u0082')],
  ['a forwarded protocol that no browser should be sent to', at('127.0.0.1:8080', 'javascript')],
  ['a port that is none', at('localhost:123456')],
])('%s is not', (_what, request) => {
  expect(redirectUriOf(request, null)).toBeNull()
})
