import { AppError } from '../../../core/errors.ts'
import type { DocumentRecord } from '../../../core/ports/documents.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { notFound } from '../../not-found.ts'
import type { DocumentPlace } from './document-id.ts'
import { cutPage, type TextPage } from './text-page.ts'

export interface ReadDocument {
  readonly document: DocumentRecord
  readonly textSha256: string
  /** Of the extracted text, in bytes. */
  readonly textBytes: number
  readonly page: TextPage
  /** Where the next page begins; null when this is the last. */
  readonly next: DocumentPlace | null
}

/**
 * A page of the extracted text. Throws `resource_not_found` in the same words whether the store, the file or the
 * right to see them is missing, `conflict` for a document still being read, `input_rejected` for one without text.
 */
export async function readDocument(
  deps: Pick<HttpDeps, 'blobs' | 'database' | 'documents'>,
  tenantId: string,
  asked: { readonly place: DocumentPlace | null; readonly spelled: string },
): Promise<ReadDocument> {
  const { place, spelled } = asked
  if (place === null) throw notFound('document', spelled)
  const document = await deps.database.transact(tenantId, (transaction) =>
    deps.documents.get(transaction, place.vectorStoreId, place.fileId),
  )
  if (document === null) throw notFound('document', spelled)
  const textSha256 = textHashOf(document)
  const content = await deps.blobs.get(tenantId, textSha256)
  if (content === null) throw notFound('document', spelled)
  if (place.start > 0 && place.start >= content.length) {
    throw new AppError(
      'input_rejected',
      `The text of this document has ${content.length} bytes; there is nothing at byte ${place.start}.`,
    )
  }
  const page = cutPage(content, place.start)
  const next = page.end < content.length ? { ...place, start: page.end } : null
  return { document, textSha256, textBytes: content.length, page, next }
}

function textHashOf({ textSha256, status, error }: DocumentRecord): string {
  if (textSha256 !== null) return textSha256
  if (status === 'in_progress') {
    throw new AppError('conflict', 'The document is still being read: ask again in a moment.')
  }
  const why = status === 'cancelled' ? 'its ingestion was cancelled' : 'it could not be read'
  throw new AppError('input_rejected', `The document has no text: ${error?.message ?? why}`)
}
