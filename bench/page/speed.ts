import type { SearchRow } from '../measure-search.ts'
import type { Environment } from '../results.ts'
import type { ServerDescription } from '../server-description.ts'
import { milliseconds, provenance, share, table } from './markdown.ts'

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
  readonly servers: readonly (ServerDescription & { readonly kind: string })[]
  readonly rows: readonly SearchRow[]
  readonly recalls: readonly {
    readonly backend: string
    readonly chunks: number
    readonly questions: number
    readonly recall10: number
    readonly recall100: number
  }[]
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

export function describeSearch(results: SearchResults): string {
  const { environment, method, servers, rows, recalls } = results
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

${provenance(environment)}

### What the vector index misses

The dense search's hundred against comparing every vector, for the only tenant.

${table(
  ['database', 'chunks', 'questions', 'of the nearest 10', 'of the nearest 100'],
  recalls.map((row) => [
    NAMES[row.backend] ?? row.backend,
    row.chunks,
    row.questions,
    share(row.recall10),
    share(row.recall100),
  ]),
)}

${provenance(environment)}
`
}

function describeServer({ kind, version, extensions, settings }: SearchResults['servers'][number]) {
  const list = (of: Readonly<Record<string, string>>) =>
    Object.entries(of)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')
  return `- ${NAMES[kind] ?? kind}: ${version} with ${list(extensions)}; ${list(settings)}.`
}
