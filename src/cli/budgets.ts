import type { List } from './api.ts'
import { connected, examples, type AddCommand } from './command-context.ts'
import { jsonLine, line, moment, table } from './terminal.ts'

interface Budget {
  readonly holder: { readonly type: string; readonly id: string }
  readonly window: string
  readonly unit: string
  readonly limit: number
  readonly used: number
  readonly reserved: number
  readonly left: number
  readonly resets_at: number
}

export const addBudgets: AddCommand = (program, deps) => {
  program
    .command('budgets')
    .description('what of each budget is used, and when it starts anew')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', examples('ragstone budgets'))
    .action(async ({ json }: { json?: true }, command) => {
      const { data } = await connected(deps, command, (client) =>
        client.send<List<Budget>>('GET', '/api/budgets'),
      )
      if (json) for (const budget of data) jsonLine(deps.stdout, budget)
      else if (data.length === 0) line(deps.stderr, 'No budget holds here.')
      else table(deps.stdout, HEADINGS, data.map(rowOf))
    })
}

const HEADINGS = ['WHOSE', 'PER', 'OF', 'LIMIT', 'USED', 'RESERVED', 'LEFT', 'STARTS ANEW']

function rowOf(budget: Budget): readonly (number | string)[] {
  const { holder, window, unit, limit, used, reserved, left, resets_at: resetsAt } = budget
  const whose = `${holder.type} ${holder.id}`
  return [whose, window, unit, limit, used, reserved, left, moment(resetsAt)]
}
