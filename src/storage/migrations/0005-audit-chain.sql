-- The audit log proves itself: every entry is given a place in its tenant's chain of hashes, in batches behind the
-- writes, so that nobody waits for anybody. Docs: docs/audit.md.

-- The ids of entries were a count over all tenants, from which each could tell how busy the others are.
alter table audit_log drop constraint audit_log_pkey;
alter table audit_log drop column sequence;
alter table audit_log add column id uuid not null default uuidv7();
alter table audit_log add primary key (tenant_id, id);

-- The application's role chooses neither the id nor the time.
revoke insert on audit_log from ragstone_app;
grant insert (tenant_id, action, actor_kind, actor_id, target, outcome, request_id, address, detail)
  on audit_log to ragstone_app;

create table audit_chain (
  tenant_id text not null,
  position bigint not null,
  entry_id uuid not null,
  -- SHA-256 over the hash before it and the entry.
  hash bytea not null,
  sealed_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, position),
  unique (tenant_id, entry_id)
);
call protect_tenant_table('audit_chain', 'select');

-- The end of each chain, so that a chain that was cut short shows.
create table audit_heads (
  tenant_id text not null primary key,
  position bigint not null,
  hash bytea not null
);
call protect_tenant_table('audit_heads', 'select');

-- Entries that are still to be sealed (no position yet), then to be handed to the sink. The server's own, as its jobs
-- are: filled by the trigger, worked off as the owner, and no tenant's role may look at it.
create table audit_queue (
  id uuid primary key,
  tenant text not null,
  position bigint,
  -- One of several servers hands it to the sink; should it die meanwhile, another does after this.
  claimed_until timestamptz
);
create index audit_queue_unsealed on audit_queue (id) where position is null;
alter table audit_queue enable row level security;

create function queue_audit_entry() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into audit_queue (id, tenant) values (new.id, new.tenant_id);
  return null;
end $$;
create trigger queued after insert on audit_log for each row execute function queue_audit_entry();

insert into audit_queue (id, tenant) select id, tenant_id from audit_log;
