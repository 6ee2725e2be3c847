-- Who did what, when, from where. The application's role may add to it and read it, and nothing else.
create table audit_log (
  tenant_id text not null,
  sequence bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  action text not null,
  actor_kind text not null,
  actor_id text,
  target text,
  outcome text not null check (outcome in ('done', 'failed', 'refused')),
  request_id text,
  address text,
  detail jsonb not null default '{}',
  primary key (tenant_id, sequence)
);
call protect_tenant_table('audit_log', 'select, insert');
