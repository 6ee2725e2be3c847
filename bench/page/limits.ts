import type { CostRow, ThroughputRow } from '../measure-limits.ts'
import type { Environment } from '../results.ts'
import { milliseconds, provenance, table } from './markdown.ts'

export interface LimitResults {
  readonly environment: Environment
  readonly path: string
  readonly rounds: number
  readonly costs: readonly CostRow[]
  readonly throughput: readonly ThroughputRow[]
}

export function describeLimits({
  environment,
  path,
  rounds,
  costs,
  throughput,
}: LimitResults): string {
  return `## Limits

\`GET ${path}\` with a warm API key, asked of servers that differ only in their limits: none, one of the address and one
of the key counted in the process, the same counted in Valkey on the same machine. Nothing is refused.

### What they cost a request

One request after another; the servers took turns in ${rounds} rounds. The ratio is that of the medians, to the server without
limits in the same round; the lowest and the highest of the rounds.

${table(
  ['limits', 'p50', 'p95', 'p99', 'ratio', 'samples'],
  costs.map((row) => [
    row.counting,
    milliseconds(row.p50),
    milliseconds(row.p95),
    milliseconds(row.p99),
    `${Math.min(...row.ratios)} – ${Math.max(...row.ratios)}`,
    row.samples,
  ]),
)}

${provenance(environment)}

### What one process bears

${table(
  ['limits', 'at once', 'a second', 'p50', 'p95', 'p99', 'samples'],
  throughput.map((row) => [
    row.counting,
    row.concurrency,
    row.perSecond,
    milliseconds(row.p50),
    milliseconds(row.p95),
    milliseconds(row.p99),
    row.samples,
  ]),
)}

${provenance(environment)}
`
}
