import type {
  ListResourcesResult,
  ListResourceTemplatesResult,
  ReadResourceResult,
  Resource,
} from '@modelcontextprotocol/sdk/types.js'
import type { DocumentRecord } from '../../../core/ports/documents.ts'
import type { Transaction } from '../../../core/ports/database.ts'
import { listAllStores } from '../../ask/all-stores.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { expiryOf } from '../../store-expiry.ts'
import {
  DOCUMENT_URI_TEMPLATE,
  documentUri,
  partUri,
  readDocumentUri,
  type DocumentReference,
} from './document-id.ts'
import { readDocument } from './read-document.ts'
import { invalidParams } from './rpc-error.ts'

const PAGE = 100
/** Whatever the file was, what is read is its extracted text. */
const TEXT = 'text/plain'

export const RESOURCE_TEMPLATES: ListResourceTemplatesResult = {
  resourceTemplates: [
    {
      uriTemplate: DOCUMENT_URI_TEMPLATE,
      name: 'document',
      title: 'Document',
      description:
        'The extracted text of a file in a vector store; a long one in parts, each beginning at the byte `start`.',
      mimeType: TEXT,
    },
  ],
}

type Deps = Pick<HttpDeps, 'blobs' | 'database' | 'documents' | 'vectorStores'>

/** Every document that can be read: newest store first, newest document first. */
export async function listResources(
  deps: Deps,
  tenantId: string,
  cursor: string | undefined,
): Promise<ListResourcesResult> {
  const from = cursor === undefined ? null : readCursor(cursor)
  const stores = await storesFrom(deps, tenantId, from)
  const { found, more } = await deps.database.transact(tenantId, (transaction) =>
    fillPage(deps, transaction, { stores, from }),
  )
  const last = found.at(-1)
  return {
    resources: found.map(describe),
    ...(more && last !== undefined ? { nextCursor: writeCursor(last) } : {}),
  }
}

/** Stores with something to read, from the last document of the page before on. The one of the cursor may be gone by now: ids sort by their making. */
async function storesFrom(
  deps: Deps,
  tenantId: string,
  from: DocumentReference | null,
): Promise<readonly string[]> {
  const now = new Date()
  const stores = await listAllStores(deps, tenantId)
  return stores
    .filter((store) => store.fileCounts.completed > 0 && (expiryOf(store) ?? now) >= now)
    .map(({ id }) => id)
    .filter((id) => from === null || id <= from.vectorStoreId)
}

async function fillPage(
  { documents }: Deps,
  transaction: Transaction,
  { stores, from }: { readonly stores: readonly string[]; readonly from: DocumentReference | null },
): Promise<{ readonly found: readonly DocumentRecord[]; readonly more: boolean }> {
  const found: DocumentRecord[] = []
  for (const [index, id] of stores.entries()) {
    const limit = PAGE - found.length
    const after = id === from?.vectorStoreId ? from.fileId : null
    const cursor = { after, before: null, limit, order: 'desc' } as const
    const rows = await documents.list(transaction, id, cursor, { status: 'completed' })
    found.push(...rows.slice(0, limit))
    if (found.length === PAGE)
      return { found, more: rows.length > limit || index + 1 < stores.length }
  }
  return { found, more: false }
}

function describe(document: DocumentRecord): Resource {
  const { filename, title, textBytes, createdAt } = document
  return {
    uri: documentUri(document),
    name: filename,
    title: title ?? filename,
    mimeType: TEXT,
    size: textBytes,
    annotations: { lastModified: createdAt.toISOString() },
  }
}

/** Throws `resource_not_found`. What follows a long text's first part stands in `_meta`. */
export async function readResource(
  deps: Deps,
  tenantId: string,
  uri: string,
): Promise<ReadResourceResult> {
  const place = readDocumentUri(uri)
  const { page, next, textSha256, textBytes } = await readDocument(deps, tenantId, {
    place,
    spelled: uri,
  })
  const meta = {
    'ragstone/start': page.start,
    'ragstone/end': page.end,
    'ragstone/text_bytes': textBytes,
    'ragstone/text_sha256': textSha256,
    ...(next === null ? {} : { 'ragstone/next_uri': partUri(next) }),
  }
  return { contents: [{ uri, mimeType: TEXT, text: page.text, _meta: meta }] }
}

function writeCursor({ vectorStoreId, fileId }: DocumentReference): string {
  return Buffer.from(`${vectorStoreId}/${fileId}`).toString('base64url')
}

function readCursor(cursor: string): DocumentReference {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const [, vectorStoreId, fileId] = /^(vs_[\w-]{1,100})\/(file-[\w-]{1,100})$/.exec(text) ?? []
  if (vectorStoreId === undefined || fileId === undefined) {
    throw invalidParams('The cursor is not one that resources/list gave: begin without one.')
  }
  return { vectorStoreId, fileId }
}
