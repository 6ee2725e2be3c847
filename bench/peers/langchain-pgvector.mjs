import { PGVectorStore } from '@langchain/community/vectorstores/pgvector'
import { Document } from '@langchain/core/documents'
import { batched, versionOf } from './version-of.mjs'

/** LangChain.js with pgvector, an HNSW index made as its documentation shows, after the rows. */
export async function open({ dimensions }) {
  const noEmbeddings = { embedDocuments: async () => [], embedQuery: async () => [] }
  const store = await PGVectorStore.initialize(noEmbeddings, {
    postgresConnectionOptions: { connectionString: process.env.PEER_DATABASE_URL },
    tableName: 'langchain_passages',
    dimensions,
  })
  return {
    version: await versionOf('@langchain/community'),
    async ingest(passages) {
      for (const some of batched(passages, 500)) {
        await store.addVectors(
          some.map(({ vector }) => vector),
          some.map(({ id, text }) => new Document({ pageContent: text, metadata: { id } })),
        )
      }
      await store.createHnswIndex({ dimensions })
    },
    searches: {
      async dense({ vector }, k) {
        const found = await store.similaritySearchVectorWithScore(vector, k)
        return found.map(([document]) => document.metadata.id)
      },
    },
    close: () => store.end(),
  }
}
