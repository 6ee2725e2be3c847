-- Tenants, their keys, files, vector stores, documents, chunks, answers.
-- tenant_id leads every key; row-level security is forced on every table that has one.

create extension if not exists vector;
create extension if not exists pg_textsearch;

do $$ begin
  if not exists (select from pg_roles where rolname = 'ragstone_app') then
    create role ragstone_app nologin;
  end if;
exception
  when duplicate_object or unique_violation then
    null; -- Roles belong to the server: a migration of another of its databases was first.
  when insufficient_privilege then
    raise exception 'The database user % may not create the role ragstone_app. As an administrator, run: create role ragstone_app nologin; grant ragstone_app to %', current_user, quote_ident(current_user);
end $$;
-- Whoever connects takes this role for every tenant's transaction; a superuser may as it is.
do $$ begin
  if not pg_has_role(current_user, 'ragstone_app', 'set') then
    grant ragstone_app to current_user;
  end if;
end $$;
grant usage on schema public to ragstone_app;

-- Null outside a tenant's transaction, and null is equal to nothing: no tenant, no rows.
create function current_tenant() returns text
  language sql stable parallel safe
  return nullif(current_setting('ragstone.tenant_id', true), '');

create table tenants (
  id text primary key,
  name text not null,
  created_at timestamptz not null default now()
);
alter table tenants enable row level security;
create policy own on tenants for select to ragstone_app using (id = current_tenant());
grant select on tenants to ragstone_app;

create table api_keys (
  tenant_id text not null references tenants (id) on delete cascade,
  id text not null,
  name text not null,
  hash bytea not null,
  scopes text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id)
);
create unique index api_keys_by_id on api_keys (id);

create table files (
  tenant_id text not null references tenants (id) on delete cascade,
  id text not null,
  filename text not null,
  purpose text not null,
  bytes bigint not null,
  sha256 text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  primary key (tenant_id, id)
);
create index files_by_content on files (tenant_id, sha256);
create index files_by_time on files (tenant_id, created_at, id);

create table vector_stores (
  tenant_id text not null references tenants (id) on delete cascade,
  id text not null,
  name text not null,
  metadata jsonb not null default '{}',
  created_at timestamptz not null,
  last_active_at timestamptz not null,
  expires_after_days integer,
  chunk_tokens integer,
  chunk_overlap_tokens integer,
  version bigint not null default 0,
  primary key (tenant_id, id)
);
create index vector_stores_by_name on vector_stores (tenant_id, name);

create table documents (
  tenant_id text not null,
  vector_store_id text not null,
  file_id text not null,
  status text not null default 'in_progress'
    check (status in ('in_progress', 'completed', 'failed', 'cancelled')),
  stage text not null default 'queued'
    check (stage in ('queued', 'parse', 'chunk', 'embed', 'index')),
  attributes jsonb not null default '{}',
  chunk_tokens integer not null,
  chunk_overlap_tokens integer not null,
  source_key text,
  batch_id text,
  error_code text,
  error_message text,
  media_type text,
  title text,
  text_sha256 text,
  text_bytes bigint not null default 0,
  chunk_count integer not null default 0,
  chunks_embedded integer not null default 0,
  created_at timestamptz not null,
  primary key (tenant_id, vector_store_id, file_id),
  foreign key (tenant_id, vector_store_id) references vector_stores (tenant_id, id) on delete cascade,
  foreign key (tenant_id, file_id) references files (tenant_id, id) on delete cascade
);
create index documents_by_file on documents (tenant_id, file_id);
create index documents_by_text on documents (tenant_id, text_sha256);
create index documents_by_source_key on documents (tenant_id, vector_store_id, source_key);
create index documents_by_time on documents (tenant_id, vector_store_id, created_at, file_id);
create index documents_by_batch on documents (tenant_id, vector_store_id, batch_id);

create table chunks (
  tenant_id text not null,
  id bigint generated always as identity,
  vector_store_id text not null,
  file_id text not null,
  ordinal integer not null,
  start_byte bigint not null,
  end_byte bigint not null,
  text text not null,
  context text not null,
  headings text[] not null,
  page integer,
  -- [{ number, start }] of the pages that begin inside: a citation names the page that its quote is on.
  later_pages jsonb not null default '[]',
  tokens integer not null,
  primary key (tenant_id, id)
) partition by hash (tenant_id);
do $$ begin
  for part in 0..15 loop
    execute format('create table chunks_%s partition of chunks for values with (modulus 16, remainder %s)', part, part);
  end loop;
end $$;
create unique index chunks_by_document on chunks (tenant_id, vector_store_id, file_id, ordinal);
create index chunks_bm25 on chunks using bm25 ((context || E'\n' || text)) with (text_config = 'english');

-- pg_textsearch scores a row by the corpus statistics of the index it is told, and by those of the first
-- partition when told the partitioned one: 0 for every row where that partition lacks the words.
-- So a search names the index of its tenant's own partition.
do $$ begin
  for part in 0..15 loop
    execute format('alter index chunks_%s_expr_idx rename to chunks_%s_bm25', part, part);
  end loop;
end $$;
create function tenant_partition(tenant text) returns integer
  language sql stable parallel safe
  return (select part from generate_series(0, 15) as part
    where satisfies_hash_partition('chunks'::regclass, 16, part, tenant));

-- One row an embedding model; its vectors live in vectors_<name>, made by create_embedding_space.
create table embedding_spaces (
  name text primary key check (name ~ '^[a-z][a-z0-9_]{0,39}$'),
  model text not null unique,
  dimensions integer not null,
  created_at timestamptz not null default now()
);
grant select on embedding_spaces to ragstone_app;

create table embedding_cache (
  tenant_id text not null references tenants (id) on delete cascade,
  model text not null,
  hash bytea not null,
  embedding bytea not null,
  used_at timestamptz not null default now(),
  primary key (tenant_id, model, hash)
);
create index embedding_cache_by_use on embedding_cache (tenant_id, used_at);

create table responses (
  tenant_id text not null references tenants (id) on delete cascade,
  id text not null,
  created_at timestamptz not null,
  previous_response_id text,
  conversation_id text,
  input jsonb not null,
  response jsonb not null,
  primary key (tenant_id, id)
);

create table answer_traces (
  tenant_id text not null references tenants (id) on delete cascade,
  answer_id text not null,
  created_at timestamptz not null,
  trace jsonb not null,
  primary key (tenant_id, answer_id)
);

-- Row-level security for one table: forced, and no row without its tenant. A partition is a table that can be named,
-- so each is protected like its parent; null grants nothing.
create procedure protect_tenant_table(name text, rights text default 'select, insert, update, delete')
  language plpgsql as $$
begin
  execute format('alter table %I enable row level security', name);
  execute format('alter table %I force row level security', name);
  execute format('create policy tenant on %I using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())', name);
  if rights is not null then
    execute format('grant %s on %I to ragstone_app', rights, name);
  end if;
end $$;
do $$
declare name text;
begin
  foreach name in array array['api_keys', 'files', 'vector_stores', 'documents', 'chunks', 'embedding_cache', 'responses', 'answer_traces'] loop
    call protect_tenant_table(name);
  end loop;
  -- Scoring asks for the right to read the partition itself.
  for part in 0..15 loop
    call protect_tenant_table('chunks_' || part, 'select');
  end loop;
end $$;

-- A key is presented before its tenant is known: the row with exactly that id may be read, no other.
create policy presented on api_keys for select to ragstone_app
  using (id = nullif(current_setting('ragstone.presented_key', true), ''));

create procedure create_embedding_space(space text, model_id text, size integer) language plpgsql as $$
begin
  insert into embedding_spaces (name, model, dimensions) values (space, model_id, size);
  execute format('create table %I (
    tenant_id text not null,
    chunk_id bigint not null,
    vector_store_id text not null,
    file_id text not null,
    embedding halfvec(%s) not null,
    primary key (tenant_id, chunk_id),
    foreign key (tenant_id, chunk_id) references chunks (tenant_id, id) on delete cascade
  ) partition by hash (tenant_id)', 'vectors_' || space, size);
  for part in 0..15 loop
    execute format('create table %I partition of %I for values with (modulus 16, remainder %s)',
      'vectors_' || space || '_' || part, 'vectors_' || space, part);
    call protect_tenant_table('vectors_' || space || '_' || part, null);
  end loop;
  execute format('create index %I on %I using hnsw (embedding halfvec_cosine_ops)', 'vectors_' || space || '_hnsw', 'vectors_' || space);
  execute format('create index %I on %I (tenant_id, vector_store_id, file_id)', 'vectors_' || space || '_by_document', 'vectors_' || space);
  call protect_tenant_table('vectors_' || space);
end $$;

-- Called when chunks have changed. The embedded database has no autovacuum: never analysed, a search of 20,000 chunks
-- took 700 ms, because the planner took every store for a small one, and 25 ms after 0.3 s of analysis. So statistics
-- are renewed whenever the tenant's partition has doubled. As the owner, because the tenant's role may not.
create function refresh_statistics(space text) returns void
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  part integer := tenant_partition(current_tenant());
begin
  if (select pg_relation_size(oid) > 2 * 8192 * (relpages + 8) from pg_class where oid = ('chunks_' || part)::regclass)
    and pg_try_advisory_xact_lock(hashtextextended('refresh_statistics', part))
  then
    execute format('analyze documents, %I', 'chunks_' || part);
    if space is not null then
      execute format('analyze %I', 'vectors_' || space || '_' || part);
    end if;
  end if;
end $$;
