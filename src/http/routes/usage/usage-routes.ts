import { usageQuery, usageReport } from '../../../contract/usage.ts'
import { sumDecimals } from '../../../core/decimal.ts'
import type { UsageGroup, UsageQuery, UsageRow } from '../../../core/usage.ts'
import { requireScope } from '../../authorization.ts'
import { invalidValue } from '../../request-error.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { unixSeconds } from '../../unix-seconds.ts'

export function usageRoutes(app: Routes, deps: RouteDeps): void {
  app.get(
    '/api/usage',
    {
      schema: {
        tags: ['Usage'],
        summary: 'What models were used for, and what it cost',
        description:
          'Sums of the usage ledger, exact to the last digit. Rows are in the order of their groups.',
        querystring: usageQuery,
        response: { 200: usageReport },
      },
      config: { scope: 'admin' },
    },
    async ({ principal, query }) => {
      const asked = readQuery(query)
      if (query.tenants === 'all') requireScope(principal, 'operator')
      const tenantIds = query.tenants === 'all' ? await deps.listTenantIds() : [principal.tenantId]
      const rows: { readonly tenantId: string; readonly row: UsageRow }[] = []
      // One after the other: row-level security shows one tenant at a time, to the operator too.
      for (const tenantId of tenantIds) {
        const found = await deps.database.transact(tenantId, (transaction) =>
          deps.usageLedger.report(transaction, asked),
        )
        rows.push(...found.map((row) => ({ tenantId, row })))
      }
      return {
        object: 'usage.report' as const,
        since: unixSeconds(asked.since),
        until: unixSeconds(asked.until),
        data: rows.map(({ tenantId, row }) => ({
          tenant_id: tenantId,
          ...row.group,
          ...wire(row),
        })),
        totals: totalsOf(rows.map(({ row }) => row)),
      }
    },
  )
}

interface Query {
  readonly since?: string
  readonly until?: string
  readonly group_by?: string
}

function readQuery({ since, until, group_by: groupBy }: Query): UsageQuery {
  const now = new Date()
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()))
  const from = readMoment(since, 'since') ?? month
  const to = readMoment(until, 'until') ?? now
  if (from >= to) throw invalidValue('until', "'until' must be later than 'since'.")
  const groups = (groupBy?.split(',') ?? []) as UsageGroup[]
  return { since: from, until: to, groups: [...new Set(groups)] }
}

function readMoment(text: string | undefined, param: string): Date | null {
  if (text === undefined) return null
  const moment = new Date(text)
  const isThere = !Number.isNaN(moment.getTime())
  // The 30th of February would pass for the 2nd of March.
  if (isThere && moment.toISOString().startsWith(text.slice(0, 'YYYY-MM-DD'.length))) return moment
  throw invalidValue(param, `'${param}' is no day of the calendar: write it like 2026-11-01.`)
}

function wire({ calls, inputTokens, cachedTokens, outputTokens, cost, currency }: UsageRow) {
  return {
    calls,
    input_tokens: inputTokens,
    cached_tokens: cachedTokens,
    output_tokens: outputTokens,
    cost,
    currency,
  }
}

function totalsOf(rows: readonly UsageRow[]) {
  const byCurrency = Map.groupBy(rows, ({ currency }) => currency)
  return [...byCurrency].map(([currency, some]) => {
    const sum = (read: (row: UsageRow) => number) =>
      some.reduce((total, row) => total + read(row), 0)
    return wire({
      group: {},
      calls: sum(({ calls }) => calls),
      inputTokens: sum(({ inputTokens }) => inputTokens),
      cachedTokens: sum(({ cachedTokens }) => cachedTokens),
      outputTokens: sum(({ outputTokens }) => outputTokens),
      cost: sumDecimals(some.map(({ cost }) => cost)),
      currency,
    })
  })
}
