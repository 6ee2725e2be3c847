-- What a tenant is beyond its name: whether it is served, by which tier, with which limits and settings of its own.
alter table tenants
  add column status text not null default 'active' check (status in ('active', 'suspended', 'erasing')),
  add column tier text not null default 'free',
  add column limits jsonb not null default '{}',
  add column settings jsonb not null default '{}';
-- Whoever runs the machine made the tenants that there are: it does not ration itself.
update tenants set tier = 'enterprise';
