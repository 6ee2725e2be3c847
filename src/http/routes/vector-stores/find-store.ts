import type { VectorStoreRecord } from '../../../core/ports/vector-stores.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { notFound } from '../../not-found.ts'

/** Throws `resource_not_found`. */
export async function findStore(
  { database, vectorStores }: Pick<HttpDeps, 'database' | 'vectorStores'>,
  tenantId: string,
  id: string,
): Promise<VectorStoreRecord> {
  const store = await database.transact(tenantId, (transaction) =>
    vectorStores.get(transaction, id),
  )
  if (store === null) throw notFound('vector store', id)
  return store
}
