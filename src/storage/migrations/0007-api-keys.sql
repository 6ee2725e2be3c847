-- What a key is beyond its scopes: for which stores, with which limits of its own, made by whom, used when; what it was
-- before its rotation; and the salt from which its signing secret is derived, null for a key that may not sign.
alter table api_keys
  add column vector_store_ids text[],
  add column limits jsonb not null default '{}',
  add column made_by text,
  add column last_used_at timestamptz,
  add column rotated_at timestamptz,
  add column previous_hash bytea,
  add column previous_until timestamptz,
  add column signing_salt bytea,
  add column previous_signing_salt bytea;
create index api_keys_by_time on api_keys (tenant_id, created_at, id);

-- Nonces of signed requests, so that none is taken twice, by whichever replica. Of no use once the signature is too old.
create table signature_nonces (
  tenant_id text not null references tenants (id) on delete cascade,
  key_id text not null,
  nonce text not null,
  expires_at timestamptz not null,
  primary key (tenant_id, key_id, nonce)
);
create index signature_nonces_by_expiry on signature_nonces (tenant_id, expires_at);
call protect_tenant_table('signature_nonces');

-- A key for certain stores alone is held to them here, whatever a query asks for. Both settings hold for one transaction;
-- unset, as for everybody else, they let everything of the tenant through.
create function limited_to_key() returns text
  language sql stable parallel safe
  return nullif(current_setting('ragstone.limited_to_key', true), '');
create function may_see_store(store text) returns boolean
  language sql stable parallel safe
  return limited_to_key() is null
    or store = any (string_to_array(current_setting('ragstone.limited_to_stores', true), ','));

create policy limited on vector_stores as restrictive to ragstone_app using (may_see_store(id));
create policy limited on documents as restrictive to ragstone_app using (may_see_store(vector_store_id));
create policy limited on file_batches as restrictive to ragstone_app using (may_see_store(vector_store_id));
create policy limited on file_batch_members as restrictive to ragstone_app using (may_see_store(vector_store_id));

-- What is in no store belongs to the limited key that made it, and of such keys to no other.
do $$
declare name text;
begin
  foreach name in array array['responses', 'answer_traces', 'conversations', 'conversation_items', 'files'] loop
    execute format('alter table %I add column made_by_key text default limited_to_key()', name);
  end loop;
  foreach name in array array['responses', 'answer_traces', 'conversations', 'conversation_items'] loop
    execute format('create policy limited on %I as restrictive to ragstone_app
      using (limited_to_key() is null or made_by_key = limited_to_key())', name);
  end loop;
end $$;
-- Of files, also those in one of its stores; the documents that are looked at are themselves held to them.
create policy limited on files as restrictive to ragstone_app
  using (limited_to_key() is null or made_by_key = limited_to_key()
    or exists (select from documents where documents.tenant_id = files.tenant_id and documents.file_id = files.id))
  with check (limited_to_key() is null or made_by_key = limited_to_key());
