import { chooseStores, type List, type SearchResult, type Store } from './api.ts'
import type { Client } from './client.ts'
import { collect, connected, examples, type AddCommand } from './command-context.ts'
import { wholeNumber } from './numbers.ts'
import { excerpt, jsonLine, line, paint } from './terminal.ts'

interface Options {
  readonly store?: readonly string[]
  readonly limit: number
  readonly json?: true
}

export const addSearch: AddCommand = (program, deps) => {
  program
    .command('search <query...>')
    .description('find the passages that a question would be answered from')
    .option('--store <name-or-id>', 'look in this store; may be repeated (default: all)', collect)
    .option('--limit <number>', 'how many passages', wholeNumber(1, 50), 10)
    .option('--json', 'one JSON object a line')
    .addHelpText('after', examples('ragstone search "notice period" --store contracts --limit 3'))
    .action(async (words: readonly string[], { store, limit, json }: Options, command) => {
      const results = await connected(deps, command, async (client) => {
        const stores = await chooseStores(client, store ?? [])
        return searchAll(client, stores, { query: words.join(' '), limit, signal: deps.signal })
      })
      if (json) for (const result of results) jsonLine(deps.stdout, result)
      else for (const [index, result] of results.entries()) show(index + 1, result)
      if (results.length === 0) line(deps.stderr, 'Nothing was found.')
    })

  function show(number: number, { filename, score, content, ragstone }: SearchResult): void {
    const page = ragstone.page === null ? '' : `, page ${ragstone.page}`
    const place = `${filename}${page}`
    const at = `bytes ${ragstone.start}–${ragstone.end}, score ${score.toFixed(2)}`
    line(
      deps.stdout,
      `${number}. ${paint(deps.stdout, 'bold', place)} ${paint(deps.stdout, 'dim', at)}`,
    )
    line(deps.stdout, `   ${excerpt(content.map(({ text }) => text).join(' '), 300)}\n`)
  }
}

/** One search a store; scores are in [0, 1] in each, so the best of all are the best of each. */
async function searchAll(
  client: Client,
  stores: readonly Store[],
  search: { readonly query: string; readonly limit: number; readonly signal: AbortSignal },
): Promise<readonly SearchResult[]> {
  const { query, limit, signal } = search
  const pages = await Promise.all(
    stores.map(({ id }) =>
      client.send<List<SearchResult>>('POST', `/v1/vector_stores/${id}/search`, {
        body: { query, max_num_results: limit },
        signal,
      }),
    ),
  )
  return pages
    .flatMap(({ data }) => data)
    .toSorted((left, right) => right.score - left.score)
    .slice(0, limit)
}
