import type { FirstByteRow, MemoryRow, RequestRow, StartRow } from '../measure-server.ts'
import type { Timing } from '../percentiles.ts'
import type { EventLoopDelay } from '../read-event-loop.ts'
import type { Environment } from '../results.ts'
import { milliseconds, provenance, table } from './markdown.ts'

export interface ServerResults {
  readonly environment: Environment
  readonly chunks: number
  readonly starts: readonly StartRow[]
  readonly eventLoop: {
    readonly megabytes: number
    readonly idle: EventLoopDelay
    readonly ingesting: EventLoopDelay
    readonly livez: Omit<Timing, 'perSecond'>
  }
  readonly firstBytes: readonly FirstByteRow[]
  readonly requests: readonly RequestRow[]
  readonly memory: readonly MemoryRow[]
}

export function describeServerFigures(results: ServerResults): string {
  const { environment, starts, eventLoop, firstBytes, requests, memory } = results
  const provenanceLine = provenance(environment)
  const delays = (what: string, { p50, p99, max }: EventLoopDelay) => [
    what,
    ...[p50, p99, max].map(milliseconds),
  ]
  return `## The server

Asked over HTTP by a client on the same machine, which takes its share of the cores. ${results.chunks.toLocaleString('en')} chunks in one store;
questions are embedded by the server. Answers are those of the extractive answerer.

### Requests

${table(
  ['database', 'request', 'at once', 'a second', 'p50', 'p95', 'p99', 'failed', 'samples'],
  requests.map((row) => [
    row.backend,
    row.what,
    row.concurrency,
    row.perSecond,
    milliseconds(row.p50),
    milliseconds(row.p95),
    milliseconds(row.p99),
    row.failed,
    row.samples,
  ]),
)}

${provenanceLine}

### First byte of a streamed answer

${table(
  ['database', 'first byte p50', 'p95', 'first words p50', 'p95', 'samples'],
  firstBytes.map((row) => [
    row.backend,
    milliseconds(row.firstByte.p50),
    milliseconds(row.firstByte.p95),
    milliseconds(row.firstWords.p50),
    milliseconds(row.firstWords.p95),
    row.samples,
  ]),
)}

${provenanceLine}

### Starts

From spawning the process to a \`/readyz\` that says yes, embedded database. Cold: an empty data directory; warm: the
same directory again.

${table(
  ['start', 'milliseconds, each time'],
  starts.map((row) => [row.kind, row.milliseconds.join(', ')]),
)}

${provenanceLine}

### The event loop while a large document is ingested

How late the main thread's event loop was, idle and while one file of ${eventLoop.megabytes} MB was parsed, chunked, embedded and
indexed; and what \`/livez\` took meanwhile: p50 ${eventLoop.livez.p50} ms, p95 ${eventLoop.livez.p95} ms, p99 ${eventLoop.livez.p99} ms.

${table(['', 'p50', 'p99', 'max'], [delays('idle', eventLoop.idle), delays('ingesting', eventLoop.ingesting)])}

${provenanceLine}

### Resident memory

${table(
  ['', 'MiB'],
  memory.map((row) => [row.what, row.residentMiB]),
)}

${provenanceLine}
`
}
