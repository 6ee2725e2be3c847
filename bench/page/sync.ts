import type { SyncRow } from '../measure-sync.ts'
import type { Environment } from '../results.ts'
import { milliseconds, provenance, table } from './markdown.ts'

export interface SyncResults {
  readonly environment: Environment
  readonly documents: number
  readonly corpus: number
  readonly seconds: number
  readonly rate: number
  readonly rows: readonly SyncRow[]
}

export function describeSync(results: SyncResults): string {
  const { environment, documents, corpus, seconds, rate, rows } = results
  return `## Questions while a sync runs

${rate} questions a second over ${corpus} documents, for ${seconds} seconds, first alone, then while a folder of ${documents.toLocaleString('en')} other files is synced,
which are indexed with the local model. No question comes twice. Embedded, all in one process; with PostgreSQL, \`ragstone work\` beside the server, and the database on the
same machine too.

${table(
  [
    'database',
    'p50 alone',
    'p95 alone',
    'p50 during the sync',
    'p95 during the sync',
    'p95, times',
    'documents indexed a second meanwhile',
  ],
  rows.map(({ backend, idle, during, growth, documentsPerSecond }) => [
    backend === 'pglite' ? 'embedded' : 'PostgreSQL 18',
    milliseconds(idle.p50),
    milliseconds(idle.p95),
    milliseconds(during.p50),
    milliseconds(during.p95),
    growth,
    documentsPerSecond,
  ]),
)}

${provenance(environment)}
`
}
