import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sumDecimals } from './decimal.ts'

test.each([
  [[], '0'],
  [['0.1', '0.2'], '0.3'],
  [['0.5', '0.5'], '1'],
  [['10', '0.000000000005'], '10.000000000005'],
  [['100', '200'], '300'],
])('%j together are %s', (values, sum) => {
  expect(sumDecimals(values)).toBe(sum)
})

test('sums are exact', () => {
  const units = fc.array(fc.nat())
  fc.assert(
    fc.property(units, (given) => {
      const values = given.map((unit) => {
        const text = String(unit).padStart(5, '0')
        return `${text.slice(0, -4)}.${text.slice(-4)}`
      })
      const sum = given.reduce((total, unit) => total + BigInt(unit), 0n)
      const [whole = '', digits = ''] = sumDecimals(values).split('.')

      expect(BigInt(whole + digits.padEnd(4, '0'))).toBe(sum)
    }),
  )
})
