import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { UsageLedger } from '../../src/core/ports/usage-ledger.ts'
import type { ModelCall, UsageGroup } from '../../src/core/usage.ts'
import { createUsageLedger } from '../../src/storage/usage-ledger.ts'
import { createBudgets } from '../../src/storage/budgets.ts'
import { onEveryBackend } from './backends.ts'

const EVER = { since: new Date(0), until: new Date('2100-01-01') }
const PRICE = {
  inputPerMillion: 0.15,
  cachedInputPerMillion: 0.075,
  outputPerMillion: 0.6,
  currency: 'USD',
  asOf: '2026-11-01',
}
const CALL: ModelCall = {
  model: 'large',
  purpose: 'answer',
  inputTokens: 1_000,
  cachedTokens: 200,
  outputTokens: 50,
  estimated: false,
  price: PRICE,
  budgeted: true,
  latencyMs: 12.6,
}
const caller = (keyId: string | null = 'key_1', userId: string | null = null) => ({
  keyId,
  userId,
  requestId: 'req_1',
})
const GROUPS: readonly UsageGroup[] = ['day', 'key', 'model', 'purpose', 'user']

onEveryBackend('usage ledger', (world) => {
  let ledger: UsageLedger
  beforeAll(() => {
    ledger = createUsageLedger({ database: world.database, currency: 'USD' })
  })
  const record = (tenant: string, calls: readonly ModelCall[], by = caller()) =>
    ledger.recordAlone(tenant, {
      account: { caller: by, answerId: 'resp_1' },
      calls,
      reservationId: null,
    })
  const report = (tenant: string, groups: readonly UsageGroup[] = []) =>
    world.database.transact(tenant, (transaction) =>
      ledger.report(transaction, { ...EVER, groups }),
    )

  test('a call is a row, with its exact cost', async () => {
    const tenant = await world.newTenant()
    await record(tenant, [CALL])

    const rows = await world.database.transact(tenant, (transaction) =>
      transaction.query('select * from usage_ledger where tenant_id = $1', [tenant]),
    )

    expect(rows).toEqual([
      {
        tenant_id: tenant,
        sequence: expect.any(Number),
        at: expect.any(Date),
        request_id: 'req_1',
        answer_id: 'resp_1',
        key_id: 'key_1',
        user_id: null,
        model: 'large',
        purpose: 'answer',
        input_tokens: 1000,
        cached_tokens: 200,
        output_tokens: 50,
        estimated: false,
        // 800 × 0.15 + 200 × 0.075 + 50 × 0.6, a million times too much
        cost: '0.000165',
        currency: 'USD',
        price_as_of: expect.any(Date),
        budgeted: true,
        latency_ms: 13,
      },
    ])
  })

  test('neither the transaction that is rolled back nor its rows are kept', async () => {
    const tenant = await world.newTenant()

    await expect(
      world.database.transact(tenant, async (transaction) => {
        await ledger.record(transaction, {
          account: { caller: caller(), answerId: null },
          calls: [CALL],
          reservationId: null,
        })
        throw new Error('The answer could not be kept.')
      }),
    ).rejects.toThrow('could not be kept')

    expect(await report(tenant)).toEqual([])
  })

  test.each([
    'update usage_ledger set cost = 0',
    'delete from usage_ledger',
    'truncate usage_ledger',
  ])('the role of the application may not %s', async (statement) => {
    const tenant = await world.newTenant()
    await record(tenant, [CALL])

    await expect(
      world.database.transact(tenant, (transaction) => transaction.query(statement)),
    ).rejects.toThrow('permission denied')
  })

  test('one tenant sees nothing of another', async () => {
    const [mine, others] = [await world.newTenant(), await world.newTenant()]
    await record(others, [CALL])

    expect(await report(mine)).toEqual([])
  })

  test('a recording alone is one round trip, and none as part of a transaction', async () => {
    const tenant = await world.newTenant()
    const usage = {
      account: { caller: caller(), answerId: null },
      calls: [CALL, CALL],
      reservationId: null,
    }
    world.takeStatements()
    await ledger.recordAlone(tenant, usage)
    const alone = world.takeStatements()
    await world.database.transact(tenant, async (transaction) => {
      await transaction.query('select 1')
      await ledger.record(transaction, usage)
    })

    expect(alone).toHaveLength(1)
    expect(world.takeStatements()).toHaveLength(3)
  })

  test('whatever is recorded, the report is the sum of the ledger to the last digit', async () => {
    const money = fc.integer({ min: 0, max: 10_000_000 }).map((units) => units / 100_000)
    const call = fc.record({
      model: fc.constantFrom('large', 'small', 'tiny'),
      purpose: fc.constantFrom('answer', 'rewrite', 'embed_question') as fc.Arbitrary<
        ModelCall['purpose']
      >,
      inputTokens: fc.nat(200_000),
      outputTokens: fc.nat(20_000),
      input: money,
      output: money,
      keyId: fc.constantFrom('key_1', 'key_2', null),
      userId: fc.constantFrom('user_1', null),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 12 }),
        fc.subarray([...GROUPS]),
        async (calls, groups) => {
          const tenant = await world.newTenant()
          await Promise.all(
            calls.map(({ keyId, userId, input, output, ...each }) =>
              record(
                tenant,
                [
                  {
                    ...CALL,
                    ...each,
                    cachedTokens: 0,
                    price: { ...PRICE, inputPerMillion: input, outputPerMillion: output },
                  },
                ],
                caller(keyId, userId),
              ),
            ),
          )
          const rows = await report(tenant, groups)

          // Prices have five digits, so that a cost is a whole number of 1e-11.
          const exact = calls.reduce(
            (sum, { input, output, inputTokens, outputTokens }) =>
              sum +
              BigInt(inputTokens) * BigInt(Math.round(input * 1e5)) +
              BigInt(outputTokens) * BigInt(Math.round(output * 1e5)),
            0n,
          )
          expect(rows.reduce((sum, { cost }) => sum + units(cost), 0n)).toBe(exact)
          expect(rows.reduce((sum, row) => sum + row.calls, 0)).toBe(calls.length)
          expect(rows.reduce((sum, row) => sum + row.inputTokens, 0)).toBe(
            calls.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
          )
          expect(units(await accountOf(tenant))).toBe(exact)
        },
      ),
      { numRuns: 15 },
    )
  })

  /** What the tenant's budgets go by. */
  async function accountOf(tenant: string): Promise<string> {
    const budget = {
      holder: { kind: 'tenant', id: tenant },
      window: 'month',
      unit: 'cost',
      limit: 1,
    } as const
    const budgets = createBudgets({ database: world.database })
    const [state] = await world.database.transact(tenant, (transaction) =>
      budgets.states(transaction, [budget]),
    )
    return state?.used ?? ''
  }
})

/** Of 1e-11. */
function units(cost: string): bigint {
  const [whole = '0', digits = ''] = cost.split('.')
  return BigInt(whole + digits.padEnd(11, '0'))
}
