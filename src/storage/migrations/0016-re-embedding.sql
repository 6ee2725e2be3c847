-- From one embedding model to another, without a moment in which nothing is found. All of this is the installation's, and
-- no tenant's: tenants share the tables of a space, and the models are those of the configuration. What is per tenant are
-- the vectors, whose tables are protected one by one.

-- The space that searches go to. No row before the first start with a model.
create table embedding_serving (
  only_row boolean primary key default true check (only_row),
  space text not null references embedding_spaces (name),
  since timestamptz not null default now()
);
grant select on embedding_serving to ragstone_app;

-- A table of vectors that nobody needs any longer; whoever looks after migrations takes it away.
alter table embedding_spaces add column doomed_at timestamptz;

create table embedding_migrations (
  id text primary key,
  -- Null where search was by words alone.
  from_space text,
  from_model text,
  to_space text not null,
  to_model text not null,
  to_dimensions integer not null,
  status text not null default 'planned'
    check (status in ('planned', 'building', 'ready', 'cut_over', 'rolled_back', 'old_dropped', 'cancelled')),
  -- Whether everything goes into the old space too; not where nobody has its model any longer.
  keeps_old boolean not null,
  -- Chunks a second over all tenants; null is without limit.
  rate double precision,
  -- No batch before this moment, where there is a limit.
  paced_until timestamptz,
  -- Why it does not go on by itself.
  problem text,
  -- Who looks after it, and until when.
  overseer text,
  overseen_until timestamptz not null default '-infinity',
  created_at timestamptz not null default now(),
  building_at timestamptz,
  ready_at timestamptz,
  cut_over_at timestamptz,
  ended_at timestamptz
);
create unique index embedding_migrations_open on embedding_migrations ((true))
  where status not in ('old_dropped', 'cancelled');
create index embedding_migrations_by_time on embedding_migrations (created_at);
grant select on embedding_migrations to ragstone_app;

-- The spaces that whatever is indexed now has to be in; whoever asks keeps it so until the end of his transaction. What
-- changes them takes the lock alone, and so waits for everybody who was told something else. A function, because a
-- statement that waits for a lock still sees what was there before it waited; the next one does not.
create function written_spaces() returns table (name text, model text, required boolean)
  language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock_shared(7247868);
  return query
    select e.name, e.model, bool_or(wanted.required) from (
      select s.space as name, false as required from embedding_serving as s
      union all
      select m.to_space, true from embedding_migrations as m
      where m.status in ('building', 'ready', 'cut_over', 'rolled_back')
      union all
      select m.from_space, true from embedding_migrations as m
      where m.status in ('building', 'ready', 'cut_over', 'rolled_back') and m.keeps_old) as wanted
    join embedding_spaces as e using (name)
    group by e.name, e.model order by e.name;
end $$;

-- Tenant by tenant, because the wall stands before the owner of the schema too. Chunks that are disabled have no vectors,
-- and are in another table. Vectors are null where the space has no table yet.
create function embedding_coverage(of_space text)
  returns table (tenants bigint, chunks bigint, tokens bigint, vectors bigint) language plpgsql as $$
declare
  tenant text;
  entered text := coalesce(current_setting('ragstone.tenant_id', true), '');
  found record;
  counting text;
begin
  tenants := 0; chunks := 0; tokens := 0;
  vectors := case when to_regclass('vectors_' || of_space) is null then null else 0 end;
  -- Both counts in one statement: a document that goes between two would look like a gap.
  counting := format('select count(*) as chunks, coalesce(sum(c.tokens), 0) as tokens, %s as vectors
      from chunks as c where tenant_id = $1',
    case when vectors is null then 'null::bigint'
      else format('(select count(*) from %I where tenant_id = $1)', 'vectors_' || of_space) end);
  for tenant in select id from public.tenants loop
    perform set_config('ragstone.tenant_id', tenant, true);
    execute counting into found using tenant;
    tenants := tenants + (found.chunks > 0)::int;
    chunks := chunks + found.chunks;
    tokens := tokens + found.tokens;
    vectors := vectors + found.vectors;
  end loop;
  perform set_config('ragstone.tenant_id', entered, true);
  return next;
end $$;
revoke execute on function embedding_coverage(text) from public;

-- Tenants with chunks that have no vector in the space; of those that are being erased nothing is to be made.
create function embedding_gaps(of_space text) returns setof text language plpgsql as $$
declare
  tenant text;
  entered text := coalesce(current_setting('ragstone.tenant_id', true), '');
  has_gap boolean;
begin
  for tenant in select id from public.tenants where status <> 'erasing' loop
    perform set_config('ragstone.tenant_id', tenant, true);
    execute format('select exists (select from chunks where tenant_id = $1 and not exists (
      select from %I as made where made.tenant_id = $1 and made.chunk_id = chunks.id))', 'vectors_' || of_space)
      into has_gap using tenant;
    if has_gap then
      return next tenant;
    end if;
  end loop;
  perform set_config('ragstone.tenant_id', entered, true);
end $$;
revoke execute on function embedding_gaps(text) from public;

-- As before, for all spaces that are written at once. The former one goes: a process that still calls it knows nothing
-- of a second space, and its work is tried again by one that does.
drop function refresh_statistics(text);
create function refresh_statistics(spaces text[]) returns void
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  part integer := tenant_partition(current_tenant());
  space text;
begin
  if (select pg_relation_size(oid) > 2 * 8192 * (relpages + 8) from pg_class where oid = ('chunks_' || part)::regclass)
    and pg_try_advisory_xact_lock(hashtextextended('refresh_statistics', part))
  then
    execute format('analyze documents, %I', 'chunks_' || part);
    foreach space in array spaces loop
      execute format('analyze %I', 'vectors_' || space || '_' || part);
    end loop;
  end if;
end $$;

-- What a migration embeds is the operator's doing: written down, and counted toward nobody's budget.
alter table usage_ledger drop constraint usage_ledger_purpose_check;
alter table usage_ledger add constraint usage_ledger_purpose_check
  check (purpose in ('answer', 'rewrite', 'embed_question', 'embed_documents', 'embed_texts', 'embed_again'));
