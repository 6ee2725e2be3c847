import { PUBLISHED, PUBLISHED_SPANS, PUBLISHED_SPANS_SOURCE } from '../published-figures.ts'
import type { Environment } from '../results.ts'
import type { PlottedSpans } from '../span-plot.ts'
import { percent, provenances, share, table, type Cell } from './markdown.ts'

export interface QualityResults {
  readonly environment: Environment
  readonly rows: readonly {
    readonly collection: string
    readonly way: string
    readonly questions: number
    readonly documents: number
    readonly ndcg10: number
    readonly recall5: number
    readonly recall10: number
    readonly recall50: number
    readonly mrr: number
  }[]
}

/** Of the two searches themselves, in process: a hundred results, which no request can ask for. */
export interface WayResults {
  readonly environment: Environment
  readonly rows: readonly {
    readonly collection: string
    readonly way: string
    readonly maxTokens: number
    readonly overlapTokens: number
    readonly ndcg10: number
    readonly recall5: number
    readonly recall10: number
    readonly recall100: number
    readonly mrr: number
  }[]
}

export interface SpanResults {
  readonly environment: Environment
  readonly rows: readonly (PlottedSpans & { readonly iou: number; readonly questions: number })[]
}

export function describeQuality(
  runs: readonly QualityResults[],
  inProcess: readonly WayResults[],
): string {
  if (runs.length === 0) return ''
  const rows = runs.flatMap((run) => run.rows)
  const recall100 = (row: (typeof rows)[number]): Cell => {
    const same = inProcess
      .flatMap((run) => run.rows)
      .find(
        ({ collection, way, maxTokens }) =>
          collection === row.collection && way === row.way && maxTokens === 256,
      )
    return same === undefined ? null : share(same.recall100)
  }
  const measured = table(
    [
      'collection',
      'documents',
      'questions',
      'search',
      'nDCG@10',
      'recall@5',
      'recall@10',
      'recall@50',
      'recall@100',
      'MRR',
    ],
    rows.map((row) => [
      row.collection,
      row.documents,
      row.questions,
      row.way,
      share(row.ndcg10),
      share(row.recall5),
      share(row.recall10),
      share(row.recall50),
      recall100(row),
      share(row.mrr),
    ]),
  )
  const collections = new Set(rows.map(({ collection }) => collection))
  const published = table(
    ['collection', 'published by others', 'metric', 'value', 'source'],
    PUBLISHED.filter(({ collection }) => collections.has(collection)).map((figure) => [
      figure.collection,
      figure.system,
      figure.metric,
      share(figure.value),
      figure.source,
    ]),
  )
  return `## Quality of retrieval

Uploaded and searched over HTTP with the defaults, each collection on a server of its own; a document's place is that of
its best chunk. A search gives 50 chunks at most, so recall@100 cannot be seen from outside: it was counted in process, by
\`bench/tune-fusion.ts\`, on what the same searches give when a hundred are asked of each that is used alone, and forty of
both, as the product does, where they are fused.

${measured}

${provenances(runs)}

${published}
`
}

/** What each size of chunk does to the same collections: sizes are told apart by their tokens and overlap. */
export function describeSizes(runs: readonly WayResults[]): string {
  const rows = runs
    .flatMap((run) => run.rows)
    .filter(({ way }) => way !== 'hybrid, a hundred candidates')
    .toSorted((a, b) => a.maxTokens - b.maxTokens)
  const sizes = [
    ...new Set(rows.map(({ maxTokens, overlapTokens }) => `${maxTokens} / ${overlapTokens}`)),
  ]
  if (sizes.length < 2) return ''
  const kinds = [...new Set(rows.map(({ collection, way }) => `${collection}: ${way}`))].toSorted()
  const measured = table(
    ['nDCG@10 by tokens / overlap', ...sizes],
    kinds.map((kind) => [
      kind,
      ...sizes.map((size) => {
        const row = rows.find(
          (each) =>
            `${each.collection}: ${each.way}` === kind &&
            `${each.maxTokens} / ${each.overlapTokens}` === size,
        )
        return row === undefined ? null : share(row.ndcg10)
      }),
    ]),
  )
  return `## Chunk sizes and the order of documents

The same collections, chunked to other sizes, in process on PostgreSQL.

${measured}

${provenances(runs)}
`
}

export function describeSpans(runs: readonly SpanResults[]): string {
  if (runs.length === 0) return ''
  const rows = runs.flatMap((run) => run.rows)
  const name = ({ maxTokens, overlapTokens }: PlottedSpans) => `${maxTokens} / ${overlapTokens}`
  const measured = table(
    ['tokens / overlap', 'retrieved', 'recall', 'precision', 'IoU'],
    rows.map((row) => [
      name(row),
      row.bytes === null ? 'five chunks' : `${row.bytes.toLocaleString('en')} bytes`,
      percent(row.recall),
      percent(row.precision),
      percent(row.iou),
    ]),
  )
  const published = table(
    ['published by others', 'embedding', 'recall', 'precision', 'IoU'],
    PUBLISHED_SPANS.map((figure) => [
      figure.chunking,
      figure.embedding,
      percent(figure.recall),
      percent(figure.precision),
      percent(figure.iou),
    ]),
  )
  return `## Chunk sizes

How much of the passages that answer a question the retrieved chunks hold (recall), and how much of what is retrieved
was wanted (precision), on \`chunking-evaluation\` with ${rows[0]?.questions ?? 0} questions. At equal bytes retrieved
small and large chunks can be compared; five chunks, as others publish it, favour recall for large ones and precision
for small ones. Overlapping characters count once here.

![Recall and precision by chunk size](chunk-sizes.svg)

${measured}

${provenances(runs)}

${published}

<sub>${PUBLISHED_SPANS_SOURCE}.</sub>
`
}
