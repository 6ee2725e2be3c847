import type { WordRow } from '../measure-words.ts'
import type { Environment } from '../results.ts'
import { milliseconds, provenance, table } from './markdown.ts'

export interface WordResults {
  readonly environment: Environment
  readonly questions: number
  readonly rows: readonly WordRow[]
}

export function describeWords({ environment, questions, rows }: WordResults): string {
  return `## Frequent words

The word index alone on PostgreSQL, forty results, the first ${questions} SciFact claims, with the words left out that a share of all
chunks has. It is why a search takes longer at a million chunks than three times what it takes at ten thousand; the product
leaves out no words but the language's stop words.

${table(
  ['chunks', 'words left out', 'words a question', 'p50', 'p95'],
  rows.map((row) => [
    row.chunks.toLocaleString('en'),
    row.below === 1 ? 'none' : `in ${row.below * 100} % of chunks or more`,
    row.words,
    milliseconds(row.p50),
    milliseconds(row.p95),
  ]),
)}

${provenance(environment)}
`
}
