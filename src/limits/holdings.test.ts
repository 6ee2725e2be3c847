import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Budget } from '../core/budget.ts'
import { createHoldings } from './holdings.ts'

const LEASE = 60
const budgetOf = (id: string, limit = 1_000): Budget => ({
  holder: { kind: 'key', id },
  window: 'day',
  unit: 'tokens',
  limit,
})
const whoseOf = (id: string, limit?: number) => ({
  tenantId: 'ten_a',
  budgets: [budgetOf(id, limit)],
})

test('never more is drawn than was held back, and nothing after half the lease', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.array(
        fc.record({
          tokens: fc.integer({ min: 0, max: 300 }),
          cost: fc.integer({ min: 0, max: 300 }),
          pause: fc.integer({ min: 0, max: 5_000 }),
        }),
        { maxLength: 40 },
      ),
      (whole, draws) => {
        let moment = 0
        const holdings = createHoldings({ leaseSeconds: LEASE, now: () => moment })
        const whose = whoseOf('key_1')
        const first = { tokens: whole / 10, cost: whole / 10 }
        holdings.open(whose, { id: 'held', whole: { tokens: whole, cost: whole }, first })
        let [tokens, cost] = [first.tokens, first.cost]
        for (const draw of draws) {
          moment += draw.pause
          if (holdings.draw(whose, draw) === null) continue
          tokens += draw.tokens
          cost += draw.cost
          expect(moment).toBeLessThan(LEASE * 500)
        }
        expect(Math.max(tokens, cost)).toBeLessThanOrEqual(whole)
      },
    ),
  )
})

test('what is held for one is not drawn by another, nor after a change of limits', () => {
  const holdings = createHoldings({ leaseSeconds: LEASE, now: () => 0 })
  const amount = { tokens: 1, cost: 0 }
  const whole = { tokens: 100, cost: 100 }
  holdings.open(whoseOf('key_1'), { id: 'held', whole, first: amount })

  expect(holdings.draw(whoseOf('key_1'), amount)).toBe('held')
  expect(holdings.draw(whoseOf('key_2'), amount)).toBeNull()
  expect(holdings.draw(whoseOf('key_1', 999), amount)).toBeNull()
  expect(holdings.draw({ ...whoseOf('key_1'), tenantId: 'ten_b' }, amount)).toBeNull()
})
