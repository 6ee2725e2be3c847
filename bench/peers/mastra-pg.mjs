import { PgVector } from '@mastra/pg'
import { batched, versionOf } from './version-of.mjs'

/** Mastra's PgVector with an HNSW index. */
export async function open({ dimensions }) {
  const store = new PgVector({ id: 'bench', connectionString: process.env.PEER_DATABASE_URL })
  const indexName = 'mastra_passages'
  return {
    version: await versionOf('@mastra/pg'),
    async ingest(passages) {
      await store.createIndex({
        indexName,
        dimension: dimensions,
        metric: 'cosine',
        indexConfig: { type: 'hnsw' },
      })
      for (const some of batched(passages, 500)) {
        await store.upsert({
          indexName,
          vectors: some.map(({ vector }) => vector),
          ids: some.map(({ id }) => id),
          metadata: some.map(({ text }) => ({ text })),
        })
      }
    },
    searches: {
      async dense({ vector }, topK) {
        const found = await store.query({ indexName, queryVector: vector, topK })
        return found.map(({ id }) => id)
      },
    },
    close: () => store.disconnect(),
  }
}
