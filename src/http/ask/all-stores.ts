import type { Cursor } from '../../core/ports/files.ts'
import type { VectorStoreRecord } from '../../core/ports/vector-stores.ts'
import type { HttpDeps } from '../http-deps.ts'

const PAGE = 100
/** More stores than anybody names one by one; a question over all of them goes no further. */
const MOST = 1_000

/** Newest first; one round trip for as many as fit a page. */
export async function listAllStores(
  { database, vectorStores }: Pick<HttpDeps, 'database' | 'vectorStores'>,
  tenantId: string,
): Promise<readonly VectorStoreRecord[]> {
  const stores: VectorStoreRecord[] = []
  let after: string | null = null
  do {
    const cursor: Cursor = { after, before: null, limit: PAGE, order: 'desc' }
    const rows: readonly VectorStoreRecord[] = await database.transact(
      tenantId,
      (transaction) => vectorStores.list(transaction, cursor),
      // An empty page after a cursor is asked about once more.
      { oneStatement: after === null },
    )
    stores.push(...rows.slice(0, PAGE))
    after = rows.length > PAGE ? (stores.at(-1)?.id ?? null) : null
  } while (after !== null && stores.length < MOST)
  return stores
}
