import type { LexicalWayRow } from '../measure-lexical-ways.ts'
import type { Environment } from '../results.ts'
import { milliseconds, provenance, table } from './markdown.ts'

export interface LexicalWayResults {
  readonly environment: Environment
  readonly questions: number
  readonly rows: readonly LexicalWayRow[]
}

export function describeLexicalWays({ environment, questions, rows }: LexicalWayResults): string {
  return `## Two ways to find words

The search by words either scores the rows in scope one by one, or walks the word index past everybody's matches in the
partition. Medians over ${questions} SciFact claims; the walk is one to the end, in which no row is in scope. The product scores rows
only where there are few of them in a crowded partition.

${table(
  [
    'database',
    'chunks in the partition',
    'one row scored',
    'the index walked to its end',
    'longest walk',
  ],
  rows.map((row) => [
    row.backend === 'pglite' ? 'PGlite' : 'PostgreSQL',
    row.chunks.toLocaleString('en'),
    `${row.scoredMicroseconds} µs`,
    milliseconds(row.walkedMs),
    milliseconds(row.longestWalkMs),
  ]),
)}

${provenance(environment)}
`
}
