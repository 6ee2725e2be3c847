import type { HttpDeps } from '../../src/http/http-deps.ts'
import { createBudgets } from '../../src/storage/budgets.ts'
import { createFreeSpending } from '../free-spending.ts'
import { createUsageLedger } from '../../src/storage/usage-ledger.ts'
import { createUserBudgetDirectory } from '../../src/tenancy/user-budget-directory.ts'
import { createUserBudgets } from '../../src/storage/user-budgets.ts'

/** Budgets and the ledger on a real database, with models that cost nothing. */
export function moneyOf(database: HttpDeps['database']) {
  const userBudgets = createUserBudgets()
  const budgets = createBudgets({ database })
  const usageLedger = createUsageLedger({ database, currency: 'USD' })
  return {
    userBudgets,
    userBudgetDirectory: createUserBudgetDirectory({ database, userBudgets }),
    budgets,
    usageLedger,
    spending: createFreeSpending({ budgets, ledger: usageLedger }).spending,
  }
}
