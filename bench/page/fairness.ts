import type { FairnessRow } from '../measure-fairness.ts'
import type { Environment } from '../results.ts'
import { milliseconds, provenance, table } from './markdown.ts'

export interface FairnessResults {
  readonly environment: Environment
  readonly documents: number
  readonly neighbours: number
  readonly rows: readonly FairnessRow[]
  /** Of the neighbours' p95, as a factor. */
  readonly growth: number
}

export function describeFairness(results: FairnessResults): string {
  const { environment, documents, neighbours, rows, growth } = results
  return `## Fairness

${neighbours} tenants ask now and then, ${documents} documents each; then a fifth asks fifty times as often as each of them; then they are alone
again. Alone before and after counts together, and none of them asks a question twice. No rate limits:
only the queue in front of answering stands between them. One process, embedded database, extractive answerer, and the client on
the same machine.

${table(
  ['who', 'questions a second', 'answered', 'refused', 'p50', 'p95'],
  rows.map((row) => [
    row.who,
    row.rate,
    row.answered,
    row.refused,
    milliseconds(row.p50),
    milliseconds(row.p95),
  ]),
)}

The neighbours' p95 grew ${growth} times.

${provenance(environment)}
`
}
