import type { ModelPrice } from '../core/model.ts'
import type { Database } from '../core/ports/database.ts'
import type { UsageLedger, UsageRecord } from '../core/ports/usage-ledger.ts'
import type { UsageGroup, UsageRow } from '../core/usage.ts'
import { holderKey } from './budgets.ts'
import { storableJson } from './storable-json.ts'

export function createUsageLedger({
  database,
  currency,
}: {
  readonly database: Database
  /** Of what has no price. */
  readonly currency: string
}): UsageLedger {
  const valuesOf = (tenantId: string, usage: UsageRecord) => [
    storableJson(toStored(tenantId, usage, currency)),
  ]
  return {
    async record(transaction, usage) {
      transaction.last(RECORD, valuesOf(transaction.tenantId, usage))
    },

    async recordAlone(tenantId, usage) {
      await database.transact(
        tenantId,
        (transaction) => transaction.query(RECORD, valuesOf(tenantId, usage)),
        { oneStatement: true },
      )
    },

    async report(transaction, { since, until, groups }) {
      const columns = groups.map((group) => `${COLUMN[group]} as "group_${group}"`)
      const places = [...groups.map((_, place) => String(place + 1)), 'currency'].join(', ')
      const rows = await transaction.query<StoredRow>(
        `select ${columns.map((column) => `${column}, `).join('')}
           count(*) as calls, sum(input_tokens) as input, sum(cached_tokens) as cached,
           sum(output_tokens) as output, trim_scale(sum(cost))::text as cost, currency
         from usage_ledger
         where tenant_id = $1 and at >= $2 and at < $3
         group by ${places} order by ${places}`,
        [transaction.tenantId, since, until],
      )
      return rows.map((row) => toRow(row, groups))
    },
  }
}

const COLUMN: Readonly<Record<UsageGroup, string>> = {
  day: `to_char(at at time zone 'utc', 'YYYY-MM-DD')`,
  key: 'key_id',
  model: 'model',
  purpose: 'purpose',
  user: 'user_id',
}

// The accounts in the order of their names, as a reservation takes them: nobody waits in a ring.
const RECORD = 'select record_usage($1::jsonb)'

function toStored(
  tenantId: string,
  { account, calls, reservationId }: UsageRecord,
  currency: string,
) {
  const { caller, answerId } = account
  const keyId = caller?.keyId ?? null
  const userId = caller?.userId ?? null
  return {
    request_id: caller?.requestId ?? null,
    answer_id: answerId,
    key_id: keyId,
    user_id: userId,
    reservation_id: reservationId,
    holders: [
      holderKey({ kind: 'tenant', id: tenantId }),
      ...(keyId === null ? [] : [holderKey({ kind: 'key', id: keyId })]),
      ...(userId === null ? [] : [holderKey({ kind: 'user', id: userId })]),
    ],
    calls: calls.map(({ price, ...call }) => ({
      model: call.model,
      purpose: call.purpose,
      input_tokens: call.inputTokens,
      cached_tokens: Math.min(call.cachedTokens, call.inputTokens),
      output_tokens: call.outputTokens,
      estimated: call.estimated,
      ...toStoredPrice(price, currency),
      budgeted: call.budgeted,
      latency_ms: Math.round(call.latencyMs),
    })),
  }
}

function toStoredPrice(price: ModelPrice | null, currency: string) {
  if (price === null) {
    return { input_price: '0', cached_price: '0', output_price: '0', currency, price_as_of: null }
  }
  const { inputPerMillion, cachedInputPerMillion, outputPerMillion } = price
  return {
    // As text, so that PostgreSQL reads the decimal number that was configured.
    input_price: String(inputPerMillion),
    cached_price: String(cachedInputPerMillion ?? inputPerMillion),
    output_price: String(outputPerMillion),
    currency: price.currency,
    price_as_of: price.asOf,
  }
}

type StoredRow = {
  readonly calls: string
  readonly input: string
  readonly cached: string
  readonly output: string
  readonly cost: string
  readonly currency: string
} & Readonly<Partial<Record<`group_${UsageGroup}`, string | null>>>

function toRow(row: StoredRow, groups: readonly UsageGroup[]): UsageRow {
  return {
    group: Object.fromEntries(groups.map((group) => [group, row[`group_${group}`] ?? null])),
    calls: Number(row.calls),
    inputTokens: Number(row.input),
    cachedTokens: Number(row.cached),
    outputTokens: Number(row.output),
    cost: row.cost,
    currency: row.currency,
  }
}
