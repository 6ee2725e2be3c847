import type { CliDeps } from './deps.ts'
import { count, excerpt, line, moment, paint, size, table } from './terminal.ts'

type Stream = CliDeps['stdout']

/** As the server says it. */
export interface Source {
  readonly id: string
  readonly vector_store_id: string
  readonly name: string
  readonly kind: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly has_credentials: boolean
  readonly schedule: Schedule | null
  readonly delete_share: number
  readonly watched: boolean
  readonly status: string
  readonly documents: number
  readonly next_sync_at: number | null
  readonly last_sync: Sync | null
  readonly created_at: number
}

export type Schedule =
  | { readonly type: 'interval'; readonly every_seconds: number }
  | { readonly type: 'cron'; readonly cron: string; readonly time_zone: string }

export interface Sync {
  readonly id: string
  readonly source_id: string
  readonly dry_run: boolean
  readonly status: string
  readonly counts: Readonly<
    Record<
      'added' | 'changed' | 'deleted' | 'failed' | 'held' | 'listed' | 'skipped' | 'unchanged',
      number
    >
  >
  readonly bytes: number
  readonly estimate: {
    readonly tokens: number
    readonly model: string | null
    readonly cost: number | null
    readonly currency: string | null
    readonly models: readonly { readonly model: string }[]
  } | null
  readonly error: { readonly code: string; readonly message: string } | null
  readonly created_at: number
  readonly finished_at: number | null
}

export interface SyncDocument {
  readonly id: string
  readonly action: string
  readonly reason: string | null
}

export function showSources(stream: Stream, sources: readonly Source[]): void {
  table(
    stream,
    ['ID', 'KIND', 'STATUS', 'DOCUMENTS', 'LAST SYNC', 'NEXT', 'NAME'],
    sources.map((source) => [
      source.id,
      source.kind,
      source.status,
      source.documents,
      source.last_sync === null
        ? '–'
        : `${source.last_sync.status} ${moment(source.last_sync.created_at)}`,
      source.next_sync_at === null ? '–' : moment(source.next_sync_at),
      excerpt(source.name, 40),
    ]),
  )
}

export function showSource(stream: Stream, source: Source): void {
  const { last_sync: last } = source
  const facts: readonly (readonly [string, string | null])[] = [
    ['source', source.id],
    ['name', source.name],
    ['kind', source.kind],
    ['status', source.status],
    ['vector store', source.vector_store_id],
    ...Object.entries(source.settings).map(
      ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
    ),
    ['credentials', source.has_credentials ? 'given' : null],
    ['schedule', source.schedule === null ? null : spell(source.schedule)],
    ['watched', source.watched ? 'yes: changes are taken in as they happen' : null],
    [
      'asks before deleting',
      `more than ${Math.round(source.delete_share * 100)} % of its documents`,
    ],
    ['documents', String(source.documents)],
    ['next sync', source.next_sync_at === null ? null : moment(source.next_sync_at)],
    ['last sync', last === null ? null : `${last.id} ${last.status}: ${summary(last)}`],
  ]
  const known = facts.filter(([, value]) => value !== null)
  const width = Math.max(...known.map(([name]) => name.length))
  for (const [name, value] of known) line(stream, `${name.padEnd(width)}  ${value}`)
  if (last !== null) showNext(stream, last)
}

export function showSync(stream: Stream, sync: Sync, documents: readonly SyncDocument[]): void {
  for (const { id, action, reason } of documents) {
    const why = reason === null ? '' : `: ${reason}`
    line(stream, `${action.padEnd(8)} ${id}${why}`)
  }
  line(stream, `${sync.dry_run ? 'dry run' : 'sync'} ${sync.status}: ${summary(sync)}`)
  if (sync.error !== null) line(stream, paint(stream, 'red', sync.error.message))
  if (sync.estimate !== null) line(stream, costOf(sync))
  showNext(stream, sync)
}

/** What there is to be done about it. */
function showNext(stream: Stream, sync: Sync): void {
  const { id, source_id: source, status, counts, dry_run: dryRun } = sync
  if (dryRun) return line(stream, `Do it with: ragstone sources sync ${source}`)
  if (status === 'held')
    return line(stream, `If they are really gone: ragstone sources confirm ${source} ${id}`)
  if (status === 'failed') return line(stream, `Once it is mended: ragstone sources sync ${source}`)
  // Attributes alone are renewed at once.
  if (counts.added + counts.changed > 0 && sync.bytes > 0)
    line(stream, 'They are being indexed: ragstone jobs shows how far that is.')
}

export function summary({ counts, bytes }: Sync): string {
  const parts = (['added', 'changed', 'deleted', 'skipped', 'failed', 'held'] as const)
    .filter((name) => counts[name] > 0)
    .map((name) => `${counts[name]} ${name}`)
  const all = [...parts, `${counts.unchanged} unchanged`].join(', ')
  return bytes === 0 ? all : `${all}; ${size(bytes)}`
}

function costOf({ estimate }: Sync): string {
  if (estimate === null) return ''
  const { tokens, cost, currency, models } = estimate
  const names = models.map(({ model }) => model).join(' and ')
  const what = `about ${count(tokens, 'token')}`
  if (models.length === 0) return `No model embeds: search is by words alone (${what}).`
  if (cost === null) return `Embedding: ${what} by ${names}, whose price is not configured.`
  return `Embedding: ${what} by ${names}, ${cost === 0 ? 'which costs nothing' : `about ${cost.toPrecision(2)} ${currency ?? ''}`.trim()}.`
}

const spell = (schedule: Schedule) =>
  schedule.type === 'cron'
    ? `${schedule.cron} (${schedule.time_zone})`
    : `every ${schedule.every_seconds} s`
