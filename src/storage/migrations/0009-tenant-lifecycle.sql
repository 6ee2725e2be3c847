-- What a tenant holds, counted as it changes, and how its erasure goes.

-- Commands name a tenant by it.
create unique index tenants_by_name on tenants (name);

-- Counted by triggers in the transaction that changes what is counted, so that no way in or out can be forgotten.
-- Its row is the last one that a transaction locks: uploads of one tenant take turns from here to their commit.
create table tenant_storage (
  tenant_id text primary key references tenants (id) on delete cascade,
  files bigint not null default 0,
  stored_bytes bigint not null default 0,
  chunks bigint not null default 0
) with (fillfactor = 50);
call protect_tenant_table('tenant_storage', 'select, update');

-- Whoever makes a tenant acts in none or in another one, and the wall is forced on the owner too.
create function open_tenant_storage() returns trigger language plpgsql as $$
declare
  acting text := coalesce(current_setting('ragstone.tenant_id', true), '');
begin
  perform set_config('ragstone.tenant_id', new.id, true);
  insert into tenant_storage (tenant_id) values (new.id);
  perform set_config('ragstone.tenant_id', acting, true);
  return null;
end $$;
create trigger open_storage after insert on tenants
  for each row execute function open_tenant_storage();

create function count_files() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    update tenant_storage as held
      set files = held.files + changed.files, stored_bytes = held.stored_bytes + changed.bytes
      from (select tenant_id, count(*) as files, sum(bytes)::bigint as bytes from added group by tenant_id) as changed
      where held.tenant_id = changed.tenant_id;
  else
    update tenant_storage as held
      set files = held.files - changed.files, stored_bytes = held.stored_bytes - changed.bytes
      from (select tenant_id, count(*) as files, sum(bytes)::bigint as bytes from removed group by tenant_id) as changed
      where held.tenant_id = changed.tenant_id;
  end if;
  return null;
end $$;
create trigger count_added after insert on files
  referencing new table as added for each statement execute function count_files();
create trigger count_removed after delete on files
  referencing old table as removed for each statement execute function count_files();

-- A document has its chunks from the moment it is completed, all at once.
create function count_chunks() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    update tenant_storage as held set chunks = held.chunks + changed.chunks
      from (select tenant_id, sum(chunk_count) as chunks from added where status = 'completed' group by tenant_id) as changed
      where held.tenant_id = changed.tenant_id and changed.chunks <> 0;
  elsif tg_op = 'DELETE' then
    update tenant_storage as held set chunks = held.chunks - changed.chunks
      from (select tenant_id, sum(chunk_count) as chunks from removed where status = 'completed' group by tenant_id) as changed
      where held.tenant_id = changed.tenant_id and changed.chunks <> 0;
  else
    update tenant_storage as held set chunks = held.chunks + changed.chunks
      from (
        select tenant_id, sum(chunks) as chunks from (
          select tenant_id, chunk_count as chunks from added where status = 'completed'
          union all
          select tenant_id, -chunk_count from removed where status = 'completed') as each
        group by tenant_id) as changed
      where held.tenant_id = changed.tenant_id and changed.chunks <> 0;
  end if;
  return null;
end $$;
create trigger count_added after insert on documents
  referencing new table as added for each statement execute function count_chunks();
create trigger count_removed after delete on documents
  referencing old table as removed for each statement execute function count_chunks();
create trigger count_changed after update on documents
  referencing old table as removed new table as added for each statement execute function count_chunks();

-- What the tenants of before hold.
do $$
declare
  tenant text;
begin
  for tenant in select id from tenants loop
    perform set_config('ragstone.tenant_id', tenant, true);
    insert into tenant_storage (tenant_id, files, stored_bytes, chunks)
      select tenant, count(*), coalesce(sum(bytes), 0)::bigint, (
          select coalesce(sum(chunk_count), 0) from documents where tenant_id = tenant and status = 'completed')
      from files where tenant_id = tenant;
  end loop;
  perform set_config('ragstone.tenant_id', '', true);
end $$;

-- Erasures under way and done: above the tenants, as the tenants are. `worker` has it until `leased_until`; one that
-- was killed renews its lease no longer, and another goes on.
create table tenant_erasures (
  erased_tenant_id text primary key,
  name text not null,
  -- Whose audit log it is kept in.
  operator_tenant_id text not null,
  asked_by jsonb not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  -- Rows a table and blobs, counted before the first was removed and after the last.
  before jsonb,
  after jsonb,
  worker text,
  leased_until timestamptz not null default now()
);
create index tenant_erasures_unfinished on tenant_erasures (started_at) where finished_at is null;
