-- People. One person in two tenants is two rows that know nothing of each other: what a tenant erases is gone.
-- Of every secret that somebody carries, only the hash is here; it is found within the tenant that the secret names.
create table users (
  tenant_id text not null references tenants (id) on delete cascade,
  id text not null,
  -- In lower case.
  email text not null,
  name text not null,
  role text not null check (role in ('owner', 'admin', 'editor', 'member', 'viewer')),
  -- Set by the claims of the tenant's OpenID provider, which may change it at every sign-in.
  role_from_provider boolean not null default false,
  -- Argon2id in PHC form; null for those who sign in at the tenant's OpenID provider.
  password_hash text,
  -- Access tokens that were made before are void.
  tokens_valid_from timestamptz not null,
  disabled_at timestamptz,
  created_at timestamptz not null,
  last_sign_in_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, email)
);
create index users_by_time on users (tenant_id, created_at, id);

create table user_identities (
  tenant_id text not null,
  issuer text not null,
  subject text not null,
  user_id text not null,
  created_at timestamptz not null,
  primary key (tenant_id, issuer, subject),
  foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index user_identities_by_user on user_identities (tenant_id, user_id);

create table user_sessions (
  tenant_id text not null,
  id text not null,
  user_id text not null,
  hash bytea not null,
  method text not null check (method in ('password', 'oidc', 'invitation', 'reset')),
  address text,
  user_agent text,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, hash),
  foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index user_sessions_by_user on user_sessions (tenant_id, user_id, created_at);
create index user_sessions_by_address on user_sessions (tenant_id, address);

-- Devices and addresses from which somebody has signed in: what others fail at elsewhere does not delay him there.
create table familiar_places (
  tenant_id text not null,
  user_id text not null,
  place bytea not null,
  seen_at timestamptz not null,
  primary key (tenant_id, user_id, place),
  foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);

-- A subject is the hash of what failed and where from. No reference to users: names that do not exist are counted too.
create table password_attempts (
  tenant_id text not null references tenants (id) on delete cascade,
  subject bytea not null,
  failures integer not null,
  failed_at timestamptz not null,
  blocked_until timestamptz not null,
  primary key (tenant_id, subject)
);
create index password_attempts_by_time on password_attempts (tenant_id, failed_at);

create table invitations (
  tenant_id text not null references tenants (id) on delete cascade,
  id text not null,
  hash bytea not null,
  email text not null,
  role text not null check (role in ('owner', 'admin', 'editor', 'member', 'viewer')),
  invited_by text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, hash),
  unique (tenant_id, email)
);
create index invitations_by_time on invitations (tenant_id, created_at, id);

create table password_resets (
  tenant_id text not null,
  user_id text not null,
  hash bytea not null,
  expires_at timestamptz not null,
  primary key (tenant_id, user_id),
  unique (tenant_id, hash),
  foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);

-- How people of a tenant sign in. The client secret is encrypted with a key that is not in the database.
create table sign_in_settings (
  tenant_id text not null references tenants (id) on delete cascade,
  password_allowed boolean not null,
  issuer text,
  client_id text,
  client_secret text,
  scopes text[] not null default '{}',
  role_claim text,
  role_mapping jsonb not null default '[]',
  default_role text check (default_role in ('admin', 'editor', 'member', 'viewer')),
  updated_at timestamptz not null,
  primary key (tenant_id),
  check ((issuer is null) = (client_id is null))
);

do $$
declare name text;
begin
  foreach name in array array['users', 'user_identities', 'user_sessions', 'familiar_places', 'password_attempts', 'invitations', 'password_resets', 'sign_in_settings'] loop
    call protect_tenant_table(name);
  end loop;
end $$;
