import { expect, test } from 'vitest'
import { isAllowedOrigin } from './allowed-origin.ts'

test.each([
  ['https://app.example.com', 'https://app.example.com', true],
  ['https://app.example.com', 'https://app.example.com.evil.example', false],
  ['https://app.example.com', 'http://app.example.com', false],
  ['https://app.example.com', 'https://app.example.com:8443', false],
  ['https://*.example.com', 'https://a.example.com', true],
  ['https://*.example.com', 'https://a.b.example.com', false],
  ['https://*.example.com', 'https://example.com', false],
  ['https://*.example.com', 'https://a-example.com', false],
  ['https://*.example.com', 'https://evil.example/.example.com', false],
])('%s allows %s: %j', (allowed, origin, expected) => {
  expect(isAllowedOrigin(origin, [allowed])).toBe(expected)
})
