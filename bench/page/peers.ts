import type { PeerRow } from '../measure-peers.ts'
import type { Environment } from '../results.ts'
import { milliseconds, provenance, share, table } from './markdown.ts'

export interface PeerResults {
  readonly environment: Environment
  readonly method: { readonly passages: number; readonly real: number; readonly questions: number }
  readonly rows: readonly PeerRow[]
  readonly absent: readonly { readonly system: string; readonly why: string }[]
}

export function describePeers({ environment, method, rows, absent }: PeerResults): string {
  return `## Beside others

The same ${method.passages.toLocaleString('en')} chunks with the same vectors on the same machine, one system after the other; ${method.questions} questions, ten
results asked for, one question at a time, embeddings given. What each does in that time differs: Ragstone commits one
transaction a document (row-level security, documents, full text and vector index in place) and its searches give text,
context and vectors of every candidate, a hundred of each search where it is hybrid; the others take batches of 500 or
1,000 passages and search by vectors alone unless the table says otherwise. Their packages, versions and settings are in
\`bench/peers\`.

${table(
  [
    'system',
    'version',
    'search',
    'chunks ingested a second',
    'p50',
    'p95',
    'recall@10 against exact',
    'nDCG@10 SciFact',
  ],
  rows.map((row) => [
    row.system,
    row.version,
    row.mode,
    row.chunksPerSecond,
    milliseconds(row.p50),
    milliseconds(row.p95),
    share(row.recall10),
    share(row.ndcg10),
  ]),
)}

${absent.map(({ system, why }) => `- ${system} was not measured: ${why}`).join('\n')}

${provenance(environment)}
`
}
