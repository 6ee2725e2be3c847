import { AppError } from '../core/errors.ts'
import type { Transaction } from '../core/ports/database.ts'
import type { Tokenizer } from '../core/ports/embedding-model.ts'
import type { UsageLedger, UsageRecord } from '../core/ports/usage-ledger.ts'
import type { ModelCall } from '../core/usage.ts'
import { createHoldBack, type HoldBackDeps } from './hold-back.ts'
import { createMeter, type Meter } from './meter.ts'
import type { Work } from './work.ts'

export interface SpendingDeps extends HoldBackDeps {
  readonly ledger: Pick<UsageLedger, 'record' | 'recordAlone'>
  readonly tokenizer: Tokenizer
  readonly onSpent?: (calls: readonly ModelCall[]) => void
}

/** What one piece of work uses: metered while it goes on, settled with what came of it. */
export interface Bill {
  /** Place of the alternative that the budgets allow. */
  readonly granted: number
  /** Sentences for the caller: budgets that run low. */
  readonly warnings: readonly string[]
  readonly meter: Meter
  /** Writes the calls down and lets go of what was held back: kept or lost with the transaction. */
  settle(transaction: Transaction): Promise<void>
  /** Where there is no transaction to be part of. */
  settleAlone(): Promise<void>
  /**
   * When the work, or the transaction that was to settle it, has failed with this. A lost connection leaves open whether
   * it was settled: written again it might be there twice, so what was held back runs out by itself then.
   */
  settleAfter(error: unknown): Promise<void>
}

export interface Spending {
  /** Holds back what the work may use. Throws `budget_exceeded`. No round trip where no budget applies, or is near. */
  open(work: Work): Promise<Bill>
}

export function createSpending(deps: SpendingDeps): Spending {
  const holdBack = createHoldBack(deps)
  return {
    async open(work) {
      const meter = createMeter(deps)
      const held = await holdBack(work)
      const record = (): UsageRecord | null => {
        const calls = meter.calls()
        if (calls.length === 0 && held.id === null) return null
        return { account: work.account, calls, reservationId: held.id }
      }
      const write = async (into: (usage: UsageRecord) => Promise<void>): Promise<void> => {
        const usage = record()
        held.stop()
        if (usage === null) return
        await into(usage)
        deps.onSpent?.(usage.calls)
      }
      const settleAlone = () => write((usage) => deps.ledger.recordAlone(work.tenantId, usage))
      return {
        granted: held.granted,
        warnings: held.warnings,
        meter,
        settle: (transaction) => write((usage) => deps.ledger.record(transaction, usage)),
        settleAlone,
        async settleAfter(error) {
          if (!(error instanceof AppError) || error.code !== 'database_unavailable') {
            await settleAlone()
          }
        },
      }
    },
  }
}
