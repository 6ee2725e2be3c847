import type { VectorStoreRecord } from '../../core/ports/vector-stores.ts'
import type { HttpDeps } from '../http-deps.ts'

const PAGE = 100
/** More stores than anybody names one by one; a question over all of them goes no further. */
const MOST = 1_000

/** Newest first. */
export function listAllStores(
  { database, vectorStores }: Pick<HttpDeps, 'database' | 'vectorStores'>,
  tenantId: string,
): Promise<readonly VectorStoreRecord[]> {
  return database.transact(tenantId, async (transaction) => {
    const stores: VectorStoreRecord[] = []
    let after: string | null = null
    do {
      const cursor = { after, before: null, limit: PAGE, order: 'desc' } as const
      const rows = await vectorStores.list(transaction, cursor)
      stores.push(...rows.slice(0, PAGE))
      after = rows.length > PAGE ? (stores.at(-1)?.id ?? null) : null
    } while (after !== null && stores.length < MOST)
    return stores
  })
}
