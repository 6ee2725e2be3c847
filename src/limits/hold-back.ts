import { randomUUID } from 'node:crypto'
import type { Budget } from '../core/budget.ts'
import type { Budgets, Estimate } from '../core/ports/budgets.ts'
import { budgetRefusal } from './budget-refusal.ts'
import { shareOf, warningOf } from './budget-words.ts'
import { createHoldings } from './holdings.ts'
import { estimateCost, type Tariff } from './tariff.ts'
import type { BudgetSettings, ExpectedCall, Work } from './work.ts'

export interface HoldBackDeps {
  readonly budgets: Pick<Budgets, 'extend' | 'reserve'>
  readonly tariff: Tariff
  readonly settings: BudgetSettings
  readonly now?: () => number
}

export interface Held {
  /** To be let go of when the work is done; null where nothing had to be held back, or goes on being held for others. */
  readonly id: string | null
  readonly granted: number
  readonly warnings: readonly string[]
  readonly stop: () => void
}

const NOTHING: Held = { id: null, granted: 0, warnings: [], stop: () => undefined }

/** Holds back what a piece of work may use. Throws `budget_exceeded`. */
export function createHoldBack(deps: HoldBackDeps): (work: Work) => Promise<Held> {
  const { settings, now = Date.now } = deps
  const shortSeconds = Math.min(settings.leaseSeconds, SHORT_SECONDS)
  const holdings = createHoldings({ leaseSeconds: shortSeconds, now })

  return async (work) => {
    const [wanted = []] = work.alternatives
    const free = wanted.every(({ model }) => deps.tariff(model).builtIn)
    if (free || work.budgets.length === 0) return NOTHING
    const last = work.alternatives.length - 1
    const alternatives = work.alternatives.map((calls, place) =>
      estimate(deps, calls, place === last ? 1 : settings.cheaperAt),
    )
    const [first = NO_ESTIMATE] = alternatives
    const keep = (id: string, leaseSeconds: number) =>
      keepAlive(deps, work.tenantId, { id, leaseSeconds })
    const drawn = holdings.draw(work, first)
    if (drawn !== null) return { ...NOTHING, stop: keep(drawn, shortSeconds) }

    const id = randomUUID()
    const many = manyOf(first, work.budgets, settings)
    const leaseSeconds = many.length === 0 ? settings.leaseSeconds : shortSeconds
    const request = {
      id,
      budgets: work.budgets,
      alternatives: [...many, ...alternatives],
      leaseSeconds,
    }
    const { granted, states } = await deps.budgets.reserve(work.tenantId, request)
    if (granted === null) {
      throw budgetRefusal(states, alternatives.at(-1) ?? NO_ESTIMATE, {
        currency: settings.currency,
        now,
      })
    }
    if (granted < many.length) {
      holdings.open(work, { id, first, whole: many[0] ?? NO_ESTIMATE })
      return { ...NOTHING, stop: keep(id, leaseSeconds) }
    }
    const warnings = states.filter((state) => shareOf(state) >= settings.warnAt).map(warningOf)
    return { id, granted: granted - many.length, warnings, stop: keep(id, leaseSeconds) }
  }
}

const NO_ESTIMATE: Estimate = { tokens: 0, cost: 0, below: 1 }
/** Pieces of work that are held back for at once, where that is next to nothing of every budget. */
const MANY = 16
const NEXT_TO_NOTHING = 0.05
/** Above this, exactly what is under way is held back. */
const FAR_FROM_SPENT = 0.5
/** What is held back for work to come is soon free again. */
const SHORT_SECONDS = 60

/** None where it would be more than next to nothing; granted only far below every threshold. */
function manyOf(
  { tokens, cost }: Estimate,
  budgets: readonly Budget[],
  { warnAt, cheaperAt }: BudgetSettings,
): readonly Estimate[] {
  const below = Math.min(FAR_FROM_SPENT, warnAt, cheaperAt) - NEXT_TO_NOTHING
  const many = { tokens: tokens * MANY, cost: cost * MANY, below }
  const isLittle = budgets.every(({ unit, limit }) => many[unit] <= limit * NEXT_TO_NOTHING)
  return below > 0 && isLittle ? [many] : []
}

function estimate(
  { tariff }: Pick<HoldBackDeps, 'tariff'>,
  calls: readonly ExpectedCall[],
  below: number,
): Estimate {
  const charged = calls.filter(({ model }) => !tariff(model).builtIn)
  return {
    tokens: charged.reduce((sum, call) => sum + call.inputTokens + call.outputTokens, 0),
    cost: charged.reduce((sum, call) => {
      const models = [call.model, ...(call.fallbacks ?? [])]
      return sum + Math.max(...models.map((model) => estimateCost(tariff(model), call)))
    }, 0),
    below,
  }
}

/** An answer may take longer than a lease; only a process that died lets one run out. */
function keepAlive(
  { budgets }: Pick<HoldBackDeps, 'budgets'>,
  tenantId: string,
  lease: { readonly id: string; readonly leaseSeconds: number },
): () => void {
  const timer = setInterval(() => {
    // A database that is away for a moment: the next time comes before the lease is over.
    budgets.extend(tenantId, lease).catch(() => undefined)
  }, lease.leaseSeconds * 333)
  timer.unref()
  return () => clearInterval(timer)
}
