import { listAll, requireStore } from './api.ts'
import type { Client } from './client.ts'
import { connected, collect, examples, type AddCommand } from './command-context.ts'
import type { CliDeps } from './deps.ts'
import { wholeNumber } from './numbers.ts'
import { jsonLine, line, moment, table } from './terminal.ts'

interface Key {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly vector_store_ids: readonly string[] | null
  readonly created_at: number
  readonly expires_at: number | null
  readonly revoked_at: number | null
  readonly last_used_at: number | null
}

interface ShownKey extends Key {
  readonly key: string
  readonly signing_secret?: string
}

interface CreateOptions {
  readonly scope?: readonly string[]
  readonly store?: readonly string[]
  readonly expiresInDays?: number
  readonly signing?: true
  readonly json?: true
}

export const addKeys: AddCommand = (program, deps) => {
  const keys = program
    .command('keys')
    .description('list, make, rotate and revoke API keys')
    .addHelpText('after', examples('ragstone keys list', 'ragstone keys create site --scope ask'))

  keys
    .command('list', { isDefault: true })
    .description('list the keys; what they are is shown to nobody')
    .option('--json', 'one JSON object a line')
    .action(async ({ json }: { json?: true }, command) => {
      const all = await connected(deps, command, (client) =>
        Array.fromAsync(listAll<Key>(client, '/api/keys')),
      )
      if (json) for (const key of all) jsonLine(deps.stdout, key)
      else table(deps.stdout, HEADINGS, all.map(rowOf))
    })

  keys
    .command('create <name>')
    .description('make a key; it is shown this once')
    .option('--scope <scope>', 'admin, ask, ingest or read; may be repeated', collect)
    .option('--store <name-or-id>', 'for this vector store only; may be repeated', collect)
    .option('--expires-in-days <number>', 'days until it ends', wholeNumber(1, 36_500))
    .option('--signing', 'also make a secret to sign requests with')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        'ragstone keys create laptop',
        'ragstone keys create site --scope ask --store papers',
      ),
    )
    .action(async (name: string, options: CreateOptions, command) => {
      const created = await connected(deps, command, async (client) =>
        client.send<ShownKey>('POST', '/api/keys', { body: await bodyOf(client, name, options) }),
      )
      show(deps, created, options)
    })

  keys
    .command('rotate <id>')
    .description('give a key a new secret; the old one works for a while')
    .option('--overlap-hours <number>', 'how long the old one works; 24 by default', hours)
    .option('--json', 'as JSON')
    .addHelpText('after', examples('ragstone keys rotate key_0123 --overlap-hours 2'))
    .action(async (id: string, options: { overlapHours?: number; json?: true }, command) => {
      const { overlapHours } = options
      const body = overlapHours === undefined ? {} : { overlap_hours: overlapHours }
      const rotated = await connected(deps, command, (client) =>
        client.send<ShownKey>('POST', `/api/keys/${encodeURIComponent(id)}/rotate`, { body }),
      )
      show(deps, rotated, options)
    })

  keys
    .command('revoke <id>')
    .description('end a key, for good')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: { json?: true }, command) => {
      const revoked = await connected(deps, command, (client) =>
        client.send<Key>('POST', `/api/keys/${encodeURIComponent(id)}/revoke`),
      )
      if (json) jsonLine(deps.stdout, revoked)
      else line(deps.stdout, `revoked ${revoked.id}`)
    })
}

const hours = wholeNumber(0, 720)
const HEADINGS = ['ID', 'NAME', 'SCOPES', 'STORES', 'CREATED', 'LAST USED', 'STATE']

function rowOf(key: Key): readonly string[] {
  const stores = key.vector_store_ids
  return [
    key.id,
    key.name,
    key.scopes.join(','),
    stores === null ? 'all' : stores.join(','),
    moment(key.created_at),
    key.last_used_at === null ? 'never' : moment(key.last_used_at),
    stateOf(key, Date.now() / 1000),
  ]
}

function stateOf({ revoked_at: revoked, expires_at: expires }: Key, now: number): string {
  if (revoked !== null) return `revoked ${moment(revoked)}`
  if (expires === null) return 'active'
  return `${expires <= now ? 'expired' : 'until'} ${moment(expires)}`
}

async function bodyOf(client: Client, name: string, options: CreateOptions): Promise<object> {
  const { scope, store, expiresInDays, signing } = options
  const stores = store && (await Promise.all(store.map((each) => requireStore(client, each))))
  return {
    name,
    ...(scope === undefined ? {} : { scopes: scope }),
    ...(stores === undefined ? {} : { vector_store_ids: stores.map(({ id }) => id) }),
    ...(expiresInDays === undefined ? {} : { expires_in_days: expiresInDays }),
    ...(signing === undefined ? {} : { signing }),
  }
}

function show({ stdout, stderr }: CliDeps, shown: ShownKey, { json }: { json?: true }): void {
  if (json) jsonLine(stdout, shown)
  else {
    line(stdout, shown.key)
    if (shown.signing_secret !== undefined) line(stdout, shown.signing_secret)
  }
  line(stderr, 'Keep it: only its hash is stored, and it is not shown again.')
}
