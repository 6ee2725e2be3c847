import { basename } from 'node:path'
import { FormData } from 'undici'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'

export interface Store {
  readonly id: string
  readonly name: string | null
  readonly usage_bytes: number
  readonly created_at: number
  readonly file_counts: {
    readonly in_progress: number
    readonly completed: number
    readonly failed: number
    readonly cancelled: number
    readonly total: number
  }
}

export interface StoredFile {
  readonly id: string
  readonly filename: string
  readonly bytes: number
  readonly purpose: string
  readonly created_at: number
}

/** A file in a vector store. */
export interface StoreFile {
  readonly id: string
  readonly status: 'cancelled' | 'completed' | 'failed' | 'in_progress'
  readonly created_at: number
  readonly usage_bytes: number
  readonly last_error: { readonly code: string; readonly message: string } | null
  readonly ragstone: {
    readonly filename: string
    readonly sha256: string
    readonly stage: string
    readonly media_type: string | null
    readonly chunks: number
    readonly chunks_embedded: number
  }
}

/** Where an answer's claim comes from: bytes [start, end) of the file's extracted text. */
export interface Citation {
  readonly type: 'file_citation'
  readonly file_id: string
  readonly filename: string
  readonly ragstone: {
    readonly number: number
    readonly start: number
    readonly end: number
    readonly page: number | null
    readonly quote: string
    readonly score: number
    readonly vector_store_id: string
  }
}

export interface SearchResult {
  readonly file_id: string
  readonly filename: string
  readonly score: number
  readonly content: readonly { readonly type: string; readonly text: string }[]
  readonly ragstone: {
    readonly vector_store_id: string
    readonly start: number
    readonly end: number
    readonly page: number | null
    readonly headings: readonly string[]
  }
}

export interface Model {
  readonly id: string
  readonly owned_by: string
  readonly name?: string
  readonly ragstone: { readonly kind: string; readonly context_tokens: number | null }
}

export interface Person {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: string
  readonly status: string
  readonly last_sign_in_at: number | null
}

export interface List<Item> {
  readonly data: readonly Item[]
  readonly has_more?: boolean
}

/** That one question may look in. */
const MOST_STORES = 100
const encode = encodeURIComponent
const isStoreId = (name: string) => name.startsWith('vs_')

/** Every item of a list, page by page. */
export async function* listAll<Item extends { readonly id: string }>(
  client: Client,
  path: string,
): AsyncIterable<Item> {
  for (let after: string | undefined; ;) {
    const query = { limit: 100, after }
    const page = await client.send<List<Item>>('GET', path, { query })
    yield* page.data
    after = page.data.at(-1)?.id
    if (page.has_more !== true || after === undefined) return
  }
}

/** By id (`vs_…`) or by name; undefined when there is none. */
export async function findStore(client: Client, name: string): Promise<Store | undefined> {
  if (isStoreId(name)) return client.send('GET', `/v1/vector_stores/${encode(name)}`)
  for await (const store of listAll<Store>(client, '/v1/vector_stores')) {
    if (store.name === name) return store
  }
  return undefined
}

/** By id (`user_…`) or by e-mail address. */
export async function findPerson(client: Client, name: string): Promise<Person> {
  for await (const person of listAll<Person>(client, '/api/users')) {
    if (person.id === name || person.email === name.toLowerCase()) return person
  }
  throw new CliError(`There is nobody “${name}”. \`ragstone users list\` shows who there is.`)
}

export async function requireStore(client: Client, name: string): Promise<Store> {
  const store = await findStore(client, name)
  if (store !== undefined) return store
  throw new CliError(`There is no store “${name}”. \`ragstone stores list\` shows those there are.`)
}

/** Those named; every one there is when none is. */
export async function chooseStores(
  client: Client,
  names: readonly string[],
): Promise<readonly Store[]> {
  if (names.length > 0) return Promise.all(names.map((name) => requireStore(client, name)))
  const stores = await Array.fromAsync(listAll<Store>(client, '/v1/vector_stores'))
  if (stores.length > MOST_STORES) {
    throw new CliError(`There are ${stores.length} stores: name those to look in with --store.`)
  }
  if (stores.length > 0) return stores
  throw new CliError('Nothing has been loaded yet. Load something with `ragstone ingest <path>`.')
}

export function createStore(client: Client, name: string): Promise<Store> {
  return client.send('POST', '/v1/vector_stores', { body: { name } })
}

export interface Upload {
  readonly path: string
  readonly content: Uint8Array<ArrayBuffer>
}

export function uploadFile(
  client: Client,
  { path, content }: Upload,
  signal: AbortSignal,
): Promise<StoredFile> {
  const form = new FormData()
  form.set('purpose', 'assistants')
  form.set('file', new Blob([content]), basename(path))
  return client.send('POST', '/v1/files', { body: form, signal })
}

export interface Membership {
  readonly fileId: string
  readonly sourceKey: string
  readonly attributes: Readonly<Record<string, string>>
}

export function addToStore(
  client: Client,
  storeId: string,
  { fileId, sourceKey, attributes }: Membership,
): Promise<StoreFile> {
  return client.send('POST', `/v1/vector_stores/${encode(storeId)}/files`, {
    body: { file_id: fileId, source_key: sourceKey, attributes },
  })
}

export function getStoreFile(client: Client, storeId: string, fileId: string): Promise<StoreFile> {
  return client.send('GET', `/v1/vector_stores/${encode(storeId)}/files/${encode(fileId)}`)
}

/** What the store holds under a source key (the newest), if anything. */
export async function documentBySourceKey(
  client: Client,
  storeId: string,
  sourceKey: string,
): Promise<StoreFile | undefined> {
  const path = `/api/vector_stores/${encode(storeId)}/documents`
  const found = await client.send<List<StoreFile>>('GET', path, {
    query: { source_key: sourceKey },
  })
  return found.data[0]
}
