import type { OverheadRow } from '../measure-request-overhead.ts'
import type { Environment } from '../results.ts'
import { milliseconds, provenance, table } from './markdown.ts'

export interface RequestOverheadResults {
  readonly environment: Environment
  readonly rounds: number
  readonly rows: readonly OverheadRow[]
}

const DATABASES = { pglite: 'embedded', postgres: 'PostgreSQL 18' } as const
const LAYERS = {
  bare: 'bare',
  authentication: 'and an API key',
  limits: 'and rate limits of the address, the key and the tenant',
  ledger: 'and the usage ledger',
  budgets: 'and budgets of the tenant and of the key',
} as const

export function describeRequestOverhead({
  environment,
  rounds,
  rows,
}: RequestOverheadResults): string {
  return `## What who, whose and how much cost a question

\`POST /v1/responses\` over one small document, one question after another, of one process; the model answers at once. The
bare application asks nobody who he is, limits nothing and writes no usage down; each of the others has what those before
it have, and one thing more. They took turns, question by question, in ${rounds} rounds. What is added is the median less that of the bare one in the
same round; the lowest and the highest of the rounds.

${table(
  ['database', 'application', 'round trips', 'p50', 'p95', 'p99', 'added', 'samples'],
  rows.map((row) => [
    DATABASES[row.database],
    LAYERS[row.layer],
    row.roundTrips,
    milliseconds(row.p50),
    milliseconds(row.p95),
    milliseconds(row.p99),
    row.layer === 'bare' ? null : `${Math.min(...row.added)} – ${Math.max(...row.added)} ms`,
    row.samples,
  ]),
)}

${provenance(environment)}
`
}
