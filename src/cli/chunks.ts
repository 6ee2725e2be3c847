import { readFile } from 'node:fs/promises'
import { CliError } from './cli-error.ts'
import { listAll, requireStore } from './api.ts'
import { connected, examples, type AddCommand } from './command-context.ts'
import type { CliDeps } from './deps.ts'
import { excerpt, jsonLine, line, moment, table } from './terminal.ts'

interface Chunk {
  readonly id: string
  readonly filename: string
  readonly ordinal: number
  readonly start: number
  readonly end: number
  readonly page: number | null
  readonly headings: readonly string[]
  readonly text: string
  readonly tokens: number
  readonly enabled: boolean
  readonly edited: boolean
  readonly origin_text: string | null
}

interface ChunkInPlace extends Chunk {
  readonly before: readonly Chunk[]
  readonly after: readonly Chunk[]
}

interface CitingAnswer {
  readonly id: string
  readonly question: string
  readonly created_at: number
  readonly quotes: readonly unknown[]
}

/** What searches find of a document: to be seen, edited and taken out of their sight. */
export const addChunks: AddCommand = (program, deps) => {
  const chunks = program
    .command('chunks')
    .description('list, show, edit, disable and enable the chunks of a document')
    .addHelpText(
      'after',
      examples(
        'ragstone chunks list papers file-…',
        'ragstone chunks show 42 --neighbours 1',
        'ragstone chunks edit 42 --text-file better.txt',
        'ragstone chunks disable 42 43',
      ),
    )

  chunks
    .command('list <store> <file-id>')
    .description('list the chunks of a document, in its order')
    .option('--json', 'one JSON object a line')
    // oxlint-disable-next-line max-params -- as commander hands them over
    .action(async (store: string, fileId: string, { json }: { json?: true }, command) => {
      const all = await connected(deps, command, async (client) => {
        const { id } = await requireStore(client, store)
        const path = `/api/vector_stores/${id}/files/${encodeURIComponent(fileId)}/chunks`
        return Array.fromAsync(listAll<Chunk>(client, path))
      })
      if (json) for (const chunk of all) jsonLine(deps.stdout, chunk)
      else table(deps.stdout, ['ID', 'BYTES', 'PAGE', 'TOKENS', 'STATE', 'TEXT'], all.map(rowOf))
    })

  chunks
    .command('show <chunk-id>')
    .description('show a chunk and its place in the document')
    .option('--neighbours <n>', 'so many chunks on either side', '0')
    .option('--json', 'as JSON')
    .action(async (id: string, options: { neighbours: string; json?: true }, command) => {
      const query = { neighbours: options.neighbours }
      const chunk = await connected(deps, command, (client) =>
        client.send<ChunkInPlace>('GET', pathOf(id), { query }),
      )
      if (options.json) return jsonLine(deps.stdout, chunk)
      for (const each of chunk.before) showText(deps.stdout, each)
      show(deps.stdout, chunk)
      for (const each of chunk.after) showText(deps.stdout, each)
    })

  chunks
    .command('edit <chunk-id>')
    .description('give a chunk another text; citations still quote the document')
    .option('--text <text>', 'the text')
    .option('--text-file <file>', 'a file with the text; - is standard input')
    .option('--restore', 'take the document’s own text again')
    .action(
      async (
        id: string,
        options: { text?: string; textFile?: string; restore?: true },
        command,
      ) => {
        const text = await wantedText(deps, options)
        await connected(deps, command, (client) =>
          change(client, deps.stdout, { id, body: { text } }),
        )
      },
    )

  for (const [verb, description, enabled] of [
    ['disable', 'let no search find a chunk', false],
    ['enable', 'let searches find a chunk again', true],
  ] as const) {
    chunks
      .command(`${verb} <chunk-id...>`)
      .description(description)
      .action(async (ids: readonly string[], _options: object, command) => {
        await connected(deps, command, async (client) => {
          for (const id of ids) await change(client, deps.stdout, { id, body: { enabled } })
        })
      })
  }

  chunks
    .command('answers <chunk-id>')
    .description('list the answers that cited a chunk')
    .option('--json', 'one JSON object a line')
    .action(async (id: string, { json }: { json?: true }, command) => {
      const all = await connected(deps, command, (client) =>
        Array.fromAsync(listAll<CitingAnswer>(client, `${pathOf(id)}/answers`)),
      )
      if (json) for (const answer of all) jsonLine(deps.stdout, answer)
      else table(deps.stdout, ['ANSWER', 'WHEN', 'QUOTES', 'QUESTION'], all.map(answerRow))
    })
}

const pathOf = (id: string) => `/api/chunks/${encodeURIComponent(id)}`

async function wantedText(
  deps: CliDeps,
  { text, textFile, restore }: { text?: string; textFile?: string; restore?: true },
): Promise<string | null> {
  const given = [text, textFile, restore].filter((each) => each !== undefined)
  if (given.length !== 1) throw new CliError('Give one of --text, --text-file and --restore.')
  if (text !== undefined) return text
  if (textFile === undefined) return null
  return textFile === '-' ? deps.readInput() : readFile(textFile, 'utf8')
}

async function change(
  client: { send<Result>(method: 'POST', path: string, call: object): Promise<Result> },
  stdout: CliDeps['stdout'],
  { id, body }: { readonly id: string; readonly body: object },
): Promise<void> {
  const chunk = await client.send<Chunk>('POST', pathOf(id), { body })
  line(stdout, `${id} is ${stateOf(chunk)}`)
}

const stateOf = ({ enabled, edited }: Chunk) =>
  [enabled ? 'enabled' : 'disabled', ...(edited ? ['edited'] : [])].join(', ')

function rowOf(chunk: Chunk): readonly (number | string)[] {
  const { id, start, end, page, tokens, text } = chunk
  return [id, `${start}–${end}`, page ?? '', tokens, stateOf(chunk), excerpt(text, 80)]
}

function answerRow({ id, created_at, quotes, question }: CitingAnswer) {
  return [id, moment(created_at), quotes.length, excerpt(question, 80)]
}

function show(stdout: CliDeps['stdout'], chunk: Chunk): void {
  const { filename, start, end, page, headings, origin_text: origin } = chunk
  const place = [filename, `bytes ${start}–${end}`, ...(page === null ? [] : [`page ${page}`])]
  line(stdout, [...place, ...headings].join(' · '))
  showText(stdout, chunk)
  if (origin !== null) line(stdout, `The document says:\n${origin}\n`)
}

function showText(stdout: CliDeps['stdout'], chunk: Chunk): void {
  line(stdout, `[${chunk.id}] ${stateOf(chunk)}\n${chunk.text}\n`)
}
