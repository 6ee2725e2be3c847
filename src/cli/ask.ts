import { chooseStores, type Citation } from './api.ts'
import { CliError } from './cli-error.ts'
import type { Client, ServerEvent } from './client.ts'
import { collect, connected, examples, type AddCommand } from './command-context.ts'
import { jsonLine, line, paint } from './terminal.ts'

interface Options {
  readonly store?: readonly string[]
  readonly model?: string
  readonly continue?: string
  readonly json?: true
}

/** What of OpenAI's stream is looked at. */
interface StreamEvent {
  readonly type: string
  readonly delta?: string
  readonly annotation?: Citation
  readonly message?: string
  readonly response?: {
    readonly id: string
    readonly model: string
    readonly error?: { readonly message: string } | null
    readonly ragstone?: { readonly notices: readonly string[] }
  }
}

interface Answered {
  readonly id: string
  readonly model: string
  readonly text: string
  readonly citations: readonly Citation[]
  /** How it was made, where that is worth knowing. */
  readonly notices: readonly string[]
}

export const addAsk: AddCommand = (program, deps) => {
  program
    .command('ask <question...>')
    .description('answer a question from what was loaded, with its sources')
    .option('--store <name-or-id>', 'look in this store; may be repeated (default: all)', collect)
    .option('--model <name>', 'the model that answers (`ragstone models` lists them)')
    .option('--continue <response-id>', 'go on from an earlier answer')
    .option('--json', 'the whole answer as one JSON object')
    .addHelpText(
      'after',
      examples(
        'ragstone ask "What is the notice period?"',
        'ragstone ask --store papers --json "…"',
      ),
    )
    .action(async (words: readonly string[], options: Options, command) => {
      await connected(deps, command, async (client) => {
        const stores = await chooseStores(client, options.store ?? [])
        const write = (text: string) => options.json ?? deps.stdout.write(text)
        const body = requestOf(
          words.join(' '),
          options,
          stores.map(({ id }) => id),
        )
        const events = client.stream('POST', '/v1/responses', { body, signal: deps.signal })
        const answer = await readAnswer(events, write)
        if (options.json) jsonLine(deps.stdout, answer)
        else showSources(answer)
      })
    })

  function showSources({ id, model, citations, notices }: Answered): void {
    line(deps.stdout, '\n')
    const sources = citations.toSorted(
      (left, right) => left.ragstone.number - right.ragstone.number,
    )
    for (const { filename, ragstone } of sources) {
      const { number, page, start, end, quote } = ragstone
      const place = page === null ? filename : `${filename}, page ${page}`
      const at = paint(deps.stdout, 'dim', `bytes ${start}–${end}`)
      line(deps.stdout, `[${number}] ${paint(deps.stdout, 'bold', place)} ${at}`)
      line(deps.stdout, `    “${quote.replace(/\s+/g, ' ').trim()}”`)
    }
    for (const notice of notices) line(deps.stderr, paint(deps.stderr, 'yellow', notice))
    line(deps.stderr, paint(deps.stderr, 'dim', `answered by ${model} as ${id}`))
  }
}

function requestOf(input: string, options: Options, storeIds: readonly string[]): object {
  return {
    input,
    stream: true,
    tools: [{ type: 'file_search', vector_store_ids: storeIds }],
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(options.continue === undefined ? {} : { previous_response_id: options.continue }),
  }
}

async function readAnswer(
  events: ReturnType<Client['stream']>,
  write: (text: string) => unknown,
): Promise<Answered> {
  const answer = { text: '', citations: [] as Citation[] }
  for await (const event of events) {
    const { type, delta, annotation, response } = checked(event)
    if (type === 'response.output_text.delta' && delta !== undefined) {
      answer.text += delta
      write(delta)
    }
    if (type === 'response.output_text.annotation.added' && annotation !== undefined) {
      answer.citations.push(annotation)
    }
    const ended = type === 'response.completed' || type === 'response.incomplete'
    if (ended && response !== undefined) {
      const { id, model, ragstone } = response
      return { id, model, ...answer, notices: ragstone?.notices ?? [] }
    }
  }
  throw new CliError('The answer broke off before its end. Try again.')
}

function checked({ data }: ServerEvent): StreamEvent {
  const event = data as StreamEvent
  if (event.type === 'error' || event.type === 'response.failed') {
    throw new CliError(event.response?.error?.message ?? event.message ?? 'The answer failed.')
  }
  return event
}
