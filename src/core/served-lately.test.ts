import { expect, test } from 'vitest'
import { createServedLately } from './served-lately.ts'

test('half of what was done is forgotten every three seconds, and all of it in the end', () => {
  let now = 0
  const served = createServedLately(() => now)
  served.note('a', 100)
  served.note('b', 8)
  now = 3_000
  served.note('b', 1)
  const lately = served.amounts()

  expect([lately('a'), lately('b'), lately('nobody')]).toEqual([50, 5, 0])
  now = 120_000
  served.note('b', 1)
  expect(served.amounts()('a')).toBe(0)
})
