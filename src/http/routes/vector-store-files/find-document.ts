import type { DocumentRecord } from '../../../core/ports/documents.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { notFound } from '../../not-found.ts'

/** Throws `resource_not_found`, naming the store where that is what is missing. */
export async function findDocument(
  { database, documents, vectorStores }: Pick<HttpDeps, 'database' | 'documents' | 'vectorStores'>,
  tenantId: string,
  at: { readonly vector_store_id: string; readonly file_id: string },
): Promise<DocumentRecord> {
  return database.transact(tenantId, async (transaction) => {
    const document = await documents.get(transaction, at.vector_store_id, at.file_id)
    if (document !== null) return document
    const store = await vectorStores.get(transaction, at.vector_store_id)
    if (store === null) throw notFound('vector store', at.vector_store_id)
    throw notFound('file in this vector store', at.file_id)
  })
}
