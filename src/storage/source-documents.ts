import type { Transaction } from '../core/ports/database.ts'
import {
  sourceKeyOf,
  type KnownDocument,
  type SourceDocuments,
  type TakenDocument,
} from '../core/ports/sources.ts'
import { dropDocuments, findOrphans, touchStores, type DoomedDocument } from './drop-documents.ts'

const THIS_ONE = 'tenant_id = $1 and source_id = $2'

export function createSourceDocuments(): SourceDocuments {
  return {
    versions: (transaction, sourceId, { after, limit }) =>
      transaction.query<{ key: string; version: string | null }>(
        `select key, version from source_documents
         where ${THIS_ONE} and file_id is not null and ($3::text is null or key > $3) order by key limit $4`,
        [transaction.tenantId, sourceId, after, limit],
      ),

    async find(transaction, sourceId, key) {
      const [row] = await transaction.query<KnownDocument>(
        `select version, memory, sha256, file_id as "fileId" from source_documents
         where ${THIS_ONE} and key = $3 and file_id is not null`,
        [transaction.tenantId, sourceId, key],
      )
      return row ?? null
    },

    async intend(transaction, sourceId, { key, fileId }) {
      await transaction.query(
        `insert into source_documents (tenant_id, source_id, key, pending_file_id) values ($1, $2, $3, $4)
         on conflict (tenant_id, source_id, key) do update set pending_file_id = excluded.pending_file_id`,
        [transaction.tenantId, sourceId, key, fileId],
      )
    },

    async take(transaction, sourceId, taken: TakenDocument) {
      const stays = await transaction.query(
        'select id from sources where tenant_id = $1 and id = $2 and removing_at is null for share',
        [transaction.tenantId, sourceId],
      )
      if (stays.length === 0) return false
      const rows = await transaction.query(
        `update source_documents set version = $5, memory = $6, sha256 = $7, bytes = $8, file_id = $9,
           pending_file_id = null, last_seen_at = now()
         where ${THIS_ONE} and key = $3 and pending_file_id = $4 returning key`,
        [
          transaction.tenantId,
          sourceId,
          taken.key,
          taken.uploadId,
          taken.version,
          taken.memory,
          taken.sha256,
          taken.bytes,
          taken.fileId,
        ],
      )
      return rows.length > 0
    },

    async dropPending(transaction, sourceId) {
      const pending = await transaction.query<{ key: string; pending_file_id: string }>(
        `select key, pending_file_id from source_documents
         where ${THIS_ONE} and pending_file_id is not null for update`,
        [transaction.tenantId, sourceId],
      )
      if (pending.length === 0) return { orphans: [] }
      const hashes = await dropUnusedFiles(
        transaction,
        pending.map(({ pending_file_id: id }) => id),
      )
      await transaction.query(
        `delete from source_documents where ${THIS_ONE} and pending_file_id is not null and file_id is null`,
        [transaction.tenantId, sourceId],
      )
      await transaction.query(
        `update source_documents set pending_file_id = null where ${THIS_ONE} and pending_file_id is not null`,
        [transaction.tenantId, sourceId],
      )
      return { orphans: await findOrphans(transaction, hashes) }
    },

    async remember(transaction, sourceId, items) {
      if (items.length === 0) return
      await transaction.query(
        `update source_documents as known set version = item.version, memory = item.memory
         from unnest($3::text[], $4::text[], $5::text[]) as item (key, version, memory)
         where known.tenant_id = $1 and known.source_id = $2 and known.key = item.key`,
        [
          transaction.tenantId,
          sourceId,
          items.map(({ key }) => key),
          items.map(({ version }) => version),
          items.map(({ memory }) => memory),
        ],
      )
    },

    async sawAll(transaction, sourceId, but) {
      await transaction.query(
        `update source_documents set last_seen_at = now()
         where ${THIS_ONE} and last_seen_at < now() - interval '1 day' and not key = any($3::text[])`,
        [transaction.tenantId, sourceId, but],
      )
    },

    async drop(transaction, { id, vectorStoreId }, keys) {
      if (keys.length === 0) return { orphans: [] }
      const documents = await transaction.query<DoomedDocument>(
        `select vector_store_id, file_id, text_sha256 from documents
         where tenant_id = $1 and vector_store_id = $2 and source_key = any($3::text[]) order by file_id for update`,
        [transaction.tenantId, vectorStoreId, keys.map((key) => sourceKeyOf(id, key))],
      )
      if (documents.length > 0) await touchStores(transaction, [vectorStoreId])
      await dropDocuments(transaction, documents)
      const files = await dropUnusedFiles(
        transaction,
        documents.map(({ file_id: fileId }) => fileId),
      )
      await transaction.query(
        `delete from source_documents where ${THIS_ONE} and key = any($3::text[])`,
        [transaction.tenantId, id, keys],
      )
      const texts = documents.map(({ text_sha256: hash }) => hash)
      return { orphans: await findOrphans(transaction, [...files, ...texts]) }
    },
  }
}

/** Gives the hashes of those that went. */
async function dropUnusedFiles(
  transaction: Transaction,
  fileIds: readonly string[],
): Promise<readonly string[]> {
  if (fileIds.length === 0) return []
  const files = await transaction.query<{ sha256: string }>(
    `delete from files where tenant_id = $1 and id = any($2::text[])
       and not exists (select from documents where documents.tenant_id = $1 and file_id = files.id)
     returning sha256`,
    [transaction.tenantId, fileIds],
  )
  return files.map(({ sha256 }) => sha256)
}
