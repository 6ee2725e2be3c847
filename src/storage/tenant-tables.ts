/**
 * Tables with rows of tenants and the column that names the tenant, partitions left to their parents. Rows that wait to
 * be sealed or handed out are the server's own, and name their tenant by another word.
 */
export const TENANT_TABLES = `
  select c.relname as name, c.oid::integer as id, a.attname as owner_column
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
    and (a.attname = 'tenant_id' or (c.relname = 'audit_queue' and a.attname = 'tenant'))
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  order by c.relname`

export const REFERENCES = `
  select distinct conrelid::integer as child, confrelid::integer as parent
  from pg_constraint where contype = 'f' and conrelid <> confrelid`

export interface TenantTable {
  readonly name: string
  readonly id: number
  readonly owner_column: string
}

export interface Reference {
  readonly child: number
  readonly parent: number
}

/** Children before their parents, so that what is counted as deleted was not taken along by something else. */
export function childrenFirst(
  tables: readonly TenantTable[],
  references: readonly Reference[],
): readonly TenantTable[] {
  const left = new Map(tables.map((table) => [table.id, table]))
  const ordered: TenantTable[] = []
  while (left.size > 0) {
    const isParent = (id: number) =>
      references.some(({ child, parent }) => parent === id && left.has(child))
    const free = [...left.values()].filter(({ id }) => !isParent(id))
    // Tables that refer to each other in a ring go in any order: the database cascades.
    for (const table of free.length > 0 ? free : left.values()) {
      ordered.push(table)
      left.delete(table.id)
    }
  }
  return ordered
}
