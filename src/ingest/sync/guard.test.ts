import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTooMuch } from './guard.ts'

const asked = (of: Partial<Parameters<typeof isTooMuch>[0]>) =>
  isTooMuch({ missing: 0, known: 100, there: 50, share: 0.5, confirmed: 0, ...of })

test.each([
  [{ missing: 0 }, false],
  [{ missing: 50 }, false],
  [{ missing: 51 }, true],
  [{ missing: 51, confirmed: 51 }, false],
  [{ missing: 52, confirmed: 51 }, true],
  [{ missing: 5, known: 6, there: 1 }, false],
  [{ missing: 6, known: 7, there: 1 }, true],
  [{ missing: 100, there: 0, share: 1 }, true],
  [{ missing: 100, there: 3, share: 1 }, false],
  [{ missing: 2, known: 2, there: 0 }, true],
  [{ missing: 1, known: 1, there: 0 }, false],
  [{ missing: 6, share: 0 }, true],
])('%j is too much: %s', (of, expected) => {
  expect(asked(of)).toBe(expected)
})

test('what may go may go on going after it was cut short', () => {
  fc.assert(
    fc.property(
      fc.record({
        missing: fc.nat(200),
        stays: fc.nat(200),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        done: fc.nat(200),
      }),
      ({ missing, stays, share, done }) => {
        const of = { missing, known: missing + stays, there: stays + 1, share, confirmed: 0 }
        fc.pre(!isTooMuch(of) && done <= missing)
        expect(isTooMuch({ ...of, missing: missing - done, known: of.known - done })).toBe(false)
      },
    ),
  )
})
