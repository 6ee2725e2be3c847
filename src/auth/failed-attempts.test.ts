import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AppError } from '../core/errors.ts'
import { createFailedAttempts, type Attempt } from './failed-attempts.ts'

const OFFICE = '192.0.2.7'
const ELSEWHERE = '198.51.100.1'

function watch(capacity?: number) {
  let now = 0
  const attempts = createFailedAttempts({
    now: () => now,
    ...(capacity === undefined ? {} : { capacity }),
  })
  return {
    ...attempts,
    failTimes: (times: number, attempt: Attempt) => {
      for (let time = 0; time < times; time += 1) attempts.fail(attempt)
    },
    waitOf: (attempt: Attempt): number => {
      try {
        attempts.admit(attempt)
        return 0
      } catch (error) {
        return (error as AppError).retryAfterMs ?? Number.NaN
      }
    },
    pass: (milliseconds: number) => (now += milliseconds),
  }
}

test('three failures cost nothing', () => {
  const { failTimes, waitOf } = watch()
  failTimes(3, { address: OFFICE, account: 'ada' })

  expect(waitOf({ address: OFFICE, account: 'ada' })).toBe(0)
})

test('each failure after that doubles the wait, up to a quarter of an hour', () => {
  const { fail, waitOf } = watch()
  const ada = { address: OFFICE, account: 'ada' }
  const waits = Array.from({ length: 16 }, () => {
    fail(ada)
    return waitOf(ada)
  })

  expect([waits.slice(0, 7), waits.at(-1)]).toEqual([[0, 0, 0, 1e3, 2e3, 4e3, 8e3], 900_000])
})

test('an address that failed at many accounts waits for all of them', () => {
  const { fail, waitOf } = watch()
  for (let each = 0; each < 21; each += 1) fail({ address: OFFICE, account: `user${each}` })

  expect(waitOf({ address: OFFICE, account: 'another' })).toBe(1_000)
})

test('who signed in from an address is not locked out by another one there', () => {
  const { failTimes, succeed, waitOf } = watch()
  succeed({ address: OFFICE, account: 'ada' })
  failTimes(50, { address: OFFICE, account: 'mallory' })

  expect(waitOf({ address: OFFICE, account: 'ada' })).toBe(0)
})

test('what was failed is forgotten with time', () => {
  const { failTimes, fail, pass, waitOf } = watch()
  const ada = { address: OFFICE, account: 'ada' }
  failTimes(5, ada)
  pass(5 * 60_000)
  fail(ada)

  expect(waitOf(ada)).toBe(0)
})

test('neighbours of one IPv6 network are one address', () => {
  const { failTimes, waitOf } = watch()
  failTimes(4, { address: '2001:db8::1', account: 'ada' })

  expect(waitOf({ address: '2001:db8::2', account: 'ada' })).toBe(1_000)
})

test('however often others fail elsewhere, nobody waits here', () => {
  const attempt = fc.record({
    address: fc.constantFrom(OFFICE, '2001:db8::1', '203.0.113.9'),
    account: fc.constantFrom('ada', 'bob', null),
  })
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 200 }), (failures) => {
      const { fail, waitOf } = watch()
      for (const failure of failures) fail(failure)
      expect(waitOf({ address: ELSEWHERE, account: 'ada' })).toBe(0)
    }),
  )
})

test('memory is bounded: the oldest is forgotten', () => {
  const { failTimes, waitOf } = watch(10)
  failTimes(30, { address: OFFICE, account: 'ada' })
  for (let each = 0; each < 10; each += 1)
    failTimes(1, { address: `10.0.0.${each}`, account: null })

  expect(waitOf({ address: OFFICE, account: 'ada' })).toBe(0)
})

test('the local socket never waits', () => {
  const { failTimes, waitOf } = watch()
  failTimes(100, { address: null, account: 'ada' })

  expect(waitOf({ address: null, account: 'ada' })).toBe(0)
})
