import fc from 'fast-check'
import { expect, test } from 'vitest'
import { highestLevel } from '../core/ports/rate-counters.ts'
import { levelOf, penaltyMs, raisePenalty, type Penalty } from './penalty.ts'

const settings = fc.record({
  baseMs: fc.integer({ min: 1, max: 10_000 }),
  halfLifeMs: fc.integer({ min: 1, max: 600_000 }),
  longestMs: fc.integer({ min: 1, max: 3_600_000 }),
})
const gaps = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 40 })

test('however often somebody goes over, no penalty is longer than the longest', () => {
  fc.assert(
    fc.property(settings, gaps, (of, times) => {
      let now = 0
      let penalty: Penalty | null = null
      for (const gap of times) {
        now += gap
        penalty = raisePenalty(penalty, now, of)
        expect(penalty.until - now).toBeLessThanOrEqual(of.longestMs)
        expect(penalty.level).toBeLessThanOrEqual(highestLevel(of))
      }
    }),
  )
})

test('a refusal soon after another costs at least as much as one later', () => {
  fc.assert(
    fc.property(settings, fc.nat({ max: 1_000_000 }), fc.nat({ max: 1_000_000 }), (of, a, b) => {
      const first = raisePenalty(raisePenalty(null, 0, of), 0, of)
      const [soon, late] = [Math.min(a, b), Math.max(a, b)]
      const wait = (at: number) => raisePenalty(first, at, of).until - at

      expect(wait(soon)).toBeGreaterThanOrEqual(wait(late))
    }),
  )
})

test('without new refusals a level only falls, by half in every half-life, to nothing', () => {
  fc.assert(
    fc.property(settings, fc.integer({ min: 1, max: 7 }), (of, lives) => {
      const penalty: Penalty = { level: 8, at: 0, until: 0 }

      expect(levelOf(penalty, of.halfLifeMs * lives, of)).toBeCloseTo(8 / 2 ** lives, 9)
      expect(levelOf(penalty, of.halfLifeMs * 8, of)).toBe(0)
    }),
  )
})

test('the first refusal costs nothing', () => {
  fc.assert(
    fc.property(settings, fc.nat(), (of, now) => {
      expect(raisePenalty(null, now, of).until).toBe(now)
    }),
  )
})

test('a level more is a penalty more, until the longest', () => {
  fc.assert(
    fc.property(settings, fc.double({ min: 0, max: 40, noNaN: true }), (of, level) => {
      const longer = penaltyMs(level + 1, of)

      expect(longer).toBeGreaterThanOrEqual(penaltyMs(level, of))
      if (level >= highestLevel(of)) expect(longer).toBe(of.longestMs)
    }),
  )
})
