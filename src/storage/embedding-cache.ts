import type { Transaction } from '../core/ports/database.ts'
import type { EmbeddingCache } from '../core/ports/documents.ts'

const BATCH = 500

export interface PurgeableEmbeddingCache extends EmbeddingCache {
  /** Entries of the tenant that nothing asked for in so many days go. Says how many. */
  purge(transaction: Transaction, olderThanDays: number): Promise<number>
}

export function createEmbeddingCache(): PurgeableEmbeddingCache {
  return {
    async get(transaction, model, hashes) {
      const found = new Map<string, Float32Array>()
      for (let from = 0; from < hashes.length; from += BATCH) {
        const some = hashes.slice(from, from + BATCH).map(toBytes)
        const rows = await transaction.query<{ hash: Buffer; embedding: Buffer }>(GET, [
          transaction.tenantId,
          model,
          some,
        ])
        for (const { hash, embedding } of rows) found.set(hash.toString('hex'), toVector(embedding))
      }
      return found
    },

    async put(transaction, model, entries) {
      // In the order of their keys, so that two puts of the same texts never wait for each other in a ring.
      const sorted = [...entries].toSorted(([one], [other]) => (one < other ? -1 : 1))
      for (let from = 0; from < sorted.length; from += BATCH) {
        const some = sorted.slice(from, from + BATCH)
        await transaction.query(
          `insert into embedding_cache (tenant_id, model, hash, embedding)
           select $1, $2, hash, embedding from unnest($3::bytea[], $4::bytea[]) as entry (hash, embedding)
           on conflict (tenant_id, model, hash) do update set embedding = excluded.embedding, used_at = now()`,
          [
            transaction.tenantId,
            model,
            some.map(([hash]) => toBytes(hash)),
            some.map(([, vector]) =>
              Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength),
            ),
          ],
        )
      }
    },

    async purge(transaction, olderThanDays) {
      const [row] = await transaction.query<{ gone: number }>(
        `with gone as (
           delete from embedding_cache
           where tenant_id = $1 and used_at < now() - make_interval(days => $2) returning hash)
         select count(*)::integer as gone from gone`,
        [transaction.tenantId, olderThanDays],
      )
      return row?.gone ?? 0
    },
  }
}

// Read, and touched at most once a day: a re-ingestion that hits everywhere would otherwise rewrite every row.
// Rows that another transaction is touching are skipped rather than waited for.
const GET = `
  with stale as (
    select hash from embedding_cache
    where tenant_id = $1 and model = $2 and hash = any($3::bytea[]) and used_at < now() - interval '1 day'
    order by hash for update skip locked),
  touched as (
    update embedding_cache set used_at = now()
    where tenant_id = $1 and model = $2 and hash in (select hash from stale))
  select hash, embedding from embedding_cache
  where tenant_id = $1 and model = $2 and hash = any($3::bytea[])`

const toBytes = (hash: string) => Buffer.from(hash, 'hex')

/** Float32 as this machine writes them: little-endian wherever Node runs. A copy, because a row's bytes are not aligned. */
function toVector(bytes: Buffer): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer)
}
