import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createApiKey, hashApiKey, maskApiKey, parseApiKey, verifyApiKey } from './api-key.ts'

test('a key leads to its record', () => {
  const { id, key } = createApiKey()

  expect(parseApiKey(key)).toEqual({ id })
})

test('two keys have nothing in common', () => {
  expect(createApiKey().key).not.toBe(createApiKey().key)
})

test('a key verifies against its own hash and no other', () => {
  const [one, other] = [createApiKey(), createApiKey()]

  expect(verifyApiKey(hashApiKey(one.key), one)).toBe(true)
  expect(verifyApiKey(hashApiKey(other.key), one)).toBe(false)
})

test('a single changed character is a typo', () => {
  const { key } = createApiKey()
  fc.assert(
    fc.property(
      fc.nat({ max: key.length - 1 }),
      fc.constantFrom('a', 'Z', '9', '_'),
      (at, character) => {
        fc.pre(key.charAt(at) !== character)
        expect(parseApiKey(`${key.slice(0, at)}${character}${key.slice(at + 1)}`)).toBeNull()
      },
    ),
  )
})

test('a masked key shows its kind and four characters', () => {
  const { key } = createApiKey()

  expect(maskApiKey(key)).toBe(`rs_…${key.slice(-4)}`)
})

test('of a short string nothing is shown', () => {
  expect(maskApiKey('hunter2')).toBe('…')
})
