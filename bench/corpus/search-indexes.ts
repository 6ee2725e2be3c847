import type pg from 'pg'
import type { Backend } from '../../src/storage/backend.ts'
import { spaceTable } from '../../src/storage/space-table.ts'

interface IndexDefinition {
  readonly name: string
  readonly definition: string
}

/** The two search indexes of the partitioned tables, with what must be there again afterwards. */
export interface DroppedIndexes {
  readonly all: readonly IndexDefinition[]
}

/** Built after the rows, they take a fraction of the time. */
export async function dropIndexes(client: pg.PoolClient, space: string): Promise<DroppedIndexes> {
  const all = await readIndexes(client)
  await client.query(`drop index chunks_bm25, ${spaceTable(space)}_hnsw`)
  return { all }
}

/** As the migration makes them. Throws when any index is not the one that was dropped. */
export async function buildIndexes(
  client: pg.PoolClient,
  of: { readonly space: string; readonly dropped: DroppedIndexes; readonly kind: Backend['kind'] },
): Promise<void> {
  const table = spaceTable(of.space)
  const parallel = of.kind === 'postgres' ? 2 : 0
  await client.query(`set maintenance_work_mem = '${of.kind === 'postgres' ? '3GB' : '512MB'}'`)
  await client.query(`set max_parallel_maintenance_workers = ${parallel}`)
  const before = new Map(of.dropped.all.map((index) => [index.name, index.definition]))
  await client.query(onParent(before.get('chunks_bm25')))
  for (let part = 0; part < 16; part += 1)
    await client.query(`alter index chunks_${part}_expr_idx rename to chunks_${part}_bm25`)
  await client.query(onParent(before.get(`${table}_hnsw`)))
  await client.query('reset maintenance_work_mem; reset max_parallel_maintenance_workers')
  const after = await readIndexes(client)
  if (JSON.stringify(after) !== JSON.stringify(of.dropped.all))
    throw new Error('The indexes are not those that the migration makes.')
}

/** `create index … on only …` would leave the partitions without. */
function onParent(definition: string | undefined): string {
  if (definition === undefined) throw new Error('The migration makes no such index any longer.')
  return definition.replace(' ON ONLY ', ' ON ')
}

async function readIndexes(client: pg.PoolClient): Promise<IndexDefinition[]> {
  const { rows } = await client.query<IndexDefinition>(
    `select indexname as name, indexdef as definition from pg_indexes where schemaname = 'public' order by 1`,
  )
  return rows
}
