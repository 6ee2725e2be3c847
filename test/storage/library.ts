import { createHash } from 'node:crypto'
import { beforeAll } from 'vitest'
import type { Chunk } from '../../src/core/chunk.ts'
import type { Attributes } from '../../src/core/filter.ts'
import { createId } from '../../src/core/id.ts'
import type { Database, Transaction } from '../../src/core/ports/database.ts'
import type { IndexedDocument, NewDocument } from '../../src/core/ports/documents.ts'
import type { FileRecord } from '../../src/core/ports/files.ts'
import type { Backend } from '../../src/storage/backend.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { createFiles } from '../../src/storage/files.ts'
import { createVectorStores } from '../../src/storage/vector-stores.ts'
import { onEveryBackend } from './backends.ts'

/** An embedding space of four dimensions: enough to be near to one thing and far from another. */
export const SPACE = { name: 'tiny', model: 'test/tiny', dimensions: 4 } as const

export async function createSpace({ pool }: Backend): Promise<void> {
  const { name, model, dimensions } = SPACE
  await pool.query('call create_embedding_space($1, $2, $3)', [name, model, dimensions])
}

export interface Library {
  readonly database: Database
  readonly newTenant: () => Promise<string>
  /** Messages sent to the database since the last time. */
  readonly takeStatements: () => readonly string[]
  /** What autovacuum does on a server, now and without chance. */
  readonly analyze: () => Promise<void>
  readonly hasAutovacuum: boolean
}

/** Runs the suite once a backend, with a database that has the space. */
export function onEveryLibrary(title: string, suite: (library: Library) => void): void {
  onEveryBackend(title, (world) => {
    beforeAll(() => createSpace(world.backend))
    suite({
      database: world.database,
      newTenant: () => world.newTenant(),
      takeStatements: () => world.takeStatements(),
      analyze: async () => {
        await world.backend.pool.query('analyze')
      },
      hasAutovacuum: world.kind === 'postgres',
    })
  })
}

export const files = createFiles()
export const stores = createVectorStores()
export const documents = createDocuments({ space: SPACE })

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

let clock = Date.UTC(2026, 0, 1)
/** Each call is a second later than the one before. */
export const later = () => new Date((clock += 1000))

export async function addStore(transaction: Transaction, name = 'papers'): Promise<string> {
  const id = createId('vs_')
  await stores.insert(transaction, {
    id,
    name,
    metadata: {},
    createdAt: later(),
    expiresAfterDays: null,
    chunkSize: null,
  })
  return id
}

export async function addFile(
  transaction: Transaction,
  fields: Partial<FileRecord> = {},
): Promise<FileRecord> {
  const id = createId('file-')
  const file = {
    id,
    filename: `${id}.txt`,
    purpose: 'assistants',
    bytes: 100,
    sha256: sha256(id),
    createdAt: later(),
    expiresAt: null,
    ...fields,
  }
  await files.insert(transaction, file)
  return file
}

export async function addDocument(
  transaction: Transaction,
  vectorStoreId: string,
  fields: Partial<NewDocument> = {},
): Promise<string> {
  const fileId = fields.fileId ?? (await addFile(transaction)).id
  await documents.insert(transaction, {
    vectorStoreId,
    attributes: {},
    batchId: null,
    chunkSize: { maxTokens: 200, overlapTokens: 20 },
    createdAt: later(),
    sourceKey: null,
    ...fields,
    fileId,
  })
  return fileId
}

export interface Passage {
  readonly text: string
  readonly vector?: readonly [number, number, number, number]
  readonly context?: string
}

/** Unit length in four dimensions. */
export const unit = (...values: number[]) =>
  Float32Array.from(values, (value) => value / Math.hypot(...values))

export function indexed(
  vectorStoreId: string,
  fileId: string,
  passages: readonly Passage[],
): IndexedDocument {
  const text = passages.map((passage) => passage.text).join('\n')
  let end = -1
  const chunks = passages.map((passage, ordinal): Chunk => {
    const start = end + 1
    end = start + Buffer.byteLength(passage.text)
    return {
      ordinal,
      start,
      end,
      text: passage.text,
      context: passage.context ?? '',
      headings: ['Title', `Part ${ordinal}, “quoted”`],
      page: ordinal + 1,
      tokens: passage.text.split(' ').length,
    }
  })
  return {
    vectorStoreId,
    fileId,
    mediaType: 'text/plain',
    title: 'A title',
    textSha256: sha256(text),
    textBytes: Buffer.byteLength(text),
    chunks,
    vectors: new Map([
      [SPACE.model, passages.map((passage) => unit(...(passage.vector ?? [1, 1, 1, 1])))],
    ]),
  }
}

/** A completed document in one go; gives its file's id. */
export async function addIndexed(
  transaction: Transaction,
  vectorStoreId: string,
  of: { readonly passages: readonly Passage[]; readonly attributes?: Attributes },
): Promise<string> {
  const fileId = await addDocument(transaction, vectorStoreId, { attributes: of.attributes ?? {} })
  await documents.index(transaction, indexed(vectorStoreId, fileId, of.passages))
  return fileId
}
