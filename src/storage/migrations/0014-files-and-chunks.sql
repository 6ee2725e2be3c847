-- A key a tenant for its files, wrapped by a master key that is not in the database. The server's own business: no
-- tenant's transaction sees it, and what erases a tenant erases it.
create table tenant_data_keys (
  tenant_id text primary key references tenants (id) on delete cascade,
  -- Nonce, ciphertext and tag of AES-256-GCM; the tenant's id is authenticated with it.
  wrapped bytea not null,
  -- Of the master key: a hash that names it and tells nothing about it.
  master_key_id text not null,
  created_at timestamptz not null default now(),
  wrapped_at timestamptz not null default now()
);
call protect_tenant_table('tenant_data_keys', null);

-- The wall stands before the owner of the schema too, so he goes from tenant to tenant.
create function used_master_keys() returns table (master_key_id text, tenants bigint)
  language plpgsql as $$
declare
  tenant text;
  used text[] := '{}';
begin
  for tenant in select id from tenants loop
    perform set_config('ragstone.tenant_id', tenant, true);
    used := used || array(select k.master_key_id from tenant_data_keys as k where k.tenant_id = tenant);
  end loop;
  perform set_config('ragstone.tenant_id', '', true);
  return query select each, count(*) from unnest(used) as each group by each;
end $$;
revoke execute on function used_master_keys() from public;

-- What people change of chunks. An edited one keeps the text that it had, which is still the bytes of its span.
alter table chunks add column origin_text text, add column edited_at timestamptz;

-- A disabled chunk stands here and not among the others, so that no search has to know of it. It keeps its id; its
-- vectors went with its row, and are made anew when it comes back.
create table disabled_chunks (
  tenant_id text not null,
  id bigint not null,
  vector_store_id text not null,
  file_id text not null,
  ordinal integer not null,
  start_byte bigint not null,
  end_byte bigint not null,
  text text not null,
  context text not null,
  headings text[] not null,
  page integer,
  later_pages jsonb not null default '[]',
  tokens integer not null,
  origin_text text,
  edited_at timestamptz,
  disabled_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, vector_store_id, file_id)
    references documents (tenant_id, vector_store_id, file_id) on delete cascade
);
create unique index disabled_chunks_by_document on disabled_chunks (tenant_id, vector_store_id, file_id, ordinal);
call protect_tenant_table('disabled_chunks');
create policy limited on disabled_chunks as restrictive to ragstone_app using (may_see_store(vector_store_id));

-- What answers have cited, so that a chunk can tell. By bytes: chunks come and go.
create table answer_citations (
  tenant_id text not null,
  answer_id text not null,
  place integer not null,
  vector_store_id text not null,
  file_id text not null,
  start_byte bigint not null,
  end_byte bigint not null,
  quote text not null,
  created_at timestamptz not null,
  made_by_key text default limited_to_key(),
  primary key (tenant_id, answer_id, place),
  foreign key (tenant_id, answer_id) references answer_traces (tenant_id, answer_id) on delete cascade
);
create index answer_citations_by_document on answer_citations (tenant_id, vector_store_id, file_id, start_byte);
call protect_tenant_table('answer_citations');
create policy limited on answer_citations as restrictive to ragstone_app
  using (limited_to_key() is null or made_by_key = limited_to_key());
