import type { DocumentRecord } from '../../../core/ports/documents.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { documentId, type DocumentReference } from './document-id.ts'

/** What a client shows of a document, and opens. */
export interface NamedDocument {
  readonly id: string
  readonly title: string
  readonly url: string
}

/** By `documentId`; those removed meanwhile are missing. */
export function findDocuments(
  { database, documents }: Pick<HttpDeps, 'database' | 'documents'>,
  tenantId: string,
  references: readonly DocumentReference[],
): Promise<ReadonlyMap<string, DocumentRecord>> {
  const wanted = new Map(references.map((reference) => [documentId(reference), reference]))
  return database.transact(tenantId, async (transaction) => {
    const found = new Map<string, DocumentRecord>()
    for (const [id, { vectorStoreId, fileId }] of wanted) {
      const document = await documents.get(transaction, vectorStoreId, fileId)
      if (document !== null) found.set(id, document)
    }
    return found
  })
}

type Nameable = Pick<
  DocumentRecord,
  'fileId' | 'filename' | 'sourceKey' | 'title' | 'vectorStoreId'
>

/** `origin` is this server's, as the caller reached it. */
export function nameDocument(document: Nameable, origin: string): NamedDocument {
  const { vectorStoreId, fileId, filename, title, sourceKey } = document
  return {
    id: documentId({ vectorStoreId, fileId }),
    title: title ?? filename,
    url:
      webAddress(sourceKey) ??
      `${origin}/v1/vector_stores/${vectorStoreId}/files/${fileId}/content`,
  }
}

/** A document that was loaded from the web is cited by its address there. */
function webAddress(sourceKey: string | null): string | null {
  return sourceKey !== null && /^https?:\/\//i.test(sourceKey) && URL.canParse(sourceKey)
    ? sourceKey
    : null
}
