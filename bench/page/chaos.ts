import type { ChaosOutcome } from '../../test/chaos/run-chaos.ts'
import type { Environment } from '../results.ts'
import { provenances, table } from './markdown.ts'

export interface ChaosResults extends ChaosOutcome {
  readonly environment: Environment
  readonly backend: 'pglite' | 'postgres'
  readonly seed: number
}

/** Empty where it was never run. */
export function describeChaos(runs: readonly ChaosResults[]): string {
  if (runs.length === 0) return ''
  return `## Chaos

Small files of every kind, some damaged on purpose, are added while processes are killed with \`kill -9\`, PostgreSQL is stopped (once as by a
crash), and one of four answers of the embedding service is an error, nothing at all or nonsense, until the last file is added. With PostgreSQL a server and two
workers work on them, on the embedded database the server alone. Then everything is left to settle, what died of what had passed is
replayed, and all that is left is compared with what was put in: documents, chunks, vectors and jobs by SQL, files by
\`ragstone blobs check\`. A fault is whatever does not agree.

${table(
  ['', ...runs.map(({ backend }) => (backend === 'pglite' ? 'embedded' : 'PostgreSQL 18'))],
  [
    row('documents acknowledged', runs, ({ documents }) => documents),
    row('indexed, each once', runs, ({ indexed }) => indexed),
    row('dead, for the reason that is true', runs, ({ dead }) => list(dead)),
    row('**faults**', runs, ({ faults }) => faults.length),
    row('chunks', runs, ({ chunks }) => chunks),
    row('vectors', runs, ({ vectors }) => vectors),
    row('kills', runs, ({ kills }) => list(kills)),
    row('stops of the database', runs, ({ stops }) => stops.join('; ') || 'none'),
    row('wrong answers of the embedding service', runs, ({ embeddings }) =>
      sum(Object.entries(embeddings).filter(([name]) => name !== 'right')),
    ),
    row('of so many', runs, ({ embeddings }) => sum(Object.entries(embeddings))),
    row('attempts that failed or were cut short', runs, ({ failures }) => failures),
    row('replayed at the end', runs, ({ replayed }) => replayed),
    row('files that interrupted writes had left, swept', runs, ({ swept }) => swept),
    row('seconds', runs, ({ seconds }) => seconds),
    row('seed', runs, ({ seed }) => String(seed)),
  ],
)}

${provenances(runs)}
`
}

type Shown = number | string

function row(
  name: string,
  runs: readonly ChaosResults[],
  show: (run: ChaosResults) => Shown,
): readonly Shown[] {
  return [name, ...runs.map(show)]
}

const list = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none'

const sum = (counts: readonly (readonly [string, number])[]): number =>
  counts.reduce((total, [, count]) => total + count, 0)
