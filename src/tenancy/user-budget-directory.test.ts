import { expect, test } from 'vitest'
import type { BudgetLimits } from '../core/budget.ts'
import type { Database } from '../core/ports/database.ts'
import { createUserBudgetDirectory } from './user-budget-directory.ts'

function people(limits: Readonly<Record<string, BudgetLimits>>) {
  let known = limits
  let now = 0
  let lookups = 0
  const database: Database = {
    transact: (tenantId, work) => work({ tenantId, query: async () => [], last: () => undefined }),
  }
  const list = async () => {
    lookups += 1
    return new Map(Object.entries(known))
  }
  return {
    directory: createUserBudgetDirectory({ database, userBudgets: { list }, now: () => now }),
    change: (changed: Readonly<Record<string, BudgetLimits>>) => (known = changed),
    pass: (milliseconds: number) => (now += milliseconds),
    lookups: () => lookups,
  }
}

test('who is named has that budget, and everybody else the one at `*`', async () => {
  const { directory } = people({ user_1: { tokensPerDay: 1 }, '*': { tokensPerDay: 9 } })

  expect([
    await directory.find('ten_1', 'user_1'),
    await directory.find('ten_1', 'user_2'),
  ]).toEqual([{ tokensPerDay: 1 }, { tokensPerDay: 9 }])
})

test('the budgets of a tenant are looked up once in five seconds, for all its people', async () => {
  const { directory, pass, lookups } = people({})
  await directory.find('ten_1', 'user_1')
  pass(4_999)
  await directory.find('ten_1', 'user_2')

  expect(lookups()).toBe(1)
})

test('a budget that was changed on another server holds within five seconds', async () => {
  const { directory, change, pass } = people({ user_1: { tokensPerDay: 1 } })
  await directory.find('ten_1', 'user_1')
  change({ user_1: { tokensPerDay: 2 } })
  pass(5_000)

  expect(await directory.find('ten_1', 'user_1')).toEqual({ tokensPerDay: 2 })
})

test('one that was changed here holds at once', async () => {
  const { directory, change } = people({ user_1: { tokensPerDay: 1 } })
  await directory.find('ten_1', 'user_1')
  change({})
  directory.forget('ten_1')

  expect(await directory.find('ten_1', 'user_1')).toEqual({})
})
