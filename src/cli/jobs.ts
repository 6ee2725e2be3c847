import type { Client } from './client.ts'
import { connected, examples, type AddCommand } from './command-context.ts'
import { CliError } from './cli-error.ts'
import type { CliDeps } from './deps.ts'
import { showJob, showJobs, showQueue, type Job, type Queue } from './show-jobs.ts'
import { wholeNumber } from './numbers.ts'
import { count, jsonLine, line } from './terminal.ts'

interface ListOptions {
  readonly status?: string
  readonly kind?: string
  readonly error?: string
  readonly store?: string
  readonly limit?: number
  readonly allTenants?: true
  readonly json?: true
}

interface ReplayOptions {
  readonly kind?: string
  readonly error?: string
  readonly store?: string
  readonly all?: true
  readonly json?: true
}

const PAGE = 100

export const addJobs: AddCommand = (program, deps) => {
  const jobs = program
    .command('jobs')
    .description('watch, cancel and replay the work on documents')
    .addHelpText(
      'after',
      examples(
        'ragstone jobs',
        'ragstone jobs list --status dead',
        'ragstone jobs replay --error provider_unavailable',
      ),
    )

  jobs
    .command('status', { isDefault: true })
    .description('how many wait, run and are dead, and who works on them')
    .option('--all-tenants', 'of every tenant, with the workers; for operators')
    .option('--json', 'as JSON')
    .action(async ({ allTenants, json }: ListOptions, command) => {
      const queue = await connected(deps, command, (client) =>
        client.send<Queue>('GET', '/api/queue', { query: { tenants: everyOne(allTenants) } }),
      )
      if (json) jsonLine(deps.stdout, queue)
      else showQueue(deps.stdout, queue)
    })

  jobs
    .command('list')
    .description('list jobs, newest first')
    .option(
      '--status <status>',
      'queued, running, retrying, suspended, completed, dead or cancelled',
    )
    .option('--kind <kind>', 'like ingest-document')
    .option('--error <code>', 'of the last failure')
    .option('--store <id>', 'of this vector store')
    .option('--limit <number>', 'at most so many (default: 20)', wholeNumber(1, 100_000))
    .option('--all-tenants', 'of every tenant; for operators')
    .option('--json', 'one JSON object a line')
    .action(async (options: ListOptions, command) => {
      const found = await connected(deps, command, (client) => list(client, options))
      if (options.json) for (const job of found) jsonLine(deps.stdout, job)
      else if (found.length === 0) line(deps.stderr, 'There is no such job.')
      else showJobs(deps.stdout, found, { tenants: options.allTenants === true })
    })

  jobs
    .command('show <id>')
    .description('show one job: how far it is, when it will be done, why it failed')
    .option('--watch', 'until it is over')
    .option('--json', 'as JSON; with --watch one object for every change')
    .action(async (id: string, options: { watch?: true; json?: true }, command) => {
      await connected(deps, command, async (client) => {
        if (options.watch) return watch(client, id, options.json === true)
        return show(deps, await client.send<Job>('GET', pathOf(id)), options)
      })
    })

  jobs
    .command('cancel <id...>')
    .description('cancel jobs at whatever stage; dead ones are dismissed')
    .option('--json', 'one JSON object a line')
    .action(async (ids: string[], { json }: { json?: true }, command) => {
      await connected(deps, command, async (client) => {
        for (const id of ids) {
          const job = await client.send<Job>('POST', `${pathOf(id)}/cancel`)
          if (json) jsonLine(deps.stdout, job)
          else line(deps.stdout, `${job.id} ${job.status}`)
        }
      })
    })

  jobs
    .command('replay [id...]')
    .description('begin dead jobs anew: those that are named, those of a kind or a reason, or all')
    .option('--kind <kind>', 'dead ones of this kind')
    .option('--error <code>', 'dead ones that failed with this')
    .option('--store <id>', 'dead ones of this vector store')
    .option('--all', 'every dead one')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('ragstone jobs replay job_0123', 'ragstone jobs replay --all'))
    .action(async (ids: string[], options: ReplayOptions, command) => {
      const body = replayOf(ids, options)
      const done = await connected(deps, command, (client) =>
        client.send<{ replayed: number; dismissed: number }>('POST', '/api/jobs/replay', { body }),
      )
      if (options.json) jsonLine(deps.stdout, done)
      else
        line(
          deps.stdout,
          `${count(done.replayed, 'job')} replayed, ${done.dismissed} dismissed because their documents are gone or indexed`,
        )
    })

  async function watch(client: Client, id: string, json: boolean): Promise<void> {
    const events = client.stream('GET', pathOf(id), {
      query: { stream: 'true' },
      signal: deps.signal,
    })
    for await (const { name, data } of events) {
      if (name === 'error') throw new CliError((data as { message: string }).message)
      show(deps, data as Job, json ? { json: true } : {})
    }
  }
}

const pathOf = (id: string) => `/api/jobs/${encodeURIComponent(id)}`
const everyOne = (all: true | undefined) => (all === true ? 'all' : undefined)

function show({ stdout }: CliDeps, job: Job, { json }: { json?: true }): void {
  if (json) jsonLine(stdout, job)
  else showJob(stdout, job)
}

async function list(client: Client, options: ListOptions): Promise<readonly Job[]> {
  const most = options.limit ?? 20
  const found: Job[] = []
  for (;;) {
    const page = await client.send<{ data: readonly Job[]; has_more: boolean }>(
      'GET',
      '/api/jobs',
      {
        query: {
          status: options.status,
          kind: options.kind,
          error_code: options.error,
          vector_store_id: options.store,
          tenants: everyOne(options.allTenants),
          limit: Math.min(PAGE, most - found.length),
          after: found.at(-1)?.id,
        },
      },
    )
    found.push(...page.data)
    if (!page.has_more || found.length >= most) return found
  }
}

function replayOf(ids: readonly string[], { kind, error, store, all }: ReplayOptions): object {
  return {
    ...(ids.length === 0 ? {} : { job_ids: ids }),
    ...(kind === undefined ? {} : { kind }),
    ...(error === undefined ? {} : { error_code: error }),
    ...(store === undefined ? {} : { vector_store_id: store }),
    ...(all === undefined ? {} : { all }),
  }
}
