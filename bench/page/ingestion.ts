import type { MemorySample, ReadingRow } from '../measure-ingestion.ts'
import type { Environment } from '../results.ts'
import { provenance, table } from './markdown.ts'

export interface IngestionResults {
  readonly environment: Environment
  readonly reading: readonly ReadingRow[]
  readonly pipeline: {
    readonly documents: number
    readonly chunks: number
    readonly embeddingThreads: number
    readonly embeddingSeconds: number
    readonly pipelineSeconds: number
    readonly ratio: number
    readonly documentsPerSecond: number
    readonly chunksPerSecond: number
  }
  readonly memory: readonly MemorySample[]
}

export function describeIngestion(results: IngestionResults): string {
  const { environment, reading, pipeline, memory } = results
  return `## Ingestion

### Parsing and chunking, without embedding

In one reader thread, one file after the other. For PDF, megabytes are those of the files.

${table(
  ['files', 'number', 'MB', 'chunks', 'seconds', 'MB a second'],
  reading.map((row) => [
    row.kind,
    row.files,
    row.megabytes,
    row.chunks,
    row.seconds,
    row.megabytesPerSecond,
  ]),
)}

${provenance(environment)}

### The whole path, over HTTP

${pipeline.documents.toLocaleString('en')} abstracts of SciFact, ${pipeline.chunks.toLocaleString('en')} chunks, uploaded eight at a time into the
embedded database, from the first upload until the last is indexed; beside it the embedding model alone
(${pipeline.embeddingThreads} threads) with the very same chunks.

${table(
  ['', 'seconds', 'chunks a second'],
  [
    [
      'embedding model alone',
      pipeline.embeddingSeconds,
      pipeline.chunks / pipeline.embeddingSeconds,
    ],
    ['whole path', pipeline.pipelineSeconds, pipeline.chunksPerSecond],
  ],
)}

That is ${pipeline.ratio} times the model alone, ${pipeline.documentsPerSecond} documents a second.

${provenance(environment)}

### Memory while documents come in

${table(
  ['documents indexed', 'resident MiB of the server, embedded database included'],
  memory.map((sample) => [sample.documents, sample.residentMiB]),
)}

${provenance(environment)}
`
}
