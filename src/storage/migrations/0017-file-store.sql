-- Which place of files belongs to this database. Of the whole installation, in one row: no tenant's transaction sees it.
create table file_store (
  single boolean primary key default true check (single),
  -- Stands in the place too: see store-identity.ts.
  id text not null,
  -- Where it was last seen, for whoever looks for it. Null until it was written there.
  place text,
  confirmed_at timestamptz
);

-- Some contents that there must be, of whichever tenants. The wall stands before the owner of the schema too, so he goes
-- from tenant to tenant.
create function some_contents(most integer) returns table (tenant_id text, sha256 text)
  language plpgsql as $$
declare
  tenant text;
  left_over integer := most;
  found_rows integer;
begin
  for tenant in select id from tenants order by id loop
    perform set_config('ragstone.tenant_id', tenant, true);
    return query select f.tenant_id, f.sha256 from files as f where f.tenant_id = tenant order by f.id limit left_over;
    get diagnostics found_rows = row_count;
    left_over := left_over - found_rows;
    exit when left_over <= 0;
  end loop;
  perform set_config('ragstone.tenant_id', '', true);
end $$;
revoke execute on function some_contents(integer) from public;
