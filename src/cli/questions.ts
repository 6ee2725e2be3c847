import { listAll, requireStore } from './api.ts'
import { CliError, EXIT } from './cli-error.ts'
import type { Client } from './client.ts'
import { collect, connected, examples, type AddCommand } from './command-context.ts'
import { importQuestions, type AddedCounts } from './import-questions.ts'
import { count, excerpt, jsonLine, line, table } from './terminal.ts'

interface Json {
  readonly json?: true
}

interface GoldenQuestion {
  readonly id: string
  readonly question: string
  readonly expected: readonly { readonly file: string; readonly quote: string | null }[]
}

interface AddedQuestions extends AddedCounts {
  readonly data: readonly GoldenQuestion[]
}

const NEXT =
  'With a migration under way, `ragstone embeddings compare` asks the golden questions of both models.'

/** What a vector store is judged by. */
export const addQuestions: AddCommand = (program, deps) => {
  const questions = program
    .command('questions')
    .description('golden questions: what a vector store is judged by when models are compared')
    .addHelpText(
      'after',
      examples(
        'ragstone questions add papers "How many days of leave?" --file handbook.md --quote "thirty days"',
        'ragstone questions import papers golden.jsonl',
        'ragstone questions list papers --json > golden.jsonl',
      ),
    )

  questions
    .command('list <store>')
    .description('list the golden questions of a vector store, newest first')
    .option('--json', 'one JSON object a line, as import reads it')
    .action(async (store: string, { json }: Json, command) => {
      const all = await connected(deps, command, async (client) =>
        Array.fromAsync(listAll<GoldenQuestion>(client, await pathOf(client, store))),
      )
      if (json) for (const each of all) jsonLine(deps.stdout, each)
      else if (all.length === 0)
        line(
          deps.stderr,
          'There are none. Add one with `ragstone questions add <store> <question> --file <name>`.',
        )
      else table(deps.stdout, ['ID', 'EXPECTED IN', 'QUESTION'], all.map(rowOf))
    })

  questions
    .command('add <store> <question>')
    .description('add a golden question; one that is there already expects this from here on')
    .option('--file <name-or-id>', 'a file that answers it; may be repeated', collect)
    .option('--quote <words>', 'the words of that one file that answer it')
    .option('--json', 'as JSON')
    .action(
      // oxlint-disable-next-line max-params -- as commander has it
      async (
        store: string,
        question: string,
        options: Json & { file?: readonly string[]; quote?: string },
        command,
      ) => {
        const body = { questions: [{ question, expected: expectedOf(options) }] }
        const { data, replaced } = await connected(deps, command, async (client) =>
          client.send<AddedQuestions>('POST', await pathOf(client, store), { body }),
        )
        const [kept] = data
        if (options.json) return jsonLine(deps.stdout, kept)
        line(deps.stdout, kept?.id ?? '')
        if (replaced > 0) line(deps.stderr, 'It was there; what is expected has been replaced.')
        line(deps.stderr, NEXT)
      },
    )

  questions
    .command('import <store> <file>')
    .description(
      'add golden questions from JSON lines, such as `embeddings compare --questions` reads; - is standard input',
    )
    .option('--json', 'as JSON')
    // oxlint-disable-next-line max-params -- as commander has it
    .action(async (store: string, file: string, { json }: Json, command) => {
      const { added, replaced } = await connected(deps, command, async (client) =>
        importQuestions(deps, client, { path: await pathOf(client, store), file }),
      )
      if (json) return jsonLine(deps.stdout, { added, replaced })
      line(deps.stdout, `${count(added, 'golden question')} added, ${replaced} replaced`)
      line(deps.stderr, NEXT)
    })

  questions
    .command('remove <store> <id...>')
    .description('remove golden questions')
    .option('--json', 'one JSON object a line')
    // oxlint-disable-next-line max-params -- as commander has it
    .action(async (store: string, ids: readonly string[], { json }: Json, command) => {
      await connected(deps, command, async (client) => {
        const path = await pathOf(client, store)
        for (const id of ids) {
          const gone = await client.send('DELETE', `${path}/${encodeURIComponent(id)}`)
          if (json) jsonLine(deps.stdout, gone)
          else line(deps.stdout, `removed ${id}`)
        }
      })
    })
}

async function pathOf(client: Client, store: string): Promise<string> {
  const { id } = await requireStore(client, store)
  return `/api/vector_stores/${encodeURIComponent(id)}/golden_questions`
}

function expectedOf({
  file: files = [],
  quote,
}: {
  readonly file?: readonly string[]
  readonly quote?: string
}): readonly object[] {
  if (quote === undefined) return files.map((file) => ({ file }))
  const [file] = files
  if (files.length === 1) return [{ file, quote }]
  throw new CliError('--quote needs one --file, whose words it is.', EXIT.usage)
}

function rowOf({ id, expected, question }: GoldenQuestion): readonly string[] {
  const files = [...new Set(expected.map(({ file }) => file))].join(', ')
  return [id, excerpt(files, 40), excerpt(question, 80)]
}
