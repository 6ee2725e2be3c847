import type { List, Model } from './api.ts'
import { connected, examples, type AddCommand } from './command-context.ts'
import { jsonLine, table } from './terminal.ts'

export const addModels: AddCommand = (program, deps) => {
  program
    .command('models')
    .description('list the models that answers may name')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', examples('ragstone models'))
    .action(async ({ json }: { json?: true }, command) => {
      const { data } = await connected(deps, command, (client) =>
        client.send<List<Model>>('GET', '/v1/models'),
      )
      if (json) for (const model of data) jsonLine(deps.stdout, model)
      else table(deps.stdout, ['MODEL', 'KIND', 'CONTEXT', 'BY'], data.map(rowOf))
    })
}

function rowOf({ id, name, owned_by, ragstone }: Model): readonly (number | string)[] {
  const title = name === undefined ? id : `${id} (${name})`
  return [title, ragstone.kind, ragstone.context_tokens ?? '–', owned_by]
}
