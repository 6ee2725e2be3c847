-- Conversations and their items, file batches, answers kept under idempotency keys, and what expiry looks for.

create table conversations (
  tenant_id text not null references tenants (id) on delete cascade,
  id text not null,
  created_at timestamptz not null,
  metadata jsonb not null default '{}',
  -- Of the item to come. Whoever appends raises it first, so that what is appended at once stays together.
  next_position bigint not null default 0,
  primary key (tenant_id, id)
);

create table conversation_items (
  tenant_id text not null,
  conversation_id text not null,
  id text not null,
  position bigint not null,
  item jsonb not null,
  primary key (tenant_id, conversation_id, id),
  unique (tenant_id, conversation_id, position),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);

create table file_batches (
  tenant_id text not null,
  vector_store_id text not null,
  id text not null,
  created_at timestamptz not null,
  cancelled_at timestamptz,
  primary key (tenant_id, vector_store_id, id),
  foreign key (tenant_id, vector_store_id) references vector_stores (tenant_id, id) on delete cascade
);

-- A file may have been in the store before the batch, so what a batch has asked for is more than what it brought.
create table file_batch_members (
  tenant_id text not null,
  vector_store_id text not null,
  batch_id text not null,
  file_id text not null,
  primary key (tenant_id, vector_store_id, batch_id, file_id),
  foreign key (tenant_id, vector_store_id, batch_id)
    references file_batches (tenant_id, vector_store_id, id) on delete cascade,
  foreign key (tenant_id, vector_store_id, file_id)
    references documents (tenant_id, vector_store_id, file_id) on delete cascade
);
create index file_batch_members_by_file on file_batch_members (tenant_id, vector_store_id, file_id);

create table idempotency_keys (
  tenant_id text not null references tenants (id) on delete cascade,
  route text not null,
  key text not null,
  fingerprint text not null,
  -- Who is at work, and until when it is believed to be alive.
  claim text not null,
  claimed_until timestamptz not null,
  created_at timestamptz not null default now(),
  -- Null while the work goes on.
  status integer,
  -- Text, because the same answer is the same bytes.
  body text,
  primary key (tenant_id, route, key)
);
create index idempotency_keys_by_time on idempotency_keys (tenant_id, created_at);
create unique index idempotency_keys_by_claim on idempotency_keys (tenant_id, claim);

create index files_by_expiry on files (tenant_id, expires_at) where expires_at is not null;

do $$
declare name text;
begin
  foreach name in array array['conversations', 'conversation_items', 'file_batches', 'file_batch_members', 'idempotency_keys'] loop
    call protect_tenant_table(name);
  end loop;
end $$;
