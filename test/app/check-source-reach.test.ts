import { expect, test } from 'vitest'
import { checkSourceReach } from '../../src/app/check-source-reach.ts'

const check = (allowedHosts: readonly string[], allowedNetworks: readonly string[]) =>
  checkSourceReach({
    sources: { allowedHosts: [...allowedHosts], allowedNetworks: [...allowedNetworks] },
  })

test('nothing inside is open unless it is allowed', () => {
  const { ok, detail, advice } = check([], [])
  expect([ok, detail, advice]).toEqual([
    true,
    'no private network is open: the public internet alone',
    undefined,
  ])
})

test('what is allowed is told by name', () => {
  const { detail, advice } = check(['wiki.corp.example:8443'], ['10.20.0.0/16', '10.30.0.0/16'])
  expect(detail).toContain('10.20.0.0/16, 10.30.0.0/16')
  expect(detail).toContain('wiki.corp.example:8443')
  expect(advice).toBeUndefined()
})

test('what is allowed too widely is warned of, and no failure', () => {
  const { ok, advice } = check(['localhost:8080'], ['0.0.0.0/0', '169.254.0.0/16', '10.0.0.0/8'])
  expect(ok).toBe(true)
  expect(advice).toMatch(/^0\.0\.0\.0\/0 opens every network inside/)
  expect(advice).toContain('169.254.0.0/16 opens addresses where machines of clouds')
  expect(advice).toContain('localhost:8080 opens this machine')
  expect(advice).not.toContain('10.0.0.0/8')
})
