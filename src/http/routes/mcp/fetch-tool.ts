import {
  fetchToolInput,
  fetchToolOutput,
  type FetchToolOutput,
} from '../../../contract/mcp-tools.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { partId, readDocumentId } from './document-id.ts'
import { nameDocument } from './named-documents.ts'
import { readDocument, type ReadDocument } from './read-document.ts'
import { defineTool, type Tool } from './tool.ts'

/** In the form that ChatGPT's connectors and deep research ask for. */
export function fetchTool(deps: HttpDeps): Tool {
  return defineTool({
    name: 'fetch',
    title: 'Read a document',
    description:
      "Gives the whole extracted text of one of the organisation's own documents. A long one comes in parts: `metadata.next_id` is then the id of the next part.",
    scope: 'read',
    input: fetchToolInput,
    output: fetchToolOutput,
    async run({ id }, { tenantId, origin }) {
      const read = await readDocument(deps, tenantId, { place: readDocumentId(id), spelled: id })
      const { title, url } = nameDocument(read.document, origin)
      return { id, title, text: read.page.text, url, metadata: describe(read) }
    },
  })
}

function describe({
  document,
  textSha256,
  textBytes,
  page,
  next,
}: ReadDocument): FetchToolOutput['metadata'] {
  const { vectorStoreId, fileId, filename, mediaType, attributes } = document
  const { start, end } = page
  return {
    vector_store_id: vectorStoreId,
    file_id: fileId,
    filename,
    ...(mediaType === null ? {} : { media_type: mediaType }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes: { ...attributes } }),
    text_sha256: textSha256,
    text_bytes: textBytes,
    start,
    end,
    ...(next === null ? {} : moreToCome(partId(next), { end, textBytes })),
  }
}

function moreToCome(nextId: string, at: { readonly end: number; readonly textBytes: number }) {
  return {
    next_id: nextId,
    notice: `This is the text up to byte ${at.end} of ${at.textBytes}: fetch '${nextId}' to read on.`,
  }
}
