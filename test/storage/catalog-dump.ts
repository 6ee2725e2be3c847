import type pg from 'pg'

/** The schema as sorted lines: tables, columns, constraints, indexes, functions, policies, rights. */
export async function dumpCatalog(pool: pg.Pool): Promise<readonly string[]> {
  const lines: string[] = []
  for (const query of QUERIES) {
    const { rows } = await pool.query<{ line: string }>(query)
    lines.push(...rows.map(({ line }) => line))
  }
  return lines.toSorted()
}

const OURS = `'public'::regnamespace`
const NOT_OF_AN_EXTENSION = `not exists (select from pg_depend where objid = it.oid and deptype = 'e')`
const QUERIES = [
  `select format('relation %s %s %s %s %s', relname, relkind, relrowsecurity, relforcerowsecurity,
     (select string_agg(entry::text, ',' order by entry::text) from unnest(relacl) as entry)) as line
   from pg_class as it where relnamespace = ${OURS} and ${NOT_OF_AN_EXTENSION}`,
  `select format('column %s.%s %s %s %s', relname, attname, format_type(atttypid, atttypmod), attnotnull,
     (select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = attrelid and adnum = attnum)) as line
   from pg_attribute join pg_class as it on it.oid = attrelid
   where relnamespace = ${OURS} and relkind in ('r', 'p') and attnum > 0 and not attisdropped and ${NOT_OF_AN_EXTENSION}`,
  `select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as line
   from pg_constraint where connamespace = ${OURS} and conrelid <> 0`,
  `select 'index ' || indexdef as line from pg_indexes where schemaname = 'public'`,
  `select 'function ' || pg_get_functiondef(oid) as line
   from pg_proc as it where pronamespace = ${OURS} and prokind in ('f', 'p') and ${NOT_OF_AN_EXTENSION}`,
  `select format('policy %s %s %s %s %s %s', tablename, policyname, permissive, roles, qual, with_check) as line
   from pg_policies where schemaname = 'public'`,
  `select format('extension %s %s', extname, extversion) as line from pg_extension`,
]
