import type { SearchRow } from '../measure-search.ts'
import type { Environment } from '../results.ts'
import type { DenseRecall } from '../dense-recall.ts'
import type { ServerDescription } from '../server-description.ts'
import { milliseconds, provenances, share, table } from './markdown.ts'

export interface SearchResults {
  readonly environment: Environment
  readonly method: {
    readonly corpus: string
    readonly realPassages: number
    readonly questions: number
    readonly candidates: number
    readonly roundTrips: number
    readonly what: string
  }
  readonly server: ServerDescription & { readonly kind: string }
  readonly rows: readonly SearchRow[]
  readonly recall: DenseRecall | null
}

const NAMES: Readonly<Record<string, string>> = {
  pglite: 'embedded (PGlite)',
  postgres: 'PostgreSQL',
}
const ASKED = {
  only: 'the only tenant',
  large: 'the tenant with a quarter',
  small: 'a small tenant',
}

export function describeSearch(runs: readonly SearchResults[]): string {
  const ordered = runs.toSorted((one, other) => compare(one.rows[0], other.rows[0]))
  const [first] = ordered
  if (first === undefined) return ''
  const { method } = first
  const rows = ordered.flatMap((run) => run.rows)
  const servers = ['pglite', 'postgres'].flatMap(
    (kind) => ordered.find(({ server }) => server.kind === kind)?.server ?? [],
  )
  return `## Search

${method.what} Each of the two searches gives ${method.candidates} candidates. A question takes
${method.roundTrips === 1 ? 'one round trip' : `${method.roundTrips} round trips`} to the database for all of retrieval: role, tenant and statement travel together, as one
transaction. The question's embedding is not in these times. The same machine asks, and serves the database.

Up to ${method.realPassages.toLocaleString('en')} chunks are real. ${method.corpus}

${servers.map(describeServer).join('\n')}

${table(
  [
    'database',
    'chunks',
    'tenants',
    'asked',
    'its chunks',
    'at once',
    'p50',
    'p95',
    'p99',
    'searches a second',
    'samples',
  ],
  rows.map((row) => [
    NAMES[row.backend] ?? row.backend,
    row.chunks,
    row.tenants,
    ASKED[row.asked],
    row.chunksAsked,
    row.concurrency,
    milliseconds(row.p50),
    milliseconds(row.p95),
    milliseconds(row.p99),
    row.perSecond,
    row.samples,
  ]),
)}

${provenances(ordered)}

### What it weighs

${table(
  ['database', 'chunks', 'tenants', 'on disk, indexes included'],
  ordered.map(({ server, rows: [row] }) => [
    NAMES[server.kind] ?? server.kind,
    (row?.chunks ?? 0).toLocaleString('en'),
    (row?.tenants ?? 0).toLocaleString('en'),
    server.databaseBytes === undefined
      ? null
      : `${Math.round(server.databaseBytes / 1e6).toLocaleString('en')} MB`,
  ]),
)}

### What the vector index misses

The dense search's hundred against comparing every vector, for the only tenant.

${table(
  ['database', 'chunks', 'questions', 'of the nearest 10', 'of the nearest 100'],
  ordered.flatMap(({ server, rows: [row], recall }) =>
    recall === null || row === undefined
      ? []
      : [
          [
            NAMES[server.kind] ?? server.kind,
            row.chunks,
            recall.questions,
            share(recall.recall10),
            share(recall.recall100),
          ],
        ],
  ),
)}

Compared by the same runs.
`
}

function compare(one: SearchRow | undefined, other: SearchRow | undefined): number {
  if (one === undefined || other === undefined) return 0
  return (
    one.backend.localeCompare(other.backend) ||
    one.chunks - other.chunks ||
    one.tenants - other.tenants
  )
}

function describeServer({ kind, version, extensions, settings }: SearchResults['server']) {
  const list = (of: Readonly<Record<string, string>>) =>
    Object.entries(of)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')
  return `- ${NAMES[kind] ?? kind}: ${version} with ${list(extensions)}; ${list(settings)}.`
}
