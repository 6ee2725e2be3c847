import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { refuseUnstorable } from './storable-input.ts'

test('a NUL is refused by its place', () => {
  expect(() => refuseUnstorable({ tools: [{ name: 'a\0b' }] })).toThrow(
    expect.objectContaining({ param: 'tools[0].name' }),
  )
})

test('a NUL in a key is refused', () => {
  expect(() => refuseUnstorable({ metadata: { 'a\0': 'b' } })).toThrow(/NUL/)
})

test('half a surrogate pair is refused', () => {
  expect(() => refuseUnstorable({ input: 'a\uD800' })).toThrow(/surrogate/)
})

test('what is nested beyond any use is refused without recursion', () => {
  let deep: unknown = 'x'
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep]

  expect(() => refuseUnstorable(deep)).toThrow(/nested/)
})

test('ordinary JSON passes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 10, stringUnit: 'binary' }), (value) => {
      fc.pre(!JSON.stringify(value).includes('\\u0000'))
      refuseUnstorable(value)
    }),
  )
})
