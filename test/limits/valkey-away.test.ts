import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openCounting, type Counting } from '../../src/app/open-limits.ts'
import type { RateScope } from '../../src/core/ports/rate-counters.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { describeWithOwnValkey, startValkey, type OwnValkey } from '../valkey-server.ts'
import { NO_RATES } from '../no-rates.ts'

const SETTINGS = {
  ...NO_RATES,
  address: { ...NO_RATES.address, strangerRequestsPerMinute: 300 },
  penalty: { baseSeconds: 1, halfLifeSeconds: 60, longestSeconds: 0 },
}
const scope = (limit: number): RateScope => ({
  key: 'key:a',
  limit,
  windowMs: 60_000,
  penalised: false,
})

describeWithOwnValkey('when Valkey goes away', () => {
  let valkey: OwnValkey
  let counting: Counting
  const metrics = createMetrics()
  const open = () =>
    openCounting(
      { limits: SETTINGS, valkey: { url: valkey.url, prefix: 'test:' } },
      { logger: pino({ level: 'silent' }), metrics },
    )
  const takeTimes = async (times: number, limit: number) => {
    const decisions = []
    for (let call = 0; call < times; call += 1) {
      decisions.push((await counting.rateCounters.take([scope(limit)])).allowed)
    }
    return decisions.filter(Boolean).length
  }

  beforeEach(async () => {
    valkey = await startValkey()
    counting = await open()
  })
  afterEach(async () => {
    counting.close()
    await valkey.kill()
  })

  test('limits go on in this process, from what it had counted', async () => {
    const before = await takeTimes(6, 10)
    await valkey.kill()
    const after = await takeTimes(20, 10)

    expect([before, after]).toEqual([6, 4])
  })

  test('it is known before anybody calls', async () => {
    await valkey.kill()

    await expect.poll(() => counting.valkey?.isThere).toBe(false)
    expect(await metrics.read()).toContain('ragstone_valkey_up 0')
  })

  test('one that answers nobody is not waited for either', async () => {
    await takeTimes(1, 10)
    valkey.freeze()
    const allowed = await takeTimes(3, 10)
    valkey.thaw()

    expect([allowed, counting.valkey?.isThere]).toEqual([3, false])
  })

  test('calls that are under way are answered', async () => {
    valkey.freeze()
    const calls = Array.from({ length: 50 }, () => counting.rateCounters.take([scope(20)]))
    await valkey.kill()
    const decisions = await Promise.all(calls)

    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(20)
  })

  test('it is shared again by itself once Valkey is back', async () => {
    await valkey.kill()
    await expect.poll(() => counting.valkey?.isThere).toBe(false)
    await valkey.restart()
    await expect.poll(() => counting.valkey?.isThere).toBe(true)
    const other = await open()
    await takeTimes(7, 10)
    const { standings } = await other.rateCounters.take([scope(10)])
    other.close()

    expect(standings[0]?.remaining).toBe(2)
  })

  test('a server that starts without it is up, and shares once it is there', async () => {
    await valkey.kill()
    const early = await open()
    const { allowed } = await early.rateCounters.take([scope(1)])
    await valkey.restart()
    await expect.poll(() => early.valkey?.isThere).toBe(true)
    early.close()

    expect(allowed).toBe(true)
  })
})
