-- Where documents come from, what is known of each, and what each sync did.

create table sources (
  tenant_id text not null,
  id text not null,
  vector_store_id text not null,
  name text not null,
  kind text not null,
  settings jsonb not null,
  -- Sealed: the key is not in the database.
  credentials text,
  -- {"cron", "time_zone"} or {"every_seconds"}; null is by hand, or by what the source tells of itself.
  schedule jsonb,
  -- A sync that would delete a larger share of what is known asks first.
  delete_share double precision not null,
  -- Whether the source tells of changes itself.
  watched boolean not null,
  paused_at timestamptz,
  -- On its way out: nothing comes from it any longer.
  removing_at timestamptz,
  next_sync_at timestamptz,
  created_at timestamptz not null,
  -- Of what it is made of; not of its schedule's progress.
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, vector_store_id) references vector_stores (tenant_id, id) on delete cascade
);
create index sources_by_store on sources (tenant_id, vector_store_id);
create index sources_by_time on sources (tenant_id, created_at, id);
call protect_tenant_table('sources');
create policy limited on sources as restrictive to ragstone_app using (may_see_store(vector_store_id));

-- What a source had when it was last looked at. A row without a file is one that is just being taken in.
create table source_documents (
  tenant_id text not null,
  source_id text not null,
  key text not null,
  version text,
  -- The kind's own.
  memory text,
  file_id text,
  sha256 text,
  bytes bigint,
  -- Of an upload under way: what a killed worker leaves is found by it.
  pending_file_id text,
  -- To the day.
  last_seen_at timestamptz not null default now(),
  primary key (tenant_id, source_id, key),
  foreign key (tenant_id, source_id) references sources (tenant_id, id) on delete cascade
);
create index source_documents_pending on source_documents (tenant_id, source_id) where pending_file_id is not null;
call protect_tenant_table('source_documents');
create policy limited on source_documents as restrictive to ragstone_app
  using (limited_to_key() is null or exists (
    select from sources where sources.tenant_id = source_documents.tenant_id and sources.id = source_documents.source_id));

create table source_syncs (
  tenant_id text not null,
  id text not null,
  source_id text not null,
  trigger text not null check (trigger in ('change', 'person', 'schedule')),
  dry_run boolean not null,
  -- Null is everything.
  keys text[],
  -- So many deletions a person has agreed to.
  confirmed integer not null default 0,
  status text not null default 'queued'
    check (status in ('queued', 'running', 'completed', 'held', 'failed', 'cancelled')),
  listed integer not null default 0,
  unchanged integer not null default 0,
  added integer not null default 0,
  changed integer not null default 0,
  deleted integer not null default 0,
  skipped integer not null default 0,
  failed integer not null default 0,
  held integer not null default 0,
  -- Of what was or would be added and changed.
  bytes bigint not null default 0,
  error_code text,
  error_message text,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, source_id) references sources (tenant_id, id) on delete cascade
);
create index source_syncs_by_source on source_syncs (tenant_id, source_id, created_at, id);
call protect_tenant_table('source_syncs');
create policy limited on source_syncs as restrictive to ragstone_app
  using (limited_to_key() is null or exists (
    select from sources where sources.tenant_id = source_syncs.tenant_id and sources.id = source_syncs.source_id));

-- What a sync did, document by document; of what was unchanged there is only the number.
create table source_sync_documents (
  tenant_id text not null,
  sync_id text not null,
  key text not null,
  action text not null check (action in ('added', 'changed', 'deleted', 'failed', 'held', 'skipped')),
  reason text,
  file_id text,
  bytes bigint,
  primary key (tenant_id, sync_id, key),
  foreign key (tenant_id, sync_id) references source_syncs (tenant_id, id) on delete cascade
);
call protect_tenant_table('source_sync_documents');
create policy limited on source_sync_documents as restrictive to ragstone_app
  using (limited_to_key() is null or exists (
    select from source_syncs where source_syncs.tenant_id = source_sync_documents.tenant_id and source_syncs.id = source_sync_documents.sync_id));

-- When which source is due and who listens to it: the server's own, above the tenants, so that nobody need go from tenant
-- to tenant every few seconds. Ids alone, kept by the trigger below.
create table source_agenda (
  tenant text not null,
  source_id text not null,
  due_at timestamptz,
  taken_until timestamptz not null default '-infinity',
  watched boolean not null,
  -- Another one means that its listener must begin anew.
  revision timestamptz not null,
  watcher text,
  watched_until timestamptz not null default '-infinity',
  primary key (tenant, source_id)
);
create index source_agenda_due on source_agenda (due_at) where due_at is not null;
create index source_agenda_watched on source_agenda (watched_until) where watched;

create function keep_source_agenda() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  is_on boolean;
begin
  if tg_op = 'DELETE' then
    delete from source_agenda where tenant = old.tenant_id and source_id = old.id;
    return null;
  end if;
  is_on := new.paused_at is null and new.removing_at is null;
  insert into source_agenda as agenda (tenant, source_id, due_at, watched, revision)
  values (new.tenant_id, new.id, case when is_on then new.next_sync_at end, is_on and new.watched, new.updated_at)
  on conflict (tenant, source_id) do update
    set due_at = excluded.due_at, watched = excluded.watched, revision = excluded.revision,
      taken_until = case when agenda.due_at is distinct from excluded.due_at then '-infinity' else agenda.taken_until end;
  return null;
end $$;
revoke execute on function keep_source_agenda() from public;
create trigger keep_agenda after insert or update or delete on sources
  for each row execute function keep_source_agenda();
