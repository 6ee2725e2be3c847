import type { Database, Transaction } from '../core/ports/database.ts'
import type { ExportedTable, RowPage, RowReader, TenantRows } from '../core/ports/tenant-rows.ts'
import type { Backend } from './backend.ts'
import { DECIDED_TABLES, decisionOn } from './exported-tables.ts'
import { selectRows, type Column } from './row-sql.ts'

/**
 * On a server, all in one transaction that sees the database as it was when it began. An embedded database does nothing
 * else while a transaction is open, and a reader may be slow: there every page is a transaction of its own.
 */
export function createTenantRows({
  backend,
  database,
}: {
  readonly backend: Pick<Backend, 'kind'>
  readonly database: Database
}): TenantRows {
  const leftOut = DECIDED_TABLES.flatMap((name) => {
    const decision = decisionOn(name)
    return typeof decision === 'string' ? [[name, decision] as const] : []
  })
  return {
    leftOut: Object.fromEntries(leftOut),
    refersTo: (tenantId, sha256) =>
      database.transact(tenantId, async (transaction) => {
        const rows = await transaction.query(
          `select from files where tenant_id = $1 and sha256 = $2
           union all select from documents where tenant_id = $1 and text_sha256 = $2 limit 1`,
          [tenantId, sha256],
        )
        return rows.length > 0
      }),
    read: (tenantId, work, signal) =>
      backend.kind === 'pglite'
        ? work(readerOf(false, (ask) => database.transact(tenantId, ask, { signal })))
        : database.transact(
            tenantId,
            (transaction) => work(readerOf(true, (ask) => ask(transaction))),
            {
              signal,
              oneMoment: true,
            },
          ),
  }
}

type Within = <Result>(ask: (transaction: Transaction) => Promise<Result>) => Promise<Result>

function readerOf(isOneMoment: boolean, within: Within): RowReader {
  const columns = new Map<string, readonly Column[]>()
  return {
    isOneMoment,

    async tables() {
      const rows = await within((transaction) =>
        transaction.query<Column & { readonly table: string }>(COLUMNS),
      )
      for (const [table, each] of Map.groupBy(rows, (row) => row.table)) columns.set(table, each)
      return [...columns.keys()].flatMap((name): readonly ExportedTable[] => {
        const decision = decisionOn(name)
        if (decision === undefined || typeof decision === 'string') return []
        const there = new Set(columns.get(name)?.map((column) => column.name))
        const shown = decision.shown.filter((column) => there.has(column))
        return [{ name, columns: shown, withheld: Object.keys(decision.withheld) }]
      })
    },

    async page(table, after, limit): Promise<RowPage> {
      const { text, values } = selectRows(table, columns.get(table.name) ?? [], { after, limit })
      const rows = await within((transaction) =>
        transaction.query<{ line: string; key: readonly string[] }>(text, [
          transaction.tenantId,
          ...values,
        ]),
      )
      const last = rows.at(-1)
      const isEnd = rows.length < limit || last === undefined || last.key.length === 0
      return { lines: rows.map(({ line }) => line), next: isEnd ? null : last.key }
    },

    async texts(after, limit) {
      const rows = await within((transaction) =>
        transaction.query<{ sha256: string }>(
          `select distinct text_sha256 as sha256 from documents
           where tenant_id = $1 and text_sha256 is not null and ($2::text is null or text_sha256 > $2)
           order by text_sha256 limit $3`,
          [transaction.tenantId, after, limit],
        ),
      )
      return rows.map(({ sha256 }) => sha256)
    },
  }
}

/** Of the tables in which there are tenants, partitions left to their parents; `place` in the table's key, from 0. */
const COLUMNS = `
  select c.relname as table, a.attname as name, format_type(a.atttypid, null) as type,
    array_position(k.indkey::int2[], a.attnum) as place
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_index k on k.indrelid = c.oid and k.indisprimary
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  order by c.relname, a.attnum`
