import type { Environment } from '../results.ts'
import { provenance, share, table } from './markdown.ts'

interface FusionRow {
  readonly collection: string
  readonly k: number
  readonly denseWeight: number
  readonly candidates: number
  readonly ndcg10: number
}

export interface FusionResults {
  readonly environment: Environment
  readonly rows: readonly FusionRow[]
}

/** A weight beside which the words do not count. */
const DENSE_ALONE = 1e6

const COLUMNS = [
  { name: 'words alone', k: 10, denseWeight: 0, candidates: 50 },
  { name: 'meaning alone', k: 10, denseWeight: DENSE_ALONE, candidates: 50 },
  { name: 'k 60, equal, of 50', k: 60, denseWeight: 1, candidates: 50 },
  { name: 'k 10, equal, of 50', k: 10, denseWeight: 1, candidates: 50 },
  { name: 'k 2, 0.75, of 25', k: 2, denseWeight: 0.75, candidates: 25 },
  { name: 'k 2, 0.75, of 40', k: 2, denseWeight: 0.75, candidates: 40 },
  { name: 'k 2, 0.75, of 100', k: 2, denseWeight: 0.75, candidates: 100 },
] as const

export function describeFusion({ environment, rows }: FusionResults): string {
  const collections = [...new Set(rows.map(({ collection }) => collection))]
  const valueOf = (collection: string, wanted: (typeof COLUMNS)[number]) =>
    rows.find(
      (row) =>
        row.collection === collection &&
        row.k === wanted.k &&
        row.denseWeight === wanted.denseWeight &&
        row.candidates === wanted.candidates,
    )?.ndcg10 ?? null
  return `## Fusion of the two searches

nDCG@10, a document's place being that of its best chunk. Both searches run once for a question, in this process, on
PostgreSQL; the product's own fusion then ranks what they gave. The defaults are k = 2 with 0.75 for meaning, and forty
candidates of each search. Each collection has a database of its own.

${table(
  ['collection', ...COLUMNS.map(({ name }) => name)],
  collections.map((collection) => [
    collection,
    ...COLUMNS.map((column) => share(valueOf(collection, column))),
  ]),
)}

${provenance(environment)}
`
}
