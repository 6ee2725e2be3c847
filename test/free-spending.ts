import type { UsageRecord } from '../src/core/ports/usage-ledger.ts'
import { createSpending, type SpendingDeps } from '../src/limits/spending.ts'

/** Nobody has a budget, nothing has a price, and what would be written down is kept. */
export function createFreeSpending(change: Partial<SpendingDeps> = {}) {
  const records: UsageRecord[] = []
  const tariff: SpendingDeps['tariff'] = (model) => ({
    price: null,
    builtIn: model === 'extractive' || model.startsWith('fake/'),
  })
  const tokenizer = { count: (text: string) => text.split(/\s+/).filter(Boolean).length }
  const spending = createSpending({
    budgets: {
      extend: async () => undefined,
      reserve: async () => ({ granted: 0, states: [] }),
    },
    ledger: {
      record: async (_transaction, record) => void records.push(record),
      recordAlone: async (_tenantId, record) => void records.push(record),
    },
    tariff,
    tokenizer,
    settings: { currency: 'USD', warnAt: 0.8, cheaperAt: 0.9, leaseSeconds: 300 },
    ...change,
  })
  return {
    spending,
    tariff,
    tokenizer,
    records,
    defaultModel: 'fake-model',
    cheaperModel: null,
    fallbacks: [],
  }
}
