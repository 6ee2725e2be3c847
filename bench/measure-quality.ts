// Retrieval quality on the public collections, over HTTP, for four ways of searching.
// Run: node bench/measure-quality.ts [collection…]   writes bench/results/quality/<collection>.json
import { writeResults } from './results.ts'
import { COLLECTIONS, readCollection, type Collection } from './collection.ts'
import { loadDocuments, type LoadedStore } from './load-documents.ts'
import { startRagstone, type RagstoneProcess } from '../test/ragstone-process.ts'
import { ndcgAt, recallAt, reciprocalRank } from '../src/eval/ranking-metrics.ts'

const WAYS = {
  bm25: { ranker: 'none', hybrid_search: { embedding_weight: 0, text_weight: 1 } },
  dense: { ranker: 'none', hybrid_search: { embedding_weight: 1, text_weight: 0 } },
  hybrid: { ranker: 'none' },
  'hybrid + MMR': { ranker: 'none', mmr_lambda: 0.9 },
} as const

interface Scores {
  readonly ndcg10: number
  readonly recall5: number
  readonly recall10: number
  /** Only where 50 results, the most that one search gives, can hold them. */
  readonly recall50: number
  readonly mrr: number
}

interface QualityRow extends Scores {
  readonly collection: string
  readonly way: string
  readonly questions: number
  readonly documents: number
}

const names = process.argv.length > 2 ? process.argv.slice(2) : [...COLLECTIONS]
for (const name of names) {
  const collection = await readCollection(name)
  // One of its own for each: how rare a word is, another collection has no say in.
  const ragstone = await startRagstone({ environment: { RAGSTONE_INGEST_CONCURRENCY: '4' } })
  try {
    const store = await loadDocuments(
      ragstone.client,
      name,
      collection.documents.map(({ id, title, text }) => ({
        id,
        filename: `${id}.md`,
        text: title === '' ? text : `# ${title}\n\n${text}`,
      })),
    )
    const rows: QualityRow[] = []
    for (const way of Object.keys(WAYS) as (keyof typeof WAYS)[]) {
      const row = await measure(ragstone, { collection, store, way })
      console.log(JSON.stringify(row))
      rows.push(row)
    }
    await writeResults(`quality/${name}`, { rows })
  } finally {
    await ragstone.stop()
  }
}

async function measure(
  { url, key }: RagstoneProcess,
  run: { collection: Collection; store: LoadedStore; way: keyof typeof WAYS },
): Promise<QualityRow> {
  const { collection, store, way } = run
  const scores: Scores[] = []
  for (const question of collection.questions) {
    const response = await fetch(`${url}/v1/vector_stores/${store.vectorStoreId}/search`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        query: question.text,
        max_num_results: 50,
        ranking_options: WAYS[way],
      }),
    })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    const { data } = (await response.json()) as { data: readonly { file_id: string }[] }
    const ranking = [...new Set(data.map(({ file_id }) => store.documentIds.get(file_id) ?? ''))]
    scores.push({
      ndcg10: ndcgAt(10, ranking, question.judgements),
      recall5: recallAt(5, ranking, question.judgements),
      recall10: recallAt(10, ranking, question.judgements),
      recall50: recallAt(50, ranking, question.judgements),
      mrr: reciprocalRank(ranking, question.judgements),
    })
  }
  const mean = (key: keyof Scores): number =>
    scores.reduce((sum, score) => sum + score[key], 0) / scores.length
  return {
    collection: collection.name,
    way,
    questions: scores.length,
    documents: collection.documents.length,
    ndcg10: mean('ndcg10'),
    recall5: mean('recall5'),
    recall10: mean('recall10'),
    recall50: mean('recall50'),
    mrr: mean('mrr'),
  }
}
