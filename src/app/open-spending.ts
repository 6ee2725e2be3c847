import type { Budget } from '../core/budget.ts'
import type { ModelInfo } from '../core/model.ts'
import type { Budgets } from '../core/ports/budgets.ts'
import type { Database } from '../core/ports/database.ts'
import type { Metrics } from '../core/ports/metrics.ts'
import type { Tokenizer } from '../core/ports/embedding-model.ts'
import type { UsageLedger } from '../core/ports/usage-ledger.ts'
import { createSpending, type Spending } from '../limits/spending.ts'
import type { Tariff } from '../limits/tariff.ts'
import { createBudgets } from '../storage/budgets.ts'
import { createUsageLedger } from '../storage/usage-ledger.ts'
import { budgetsOf } from '../tenancy/budgets-of.ts'
import { effectiveLimits, type Tiers } from '../tenancy/effective-limits.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'
import { countSpending } from './count-spending.ts'
import type { Config } from './config.ts'

export interface OpenedSpending {
  readonly budgets: Budgets
  readonly usageLedger: UsageLedger
  readonly spending: Spending
  readonly tariff: Tariff
  /** Of work that no request asks for, as far as its model counts toward any. */
  readonly budgetsOf: (tenantId: string, model: string) => Promise<readonly Budget[]>
}

/** Who pays for models, how much, and where it is written down. */
export function openSpending(
  config: Pick<Config, 'budgets' | 'tenancy'>,
  deps: {
    readonly database: Database
    readonly models: readonly ModelInfo[]
    readonly tokenizer: Tokenizer
    readonly tenantDirectory: TenantDirectory
    readonly tiers: Tiers
    readonly metrics: Pick<Metrics, 'counter'>
  },
): OpenedSpending {
  const { currency } = config.tenancy
  const { database } = deps
  const budgets = createBudgets({ database })
  const usageLedger = createUsageLedger({ database, currency })
  const tariff = createTariff(deps.models)
  return {
    budgets,
    usageLedger,
    tariff,
    spending: createSpending({
      budgets,
      ledger: usageLedger,
      tariff,
      tokenizer: deps.tokenizer,
      settings: { ...config.budgets, currency },
      onSpent: countSpending(deps.metrics, currency),
    }),
    async budgetsOf(tenantId, model) {
      if (tariff(model).builtIn) return []
      const tenant = await deps.tenantDirectory.requireActive(tenantId)
      return budgetsOf({ kind: 'tenant', id: tenantId }, effectiveLimits(deps.tiers, tenant))
    },
  }
}

const BUILT_IN = 'ragstone'

function createTariff(models: readonly ModelInfo[]): Tariff {
  const tariffs = new Map(
    models.map(({ name, ownedBy, price }) => [name, { price, builtIn: ownedBy === BUILT_IN }]),
  )
  // A model that went out of the configuration while its answer was on the way.
  return (model) => tariffs.get(model) ?? { price: null, builtIn: false }
}
