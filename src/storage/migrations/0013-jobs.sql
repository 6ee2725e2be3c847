-- Who works on jobs, and how far the work on a document is.

-- One row a process, written every few seconds; above the tenants, whose jobs it works on.
create table workers (
  id text primary key,
  host text not null,
  pid integer not null,
  version text not null,
  kind text not null check (kind in ('server', 'worker')),
  slots integer not null,
  -- Ids of the jobs at hand.
  running uuid[] not null default '{}',
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  stopping boolean not null default false
);

alter table documents
  add column pages integer,
  -- Of the attempt under way, or the last one.
  add column work_started_at timestamptz,
  add column stage_started_at timestamptz;
