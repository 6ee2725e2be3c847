import type pg from 'pg'

/**
 * Tables of tenants whose rows others could come by: a `tenant_id` column, but row-level security absent, not forced,
 * without a policy for the tenant, or with one that lets other rows through. Partitions are tables too.
 */
export async function unprotectedTables(
  pool: pg.Pool,
): Promise<readonly { readonly table: string; readonly reason: string }[]> {
  const { rows } = await pool.query<{ table: string; reason: string }>(
    `with tenant_tables as (
       select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity
       from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')),
     policies as (
       select polrelid,
         bool_or(polcmd = '*' and guards(polqual) and guards(polwithcheck)) as guarded,
         bool_or(not coalesce(guards(polqual), true) or not coalesce(guards(polwithcheck), true)) as open
       from (
         select polrelid, polcmd, pg_get_expr(polqual, polrelid) as polqual,
           pg_get_expr(polwithcheck, polrelid) as polwithcheck
         from pg_policy
         where polpermissive
           -- The one exception: a key is looked up before its tenant is known.
           and not (polrelid = 'api_keys'::regclass and polname = 'presented' and polcmd = 'r')) as policy
       group by polrelid)
     select relname as table, case
         when not relrowsecurity then 'no row-level security'
         when not relforcerowsecurity then 'not forced on the owner'
         when guarded is not true then 'no policy for its tenant'
         else 'a policy lets rows of others through' end as reason
     from tenant_tables left join policies on polrelid = oid
     where not (relrowsecurity and relforcerowsecurity and guarded is true and not open)
     order by relname`.replaceAll(/guards\((\w+)\)/g, "($1 = '(tenant_id = current_tenant())')"),
  )
  return rows
}
