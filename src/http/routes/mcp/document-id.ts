/** A document is a file in a vector store. */
export interface DocumentReference {
  readonly vectorStoreId: string
  readonly fileId: string
}

/** `start` is the byte of its text that reading begins at. */
export interface DocumentPlace extends DocumentReference {
  readonly start: number
}

const ID = /^(vs_[\w-]{1,100})\/(file-[\w-]{1,100})(?:@(\d{1,15}))?$/
const URI =
  /^ragstone:\/\/vector_stores\/(vs_[\w-]{1,100})\/files\/(file-[\w-]{1,100})(?:\?start=(\d{1,15}))?$/

export const DOCUMENT_URI_TEMPLATE =
  'ragstone://vector_stores/{vector_store_id}/files/{file_id}{?start}'

export function documentId({ vectorStoreId, fileId }: DocumentReference): string {
  return `${vectorStoreId}/${fileId}`
}

/** `vs_…/file-…@50000` is what follows the first 50 000 bytes. */
export function partId(place: DocumentPlace): string {
  return `${documentId(place)}@${place.start}`
}

export function documentUri({ vectorStoreId, fileId }: DocumentReference): string {
  return `ragstone://vector_stores/${vectorStoreId}/files/${fileId}`
}

export function partUri(place: DocumentPlace): string {
  return `${documentUri(place)}?start=${place.start}`
}

/** Null for what cannot be the id of a document. A resource's address is taken too. */
export function readDocumentId(id: string): DocumentPlace | null {
  return placeOf(ID.exec(id)) ?? readDocumentUri(id)
}

export function readDocumentUri(uri: string): DocumentPlace | null {
  return placeOf(URI.exec(uri))
}

function placeOf(match: RegExpExecArray | null): DocumentPlace | null {
  const [, vectorStoreId, fileId, start = '0'] = match ?? []
  if (vectorStoreId === undefined || fileId === undefined) return null
  return { vectorStoreId, fileId, start: Number(start) }
}
