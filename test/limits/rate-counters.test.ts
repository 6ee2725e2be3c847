import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RateScope } from '../../src/core/ports/rate-counters.ts'
import { onEveryRateCounters } from './rate-worlds.ts'

const MINUTE = 60_000
const scope = (limit: number, change: Partial<RateScope> = {}): RateScope => ({
  key: 'key:a:requests',
  limit,
  windowMs: MINUTE,
  penalised: false,
  ...change,
})
/** Some moment of today. */
const START = 1_790_000_000_000

onEveryRateCounters('rate counters', (world) => {
  test('as many as the limit are allowed, and no more', async () => {
    const counters = world.make()
    const decisions = []
    for (let call = 0; call < 5; call += 1) decisions.push(await counters.take([scope(3)]))

    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, false, false])
  })

  test('as many that come at once are allowed as the limit', async () => {
    const counters = world.make()
    const decisions = await Promise.all(
      Array.from({ length: 200 }, () => counters.take([scope(50)])),
    )

    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(50)
  })

  test('each is told what remains', async () => {
    const counters = world.make()
    const remaining = []
    for (let call = 0; call < 3; call += 1) {
      remaining.push((await counters.take([scope(2)])).standings[0]?.remaining)
    }

    expect(remaining).toEqual([1, 0, 0])
  })

  test('what is refused by one scope costs nothing in the others', async () => {
    const counters = world.make()
    const wide = scope(10, { key: 'tenant:t:requests' })
    await counters.take([scope(1), wide])
    await counters.take([scope(1), wide])
    const { standings } = await counters.take([wide])

    expect(standings[0]?.remaining).toBe(8)
  })

  test('only the scope that refuses says how long to wait', async () => {
    const counters = world.make()
    const wide = scope(10, { key: 'tenant:t:requests' })
    await counters.take([scope(1), wide])
    const { standings } = await counters.take([scope(1), wide])

    expect(standings.map(({ waitMs }) => waitMs > 0)).toEqual([true, false])
  })

  test('a limit of nothing refuses everything', async () => {
    expect((await world.make().take([scope(0)])).allowed).toBe(false)
  })

  test('no scope at all refuses nothing', async () => {
    expect(await world.make().take([])).toEqual({ allowed: true, standings: [] })
  })

  test('a limit that was lowered holds at once', async () => {
    const counters = world.make()
    for (let call = 0; call < 5; call += 1) await counters.take([scope(10)])

    expect((await counters.take([scope(5)])).allowed).toBe(false)
  })

  test('several can be taken at once, or none of them', async () => {
    const counters = world.make()
    await counters.take([scope(5)], 3)
    const tooMany = await counters.take([scope(5)], 3)
    const fitting = await counters.take([scope(5)], 2)

    expect([tooMany.allowed, fitting.allowed]).toEqual([false, true])
  })

  test('what is refused is allowed after the wait that it was told', async () => {
    const counters = world.make()
    const short = scope(2, { windowMs: 1_500 })
    await counters.take([short])
    await sleep(300)
    await counters.take([short])
    const { standings } = await counters.take([short])
    await sleep((standings[0]?.waitMs ?? 0) + 5)

    expect((await counters.take([short])).allowed).toBe(true)
  })

  test('the window slides: half of it later, only what is older is free again', async () => {
    let now = START
    const counters = world.make(undefined, () => now)
    await counters.take([scope(4)], 2)
    now += MINUTE / 2
    await counters.take([scope(4)], 2)
    now += MINUTE / 2 + 60
    const decisions = []
    for (let call = 0; call < 3; call += 1) decisions.push(await counters.take([scope(4)]))

    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, false])
  })

  const steps = fc.array(
    fc.record({
      wait: fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 30_000 })),
      cost: fc.integer({ min: 1, max: 4 }),
    }),
    { minLength: 1, maxLength: 60 },
  )

  test('in no window whatever is more taken than the limit, and nothing waits a slot too long', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 12 }), async (calls, limit) => {
        let now = START
        const counters = world.make(undefined, () => now)
        const taken: { readonly at: number; readonly cost: number }[] = []
        const usedSince = (time: number) =>
          taken.reduce((sum, { at, cost }) => sum + (at > time ? cost : 0), 0)
        for (const { wait, cost } of calls) {
          now += wait
          const { allowed } = await counters.take([scope(limit)], cost)
          const exactly = usedSince(now - MINUTE) + cost
          const atMost = usedSince(now - MINUTE - MINUTE / 1_000) + cost
          if (allowed) expect(exactly).toBeLessThanOrEqual(limit)
          else expect(atMost).toBeGreaterThan(limit)
          if (allowed) taken.push({ at: now, cost })
        }
      }),
      { numRuns: 60 },
    )
  })

  test('the wait that is told is the first moment at which it is allowed', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 4, max: 12 }), async (calls, limit) => {
        let now = START
        const counters = world.make(undefined, () => now)
        for (const { wait, cost } of calls) {
          now += wait
          const { allowed, standings } = await counters.take([scope(limit)], cost)
          if (allowed) continue
          now += (standings[0]?.waitMs ?? 0) - 1
          expect((await counters.take([scope(limit)], cost)).allowed).toBe(false)
          now += 1
          expect((await counters.take([scope(limit)], cost)).allowed).toBe(true)
        }
      }),
      { numRuns: 40 },
    )
  })

  const penalty = { baseMs: 1_000, halfLifeMs: 300_000, longestMs: 60_000 }
  const strict = scope(1, { penalised: true, windowMs: 1_000 })

  /** Goes over the limit again as soon as it is let in: the waits it was told. */
  async function violate(times: number, settings = penalty): Promise<number[]> {
    let now = START
    const counters = world.make(settings, () => now)
    const waits: number[] = []
    for (let time = 0; time < times; time += 1) {
      await counters.take([strict])
      const { standings } = await counters.take([strict])
      waits.push(standings[0]?.waitMs ?? 0)
      now += standings[0]?.waitMs ?? 0
    }
    return waits
  }

  test('the first refusal costs no penalty, the next ones ever more, up to the longest', async () => {
    const waits = await violate(12)

    expect(waits[0]).toBeLessThanOrEqual(1_001)
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
    expect(waits.at(-1)).toBe(60_000)
  })

  test('without penalties the wait is that of the window', async () => {
    const waits = await violate(5, { ...penalty, longestMs: 0 })

    expect(Math.max(...waits)).toBeLessThanOrEqual(1_001)
  })

  test('while it is closed nothing passes, and nothing adds to the penalty', async () => {
    let now = START
    const counters = world.make(penalty, () => now)
    for (let call = 0; call < 4; call += 1) await counters.take([strict])
    const { standings: first } = await counters.take([strict])
    const { standings: second } = await counters.take([strict])

    expect(second).toEqual(first)
  })

  test('a penalty that has run out lets in again', async () => {
    let now = START
    const counters = world.make(penalty, () => now)
    for (let call = 0; call < 4; call += 1) await counters.take([strict])
    const { standings } = await counters.take([strict])
    now += standings[0]?.waitMs ?? 0

    expect((await counters.take([strict])).allowed).toBe(true)
  })

  test('who keeps to the limit for long enough begins anew', async () => {
    let now = START
    const counters = world.make(penalty, () => now)
    for (let call = 0; call < 20; call += 1) {
      await counters.take([strict])
      now += 2_000
    }
    for (let call = 0; call < 6; call += 1) {
      await counters.take([strict])
      now += 50
    }
    now += penalty.halfLifeMs * 8 + penalty.longestMs
    await counters.take([strict])
    const { standings } = await counters.take([strict])

    expect(standings[0]?.waitMs).toBeLessThanOrEqual(1_001)
  })

  test('a scope without penalties has none', async () => {
    const counters = world.make({ ...penalty, baseMs: 50_000 })
    const mild = { ...strict, penalised: false }
    for (let call = 0; call < 6; call += 1) await counters.take([mild])

    expect((await counters.take([mild])).standings[0]?.waitMs).toBeLessThanOrEqual(1_001)
  })
})
