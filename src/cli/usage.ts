import { stringify } from 'csv-stringify/sync'
import { connected, examples, type AddCommand } from './command-context.ts'
import { jsonLine, line, table } from './terminal.ts'

interface Amounts {
  readonly calls: number
  readonly input_tokens: number
  readonly cached_tokens: number
  readonly output_tokens: number
  readonly cost: string
  readonly currency: string
}

type Row = Amounts & Readonly<Record<string, number | string | null>>

interface Report {
  readonly data: readonly Row[]
  readonly totals: readonly Amounts[]
}

interface Options {
  readonly by?: string
  readonly since?: string
  readonly until?: string
  readonly allTenants?: true
  readonly csv?: true
  readonly json?: true
}

const AMOUNTS = [
  'calls',
  'input_tokens',
  'cached_tokens',
  'output_tokens',
  'cost',
  'currency',
] as const

export const addUsage: AddCommand = (program, deps) => {
  program
    .command('usage')
    .description('what models were used for, and what it cost')
    .option('--by <groups>', 'day, key, model, purpose, user; several with commas')
    .option('--since <day>', 'like 2026-11-01, UTC (default: the first of this month)')
    .option('--until <day>', 'not counted itself (default: now)')
    .option('--all-tenants', 'of every tenant; for operators')
    .option('--csv', 'as CSV, without totals')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        'ragstone usage --by key,model --since 2026-11-01',
        'ragstone usage --by day --csv > usage.csv',
      ),
    )
    .action(async ({ by, since, until, allTenants, csv, json }: Options, command) => {
      const report = await connected(deps, command, (client) =>
        client.send<Report>('GET', '/api/usage', {
          query: {
            group_by: by?.replaceAll(' ', ''),
            since,
            until,
            tenants: allTenants === true ? 'all' : undefined,
          },
        }),
      )
      const groups = [
        ...(allTenants === true ? ['tenant_id'] : []),
        ...(by === undefined ? [] : by.replaceAll(' ', '').split(',')),
      ]
      if (json) jsonLine(deps.stdout, report)
      else if (csv) deps.stdout.write(csvOf(report, groups))
      else show(report, groups)
    })

  function show({ data, totals }: Report, groups: readonly string[]): void {
    const headings = [...groups, ...AMOUNTS].map((name) => name.replace('_', ' ').toUpperCase())
    const rows = data.map((row) => [
      ...groups.map((group) => row[group] ?? '–'),
      ...AMOUNTS.map((name) => row[name]),
    ])
    const sums = totals.map((total) => [
      ...groups.map((_, place) => (place === 0 ? 'all' : '')),
      ...AMOUNTS.map((name) => total[name]),
    ])
    if (rows.length === 0) line(deps.stderr, 'No model was used in that time.')
    else table(deps.stdout, headings, groups.length === 0 ? sums : [...rows, ...sums])
  }
}

function csvOf({ data }: Report, groups: readonly string[]): string {
  const columns = [...groups, ...AMOUNTS]
  return stringify(
    data.map((row) => columns.map((column) => row[column] ?? '')),
    { header: true, columns },
  )
}
