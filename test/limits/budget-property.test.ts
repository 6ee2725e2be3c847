import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { Budget } from '../../src/core/budget.ts'
import { AppError } from '../../src/core/errors.ts'
import { createSpending, type Spending } from '../../src/limits/spending.ts'
import { createBudgets } from '../../src/storage/budgets.ts'
import { createUsageLedger } from '../../src/storage/usage-ledger.ts'
import { onEveryBackend } from '../storage/backends.ts'

const CALLERS = 64
/** Of a budget by each reservation, and of those no more than fit into half of it. */
const HELD_AT_MOST = 0.5
const PRICE = { inputPerMillion: 1, outputPerMillion: 1, currency: 'USD', asOf: '2026-11-01' }

interface Ask {
  /** Held back. */
  readonly expected: number
  /** What it comes to. */
  readonly used: number
  readonly key: string
  readonly user: string | null
}

onEveryBackend('budgets under 64 callers at once', (world) => {
  let spendings: readonly Spending[]
  /** Reservations that were asked for. */
  let count = 0
  beforeAll(() => {
    // Two, as two server processes on one database would have.
    spendings = [openSpending(), openSpending()]
  })

  test('no budget is ever overspent where nothing uses more than was held back', async () => {
    await fc.assert(
      fc.asyncProperty(limits(), asks({ over: 0 }), async (limit, wishes) => {
        const tenant = await world.newTenant()
        const { used, refused } = await askAll(tenant, limit, wishes)

        for (const [holder, tokens] of used)
          expect([holder, tokens <= limit[kindOf(holder)]]).toEqual([holder, true])
        for (const error of refused) expect(error).toMatchObject({ code: 'budget_exceeded' })
        for (const [holder, tokens] of await held(tenant))
          expect([holder, tokens <= HELD_AT_MOST * limit[kindOf(holder)]]).toEqual([holder, true])
      }),
      { numRuns: world.kind === 'pglite' ? 6 : 12 },
    )
  })

  test('what uses more than was held back overspends by its own excess at the most', async () => {
    await fc.assert(
      fc.asyncProperty(limits(), asks({ over: 400 }), async (limit, wishes) => {
        const tenant = await world.newTenant()
        const { used, mostExcess } = await askAll(tenant, limit, wishes)

        for (const [holder, tokens] of used) {
          expect(tokens).toBeLessThanOrEqual(limit[kindOf(holder)] + mostExcess(holder))
        }
      }),
      { numRuns: world.kind === 'pglite' ? 6 : 12 },
    )
  })

  test('a budget that has room for so many lets exactly so many through', async () => {
    const tenant = await world.newTenant()
    const wishes = Array.from({ length: CALLERS }, () => ({
      expected: 100,
      used: 100,
      key: 'key_1',
      user: null,
    }))
    const { used, refused } = await askAll(
      tenant,
      { tenant: 3_000, key: 10_000, user: 10_000 },
      wishes,
    )

    expect(refused).toHaveLength(CALLERS - 30)
    expect(used.get(`tenant:${tenant}`)).toBe(3_000)
    expect(await held(tenant)).toEqual([])
  })

  test('where a budget is far from spent, one round trip is enough for many', async () => {
    const tenant = await world.newTenant()
    const asked = count
    const wishes = Array.from({ length: 2 * CALLERS }, () => ({
      expected: 100,
      used: 100,
      key: 'key_1',
      user: null,
    }))
    for (const wish of wishes) await askAll(tenant, { tenant: 1e6, key: 1e6, user: 1e6 }, [wish])

    // Sixteen each, or one less where the cost of the last is rounded up.
    expect(count - asked).toBeLessThanOrEqual(Math.ceil((2 * CALLERS) / 15))
  })

  function openSpending(): Spending {
    const { database } = world
    const budgets = createBudgets({ database })
    return createSpending({
      budgets: {
        ...budgets,
        reserve(...asked) {
          count += 1
          return budgets.reserve(...asked)
        },
      },
      ledger: createUsageLedger({ database, currency: 'USD' }),
      tariff: () => ({ price: PRICE, builtIn: false }),
      tokenizer: { count: (text) => text.length },
      settings: { currency: 'USD', warnAt: 0.8, cheaperAt: 0.9, leaseSeconds: 60 },
    })
  }

  async function askAll(
    tenantId: string,
    limit: Readonly<Record<'key' | 'tenant' | 'user', number>>,
    wishes: readonly Ask[],
  ) {
    const used = new Map<string, number>()
    const excess = new Map<string, number>()
    const refused: unknown[] = []
    const add = (map: Map<string, number>, holder: string, tokens: number) =>
      map.set(holder, (map.get(holder) ?? 0) + tokens)
    await Promise.all(
      wishes.map(async (wish, place) => {
        const spending = spendings[place % spendings.length]
        if (spending === undefined) throw new Error('There is no process to ask.')
        const holders = [
          { kind: 'tenant', id: tenantId } as const,
          { kind: 'key', id: wish.key } as const,
          ...(wish.user === null ? [] : [{ kind: 'user', id: wish.user } as const]),
        ]
        const budgets = holders.flatMap((holder): Budget[] => [
          { holder, window: 'day', unit: 'tokens', limit: limit[holder.kind] },
          { holder, window: 'month', unit: 'cost', limit: limit[holder.kind] / 1e6 },
        ])
        try {
          const bill = await spending.open({
            tenantId,
            account: {
              caller: { keyId: wish.key, userId: wish.user, requestId: `req_${place}` },
              answerId: null,
            },
            budgets,
            alternatives: [[{ model: 'm', inputTokens: wish.expected, outputTokens: 0 }]],
          })
          await turn()
          bill.meter.note('m', { inputTokens: wish.used, outputTokens: 0 }, 1)
          await bill.settleAlone()
          for (const { kind, id } of holders) {
            add(used, `${kind}:${id}`, wish.used)
            add(excess, `${kind}:${id}`, Math.max(0, wish.used - wish.expected))
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          refused.push(error)
        }
      }),
    )
    return { used, refused, mostExcess: (holder: string) => excess.get(holder) ?? 0 }
  }

  /** For work to come. */
  async function held(tenant: string): Promise<readonly (readonly [string, number])[]> {
    const { rows } = await world.backend.pool.query<{ holder: string; tokens: string }>(
      'select holder, sum(tokens) as tokens from budget_reservations where tenant_id = $1 group by holder',
      [tenant],
    )
    return rows.map(({ holder, tokens }) => [holder, Number(tokens)])
  }
})

function limits() {
  const limit = fc.integer({ min: 200, max: 20_000 })
  return fc.record({ tenant: limit, key: limit, user: limit })
}

function asks({ over }: { readonly over: number }) {
  return fc.array(
    fc
      .record({
        expected: fc.integer({ min: 1, max: 900 }),
        change: fc.integer({ min: -900, max: over }),
        key: fc.constantFrom('key_1', 'key_2', 'key_3'),
        user: fc.constantFrom('user_1', 'user_2', null),
      })
      .map(({ expected, change, key, user }): Ask => ({
        expected,
        used: Math.max(0, expected + change),
        key,
        user,
      })),
    { minLength: CALLERS, maxLength: CALLERS },
  )
}

function kindOf(holder: string): 'key' | 'tenant' | 'user' {
  const [kind] = holder.split(':')
  return kind === 'tenant' || kind === 'user' ? kind : 'key'
}
