import type { WorkersRow } from '../measure-workers.ts'
import type { Environment } from '../results.ts'
import { provenance, table } from './markdown.ts'

export interface WorkersResults {
  readonly environment: Environment
  readonly documents: number
  readonly rows: readonly WorkersRow[]
}

export function describeWorkers({ environment, documents, rows }: WorkersResults): string {
  return `## Workers

${documents} abstracts of SciFact through the whole path, from the first upload until the last is indexed. With PostgreSQL, so many
\`ragstone work --concurrency 1\` beside a server that only takes them in; embedded, so many at once inside the server. All of it on one
machine: more workers than it has cores can add nothing to the model's speed. By words alone shows what is left without the model.

${table(
  ['database', 'search', 'workers', 'chunks', 'seconds', 'documents a second', 'chunks a second'],
  rows.map((row) => [
    row.backend === 'pglite' ? 'embedded' : 'PostgreSQL 18',
    row.embedding === 'local' ? 'local model' : 'words alone',
    row.workers,
    row.chunks,
    row.seconds,
    row.documentsPerSecond,
    row.chunksPerSecond,
  ]),
)}

${provenance(environment)}
`
}
