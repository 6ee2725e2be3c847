import { PUBLISHED, PUBLISHED_SPANS, PUBLISHED_SPANS_SOURCE } from '../published-figures.ts'
import type { Environment } from '../results.ts'
import type { PlottedSpans } from '../span-plot.ts'
import { percent, provenances, share, table } from './markdown.ts'

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

export interface SpanResults {
  readonly environment: Environment
  readonly rows: readonly (PlottedSpans & { readonly iou: number; readonly questions: number })[]
}

export function describeQuality(runs: readonly QualityResults[]): string {
  if (runs.length === 0) return ''
  const rows = runs.flatMap((run) => run.rows)
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

Uploaded and searched over HTTP with the defaults; a document's place is that of its best chunk. A search gives 50
chunks at most, so recall@100 cannot be seen from outside: recall@50 counts the documents among these.

${measured}

${provenances(runs)}

${published}
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
