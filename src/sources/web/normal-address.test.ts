import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createNormalAddress } from './normal-address.ts'

const normal = createNormalAddress()

test.each([
  ['HTTP://Example.COM:80/a', 'http://example.com/a'],
  ['https://example.com:443', 'https://example.com/'],
  ['https://example.com./a#part', 'https://example.com/a'],
  ['https://example.com/a/../b/./c', 'https://example.com/b/c'],
  ['https://example.com/%7euser/%c3%a4?', 'https://example.com/~user/%C3%A4'],
  ['https://example.com/a?b=%2f&&a=1', 'https://example.com/a?b=%2F&a=1'],
  ['https://example.com/a?utm_source=x', 'https://example.com/a?utm_source=x'],
])('%s is %s', (address, expected) => {
  expect(normal(address)?.href).toBe(expected)
})

test.each([
  'mailto:a@b.c',
  'javascript:alert(1)',
  'https://user@example.com/',
  'https://',
  'a b',
  `https://example.com/${'a'.repeat(1_000)}`,
])('%s is no address of a page', (address) => {
  expect(normal(address)).toBeNull()
})

test('parameters are dropped by name, the others stay as they are', () => {
  const dropping = createNormalAddress(['utm_*', 'session'])
  const address = 'https://example.com/?b=2&utm_source=x&a=%20+&session=1&sessions=2&utm%5Fx=3'

  expect(dropping(address)?.search).toBe('?b=2&a=%20+&sessions=2')
  expect(createNormalAddress(['*'])(address)?.href).toBe('https://example.com/')
})

test('what is normal stays as it is', () => {
  fc.assert(
    fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (address) => {
      const once = normal(address)
      if (once !== null) expect(normal(once.href)?.href).toBe(once.href)
    }),
    { numRuns: 2_000 },
  )
})
