import type { Transaction } from '../core/ports/database.ts'
import { liftReach } from './reach-settings.ts'

/** A document that is to go. Its row is locked by the caller. */
export interface DoomedDocument {
  readonly vector_store_id: string
  readonly file_id: string
  readonly text_sha256: string | null
}

/**
 * Takes documents out with their chunks and, by cascade, the vectors of every embedding space. The caller has touched
 * their stores. Locks are taken in one order everywhere, so that no two changes wait in a ring: documents by (store,
 * file), then stores, then files, then what the tenant holds, then contents.
 */
export async function dropDocuments(
  transaction: Transaction,
  documents: readonly DoomedDocument[],
): Promise<void> {
  if (documents.length === 0) return
  const values = [
    transaction.tenantId,
    documents.map((document) => document.vector_store_id),
    documents.map((document) => document.file_id),
  ]
  for (const table of ['chunks', 'disabled_chunks', 'documents'])
    await transaction.query(
      `delete from ${table} as entry using unnest($2::text[], $3::text[]) as doomed (vector_store_id, file_id)
       where entry.tenant_id = $1 and entry.vector_store_id = doomed.vector_store_id and entry.file_id = doomed.file_id`,
      values,
    )
}

/** Their chunks have changed: the version, part of every cache key, goes up. */
export async function touchStores(transaction: Transaction, ids: readonly string[]): Promise<void> {
  await transaction.query(
    `with touched as (
       select id from vector_stores where tenant_id = $1 and id = any($2::text[]) order by id for update)
     update vector_stores set version = version + 1, last_active_at = now()
     where tenant_id = $1 and id in (select id from touched)`,
    [transaction.tenantId, ids],
  )
}

/** Of these blobs, the ones that no file and no document refers to any longer. */
export async function findOrphans(
  transaction: Transaction,
  hashes: readonly (string | null)[],
): Promise<readonly string[]> {
  const candidates = [...new Set(hashes)].filter((hash) => hash !== null)
  if (candidates.length === 0) return []
  // Whoever deletes may not see everything that refers to a blob.
  await liftReach(transaction)
  const rows = await transaction.query<{ hash: string }>(
    `select hash from unnest($2::text[]) as hash
     where not exists (select from files where tenant_id = $1 and sha256 = hash)
       and not exists (select from documents where tenant_id = $1 and text_sha256 = hash)`,
    [transaction.tenantId, candidates],
  )
  return rows.map((row) => row.hash)
}
