/** What others have published for the collections measured here; shares in [0, 1]. */
export interface PublishedFigure {
  readonly collection: string
  readonly system: string
  readonly metric: string
  readonly value: number
  readonly source: string
}

// What is kept with the collections names the figure, but not who published it.
const NOTES = 'notes kept with the test collections'

const ndcg10 = (collection: string, source: string, figures: Readonly<Record<string, number>>) =>
  Object.entries(figures).map(([system, value]) => ({
    collection,
    system,
    metric: 'nDCG@10',
    value,
    source,
  }))

export const PUBLISHED: readonly PublishedFigure[] = [
  ...ndcg10('scifact', 'Anserini', { 'BM25, flat (Anserini)': 0.679 }),
  ...ndcg10('scifact', 'bm25s', { 'BM25 (bm25s)': 0.687 }),
  ...ndcg10('scifact', NOTES, {
    'all-MiniLM-L6-v2': 0.645,
    'nomic-embed-text-v1.5': 0.703,
    'bge-small-en-v1.5': 0.713,
    'gte-small': 0.727,
    'bge-base': 0.741,
  }),
  ...ndcg10('scifact', 'OGX, formerly Llama Stack, April 2026', {
    'whole system: nomic-embed with Qwen3-Reranker-0.6B': 0.714,
  }),
  ...ndcg10('scifact', NOTES, {
    'whole system: OpenAI file search': 0.717,
  }),
  ...ndcg10('xquad-en', NOTES, {
    'BM25 (bm25s)': 0.965,
    'all-MiniLM-L6-v2': 0.944,
    'gte-small': 0.96,
  }),
  ...ndcg10('xquad-de', NOTES, {
    'BM25 (bm25s)': 0.925,
    'all-MiniLM-L6-v2': 0.703,
    'gte-small': 0.768,
  }),
  ...(
    [
      ['embeddings (Voyage)', 0.809, 0.872, 0.901],
      ['with contextual embeddings', 0.864, 0.928, 0.938],
      ['with contextual embeddings and BM25', 0.864, 0.932, 0.95],
    ] as const
  ).flatMap(([system, ...values]) =>
    [5, 10, 20].map((depth, at) => ({
      collection: 'anthropic-codebases',
      system,
      metric: `Pass@${depth}`,
      value: values[at] ?? Number.NaN,
      source: 'Anthropic cookbook, contextual retrieval',
    })),
  ),
]

export interface PublishedSpans {
  readonly chunking: string
  readonly embedding: string
  readonly recall: number
  readonly precision: number
  readonly iou: number
}

export const PUBLISHED_SPANS_SOURCE =
  'Smith and Troynikov 2024 (brandonstarxel/chunking_evaluation), five chunks retrieved'

const MINI = 'all-MiniLM-L6-v2'
const LARGE = 'text-embedding-3-large'

/** On chunking-evaluation, five chunks retrieved. */
export const PUBLISHED_SPANS: readonly PublishedSpans[] = (
  [
    ['recursive, 250 tokens, 125 overlap', MINI, 0.787, 0.049, 0.049],
    ['recursive, 250 tokens', MINI, 0.785, 0.054, 0.054],
    ['recursive, 200 tokens', MINI, 0.757, 0.065, 0.065],
    ['tokens, 250, 125 overlap', MINI, 0.824, 0.036, 0.035],
    ['cluster, 200 tokens', MINI, 0.752, 0.072, 0.072],
    ['recursive, 200 tokens', LARGE, 0.881, 0.07, 0.069],
    ['cluster, 400 tokens', LARGE, 0.913, 0.045, 0.045],
    ['by a language model', LARGE, 0.919, 0.039, 0.039],
  ] as const
).map(([chunking, embedding, recall, precision, iou]) => ({
  chunking,
  embedding,
  recall,
  precision,
  iou,
}))
