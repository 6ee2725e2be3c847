import type { LoadRow } from '../measure-load.ts'
import type { Environment } from '../results.ts'
import { milliseconds, provenance, table } from './markdown.ts'

export interface LoadResults {
  readonly environment: Environment
  readonly k6: string
  readonly documents: number
  readonly rows: readonly LoadRow[]
}

export function describeLoad({ environment, k6, documents, rows }: LoadResults): string {
  return `## Load

Questions from ${k6}, by the profiles in \`bench/load/profiles.mjs\`: one caller, steady, and a crowd that comes at once; ${documents} documents,
embedded database, extractive answerer, whole answers, the client on the same machine. Refused is what was told to come back later;
failed is anything else that was no answer.

${table(
  ['profile', 'answered', 'refused', 'failed', 'p50', 'p95', 'resident memory after'],
  rows.map((row) => [
    row.profile,
    row.answered,
    row.refused,
    row.failed,
    milliseconds(row.p50),
    milliseconds(row.p95),
    `${row.residentMiB} MiB`,
  ]),
)}

${provenance(environment)}
`
}
