import type pg from 'pg'
import { ensureEmbeddingSpace } from './embedding-space.ts'
import { IS_OPEN, SERVING_SPACE, type ServingSpace } from './migration-row.ts'
import { ownerTransaction } from './owner-transaction.ts'

/**
 * The configured model's space serves where none does yet, and where nothing was ever put into the one that does.
 * Otherwise another one only comes to serve by a migration.
 */
export async function settleServingSpace(
  pool: pg.Pool,
  model: { readonly model: string; readonly dimensions: number },
): Promise<void> {
  const [serving] = (await pool.query<ServingSpace>(SERVING_SPACE)).rows
  if (serving?.model === model.model) return
  if (serving !== undefined && (await isInUse(pool))) return
  const name = await ensureEmbeddingSpace(pool, model)
  await ownerTransaction(pool, async ({ query }) => {
    await query(
      `insert into embedding_serving (space)
       select name from embedding_spaces where name = $1 and doomed_at is null
       on conflict (only_row) do update set space = excluded.space, since = now()
       where not exists (select from embedding_migrations where ${IS_OPEN})`,
      [name],
    )
  })
}

/** Whether any tenant has a chunk, or a migration is open. */
function isInUse(pool: pg.Pool): Promise<boolean> {
  return ownerTransaction(pool, async ({ query }) => {
    const [row] = await query<{ used: boolean }>(
      `select chunks > 0 or exists (
         select from embedding_migrations where ${IS_OPEN}) as used
       from embedding_serving cross join lateral embedding_coverage(space)`,
    )
    return row?.used === true
  })
}
