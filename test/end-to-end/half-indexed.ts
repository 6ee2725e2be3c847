import { within, type Place } from './erased-place.ts'

/** Documents whose chunks or vectors do not agree with their status, straight from the database of a dead server. */
export function halfIndexed(place: Place): Promise<readonly object[]> {
  return within(place, async (pool) => {
    const { rows: spaces } = await pool.query<{ name: string }>('select name from embedding_spaces')
    const space = spaces[0]?.name ?? ''
    const { rows } = await pool.query<object>(`
      select d.file_id, d.status, d.chunk_count, count(c.id) as chunks, count(v.chunk_id) as vectors
      from documents d
      left join chunks c using (tenant_id, vector_store_id, file_id)
      left join vectors_${space} v on v.tenant_id = c.tenant_id and v.chunk_id = c.id
      group by d.tenant_id, d.vector_store_id, d.file_id
      having count(c.id) <> case when d.status = 'completed' then d.chunk_count else 0 end
        or count(v.chunk_id) <> count(c.id)
        or (d.status = 'completed' and d.chunk_count = 0)`)
    return rows
  })
}
