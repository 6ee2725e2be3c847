import { connect, Index, rerankers } from '@lancedb/lancedb'
import { join } from 'node:path'
import { batched, versionOf } from './version-of.mjs'

/** LanceDB in this process: HNSW over quantised vectors, full text, and both fused by its own reciprocal rank fusion. */
export async function open({ folder }) {
  const database = await connect(join(folder, 'lancedb'))
  const reranker = await rerankers.RRFReranker.create()
  let table
  const idsOf = (rows) => rows.map(({ id }) => id)
  return {
    version: await versionOf('@lancedb/lancedb'),
    async ingest(passages) {
      for (const some of batched(passages, 1_000)) {
        const rows = some.map(({ id, text, vector }) => ({ id, text, vector }))
        if (table === undefined)
          table = await database.createTable('passages', rows, { mode: 'overwrite' })
        else await table.add(rows)
      }
      await table.createIndex('vector', { config: Index.hnswSq({ distanceType: 'cosine' }) })
      await table.createIndex('text', { config: Index.fts() })
      await table.waitForIndex(['vector_idx', 'text_idx'], 300)
    },
    searches: {
      dense: async ({ vector }, k) =>
        idsOf(
          await table
            .vectorSearch(vector)
            .distanceType('cosine')
            .select(['id', 'text'])
            .limit(k)
            .toArray(),
        ),
      words: async ({ text }, k) =>
        idsOf(await table.query().fullTextSearch(text).select(['id', 'text']).limit(k).toArray()),
      hybrid: async ({ text, vector }, k) =>
        idsOf(
          await table
            .query()
            .nearestTo(vector)
            .distanceType('cosine')
            .fullTextSearch(text)
            .rerank(reranker)
            .select(['id', 'text'])
            .limit(k)
            .toArray(),
        ),
    },
    async close() {
      table.close()
      database.close()
    },
  }
}
