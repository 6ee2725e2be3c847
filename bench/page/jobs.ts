import type { JobRow } from '../measure-jobs.ts'
import type { Environment } from '../results.ts'
import { milliseconds, provenance, table } from './markdown.ts'

export interface JobResults {
  readonly environment: Environment
  readonly jobs: number
  readonly rows: readonly JobRow[]
}

export function describeJobs({ environment, jobs, rows }: JobResults): string {
  return `## Jobs

What the job machinery adds to a document: ${jobs} jobs that do nothing but end in a transaction of their tenant. \`sending\` is what a job adds
to the transaction that writes its document; \`working\` is from claim to settlement; \`overhead\` is both, less the transaction that
would be there without jobs. Where others wait, they are jobs of another tenant and of the lowest priority.

${table(
  ['database', 'at once', 'others that wait', 'sending', 'working', 'overhead a document'],
  rows.map((row) => [
    row.backend === 'pglite' ? 'embedded' : 'PostgreSQL 18',
    row.concurrency,
    row.queued,
    milliseconds(row.sending),
    milliseconds(row.working),
    milliseconds(row.overhead),
  ]),
)}

${provenance(environment)}
`
}
