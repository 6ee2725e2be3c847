import { setTimeout as sleep } from 'node:timers/promises'
import { listAll, requireStore, createStore, findStore } from './api.ts'
import { CliError, EXIT } from './cli-error.ts'
import type { Client } from './client.ts'
import { collect, connected, examples, type AddCommand } from './command-context.ts'
import { readCredentials, readSchedule, settingsOf, type SettingOptions } from './source-options.ts'
import {
  showSource,
  showSources,
  showSync,
  summary,
  type Source,
  type Sync,
  type SyncDocument,
} from './show-sources.ts'
import { jsonLine, line } from './terminal.ts'

interface Json {
  readonly json?: true
}

const EVERY_MS = 500
const ENDED = ['cancelled', 'completed', 'failed', 'held']

export const addSources: AddCommand = (program, deps) => {
  const sources = program
    .command('sources')
    .description(
      'where documents come from by themselves: folders, web sites, buckets, repositories',
    )
    .addHelpText(
      'after',
      examples(
        'ragstone sources add papers folder --set path=/srv/papers --every 1h',
        'ragstone sources sync src_0123 --dry-run',
        'ragstone sources show src_0123',
      ),
    )

  const withSettings = (command: ReturnType<typeof sources.command>) =>
    command
      .option('--set <name=value>', 'a setting of its kind, JSON or text; may be repeated', collect)
      .option('--credentials <file>', 'a JSON file with its credentials; - reads standard input')
      .option('--every <duration>', 'sync it so often: 15m, 6h, 1d')
      .option('--cron <expression>', 'sync it at these times, like "0 3 * * 1-5"')
      .option('--time-zone <name>', 'of --cron (default: UTC)')
      .option('--ask-above <share>', 'ask before deleting a larger share of its documents', Number)
      .option('--json', 'as JSON')

  withSettings(
    sources
      .command('add <store> <kind>')
      .description(
        'add a source to a vector store, which is made where there is none of that name',
      ),
  )
    .option('--name <name>', 'of the source (default: its kind)')
    .option('--paused', 'sync it by hand alone')
    .action(
      // oxlint-disable-next-line max-params -- as commander has it
      async (
        store: string,
        kind: string,
        options: Json & SettingOptions & { name?: string; paused?: true },
        command,
      ) => {
        const body = {
          name: options.name ?? kind,
          kind,
          schedule: readSchedule(options) ?? null,
          ...(await readCredentials(deps, options)),
          ...(options.askAbove === undefined ? {} : { delete_share: options.askAbove }),
          ...(options.paused ? { paused: true } : {}),
        }
        const made = await connected(deps, command, async (client) => {
          const into = (await findStore(client, store)) ?? (await createStore(client, store))
          const settings = await settingsOf(client, kind, options.set ?? [])
          return client.send<Source>('POST', '/api/sources', {
            body: { ...body, settings, vector_store_id: into.id },
          })
        })
        if (options.json) return jsonLine(deps.stdout, made)
        line(deps.stdout, made.id)
        if (made.schedule === null && !made.watched)
          line(deps.stderr, `Sync it with: ragstone sources sync ${made.id}`)
        else line(deps.stderr, `It is being synced: ragstone sources show ${made.id}`)
      },
    )

  sources
    .command('list', { isDefault: true })
    .description('list the sources')
    .option('--store <name-or-id>', 'of this vector store')
    .option('--json', 'one JSON object a line')
    .action(async ({ store, json }: Json & { store?: string }, command) => {
      const all = await connected(deps, command, async (client) => {
        const of = store === undefined ? undefined : (await requireStore(client, store)).id
        const every = await Array.fromAsync(listAll<Source>(client, '/api/sources'))
        return every.filter(({ vector_store_id: id }) => of === undefined || id === of)
      })
      if (json) for (const source of all) jsonLine(deps.stdout, source)
      else if (all.length === 0)
        line(deps.stderr, 'There are none. Add one with `ragstone sources add <store> <kind>`.')
      else showSources(deps.stdout, all)
    })

  sources
    .command('show <id>')
    .description('show a source and its last sync')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: Json, command) => {
      const source = await connected(deps, command, (client) =>
        client.send<Source>('GET', pathOf(id)),
      )
      if (json) jsonLine(deps.stdout, source)
      else showSource(deps.stdout, source)
    })

  withSettings(
    sources
      .command('update <id>')
      .description('change a source; settings that are set take the place of all before them'),
  )
    .option('--name <name>', 'its new name')
    .option('--no-schedule', 'sync it when asked to, or when it tells of changes')
    .action(
      async (
        id: string,
        options: Json & SettingOptions & { name?: string; schedule: boolean },
        command,
      ) => {
        const schedule = options.schedule ? readSchedule(options) : null
        const body = {
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(schedule === undefined ? {} : { schedule }),
          ...(await readCredentials(deps, options)),
          ...(options.askAbove === undefined ? {} : { delete_share: options.askAbove }),
        }
        const changed = await connected(deps, command, async (client) => {
          if (options.set === undefined) return client.send<Source>('POST', pathOf(id), { body })
          const { kind } = await client.send<Source>('GET', pathOf(id))
          const settings = await settingsOf(client, kind, options.set)
          return client.send<Source>('POST', pathOf(id), { body: { ...body, settings } })
        })
        if (options.json) jsonLine(deps.stdout, changed)
        else showSource(deps.stdout, changed)
      },
    )

  sources
    .command('sync <id>')
    .description('sync a source now')
    .option('--dry-run', 'say what it would do and what it would cost, and do nothing')
    .option('--no-wait', 'do not wait for its end')
    .option('--watch', 'show how far it is')
    .option('--json', 'as JSON; with --watch one object for every change')
    .action(
      async (
        id: string,
        options: Json & { dryRun?: true; wait: boolean; watch?: true },
        command,
      ) => {
        await connected(deps, command, async (client) => {
          const body = { dry_run: options.dryRun === true }
          const begun = await client.send<Sync>('POST', `${pathOf(id)}/syncs`, { body })
          if (!options.wait) return report(client, begun, options)
          await report(client, await untilOver(client, begun, options), options)
        })
      },
    )

  sources
    .command('syncs <id>')
    .description('list what was done, newest first')
    .option('--json', 'one JSON object a line')
    .action(async (id: string, { json }: Json, command) => {
      const { data } = await connected(deps, command, (client) =>
        client.send<{ data: readonly Sync[] }>('GET', `${pathOf(id)}/syncs`),
      )
      for (const sync of data) {
        if (json) jsonLine(deps.stdout, sync)
        else line(deps.stdout, `${sync.id} ${sync.status}: ${summary(sync)}`)
      }
    })

  sources
    .command('confirm <id> <sync>')
    .description('let a sync that is held delete what is no longer there')
    .option('--json', 'as JSON')
    // oxlint-disable-next-line max-params -- as commander has it
    .action(async (id: string, sync: string, options: Json, command) => {
      await connected(deps, command, async (client) => {
        const path = `${pathOf(id)}/syncs/${encodeURIComponent(sync)}/confirm`
        const begun = await client.send<Sync>('POST', path)
        await report(client, await untilOver(client, begun, options), options)
      })
    })

  for (const [verb, does] of [
    ['pause', 'sync it by hand alone from here on'],
    ['resume', 'let its schedule hold again'],
  ] as const) {
    sources
      .command(`${verb} <id>`)
      .description(does)
      .option('--json', 'as JSON')
      .action(async (id: string, { json }: Json, command) => {
        const source = await connected(deps, command, (client) =>
          client.send<Source>('POST', `${pathOf(id)}/${verb}`),
        )
        if (json) jsonLine(deps.stdout, source)
        else line(deps.stdout, `${source.id} ${source.status}`)
      })
  }

  sources
    .command('remove <id>')
    .description('remove a source; its documents stay in their store, or go with it')
    .option('--documents', 'take its documents out, too')
    .option('--json', 'as JSON')
    .action(async (id: string, { documents, json }: Json & { documents?: true }, command) => {
      const gone = await connected(deps, command, (client) =>
        client.send<{ readonly id: string }>('DELETE', pathOf(id), {
          query: { documents: documents ? 'remove' : 'leave' },
        }),
      )
      if (json) jsonLine(deps.stdout, gone)
      else
        line(
          deps.stdout,
          `${gone.id} removed, ${documents ? 'with its documents' : 'its documents stay'}`,
        )
    })

  async function untilOver(
    client: Client,
    begun: Sync,
    { watch, json }: Json & { readonly watch?: true },
  ): Promise<Sync> {
    let shown = ''
    for (let sync = begun; ;) {
      const now = `${sync.status}, ${sync.counts.listed} listed, ${sync.counts.unchanged} unchanged`
      if (watch && now !== shown) {
        if (json) jsonLine(deps.stdout, sync)
        else line(deps.stderr, now)
      }
      shown = now
      if (ENDED.includes(sync.status)) return sync
      await sleep(EVERY_MS, undefined, { signal: deps.signal }).catch(() => {
        throw new CliError(
          `Stopped waiting; the sync goes on: ragstone sources show ${sync.source_id}`,
          EXIT.interrupted,
        )
      })
      sync = await client.send<Sync>('GET', `${pathOf(sync.source_id)}/syncs/${sync.id}`)
    }
  }

  async function report(client: Client, sync: Sync, { json }: Json): Promise<void> {
    const path = `${pathOf(sync.source_id)}/syncs/${sync.id}/documents`
    const documents = ENDED.includes(sync.status)
      ? await Array.fromAsync(listAll<SyncDocument>(client, path))
      : []
    if (json) jsonLine(deps.stdout, { ...sync, documents })
    else if (ENDED.includes(sync.status)) showSync(deps.stdout, sync, documents)
    else line(deps.stdout, `${sync.id} ${sync.status}`)
    if (sync.status === 'failed') throw new CliError(sync.error?.message ?? 'The sync failed.')
  }
}

const pathOf = (id: string) => `/api/sources/${encodeURIComponent(id)}`
