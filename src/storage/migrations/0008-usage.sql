-- What models were used for, by whom and for how much; and what of each budget is used and held back.

-- One row a call of a model. The application's role may add to it and read it, and nothing else.
create table usage_ledger (
  tenant_id text not null references tenants (id) on delete cascade,
  sequence bigint generated always as identity,
  at timestamptz not null default now(),
  request_id text,
  answer_id text,
  key_id text,
  user_id text,
  model text not null,
  purpose text not null
    check (purpose in ('answer', 'rewrite', 'embed_question', 'embed_documents', 'embed_texts')),
  input_tokens bigint not null check (input_tokens >= 0),
  -- Of the input, what the provider had read before.
  cached_tokens bigint not null check (cached_tokens between 0 and input_tokens),
  output_tokens bigint not null check (output_tokens >= 0),
  -- Whether the tokens were counted here, because the provider did not say or was not heard to the end.
  estimated boolean not null,
  -- Exact: tokens times a decimal price. Never added up as floating point.
  cost numeric not null check (cost >= 0),
  currency text not null,
  -- The day of the price; null for a model without one.
  price_as_of date,
  -- Whether it counts toward budgets: what this machine's own models do costs nobody anything.
  budgeted boolean not null,
  latency_ms integer not null,
  primary key (tenant_id, sequence)
);
create index usage_ledger_by_time on usage_ledger (tenant_id, at);
call protect_tenant_table('usage_ledger', 'select, insert');

-- What the ledger says of today and of this month (UTC), for the tenant, each of its users and each of its keys: kept
-- together with the ledger, so that no reservation has to add it up. An older day or month stands for nothing used.
create table budget_accounts (
  tenant_id text not null references tenants (id) on delete cascade,
  -- `tenant:<id>`, `user:<id>`, `key:<id>`
  holder text not null collate "C",
  day date not null,
  day_tokens bigint not null,
  day_cost numeric not null,
  month date not null,
  month_tokens bigint not null,
  month_cost numeric not null,
  primary key (tenant_id, holder)
-- Updated with every call: room on the page lets the old version be pruned without a vacuum, which the embedded
-- database does not run by itself.
) with (fillfactor = 50);
call protect_tenant_table('budget_accounts');

-- Held back for calls under way. One that has expired belongs to a process that died, and counts no longer.
create table budget_reservations (
  tenant_id text not null references tenants (id) on delete cascade,
  holder text not null collate "C",
  id text not null,
  tokens bigint not null,
  cost numeric not null,
  expires_at timestamptz not null,
  primary key (tenant_id, holder, id)
);
call protect_tenant_table('budget_reservations');

-- What a person may use within a tenant; `*` stands for everybody without a row.
create table user_budgets (
  tenant_id text not null references tenants (id) on delete cascade,
  user_id text not null,
  limits jsonb not null,
  primary key (tenant_id, user_id)
);
call protect_tenant_table('user_budgets');

-- Where each of the given budgets stands. [{ holder, window, unit, limit }] in, in that order out.
create function budget_states(budgets jsonb)
  returns table (place integer, holder text, "limit" numeric, unit text, used numeric, reserved numeric, resets_at timestamptz)
  language sql stable as $$
  with today as (
    select (now() at time zone 'utc')::date as day, date_trunc('month', now() at time zone 'utc')::date as month)
  select (asked.place - 1)::integer, asked.budget ->> 'holder', (asked.budget ->> 'limit')::numeric, asked.budget ->> 'unit',
    coalesce(case asked.budget ->> 'window' || ' ' || (asked.budget ->> 'unit')
      when 'day tokens' then case when account.day = today.day then account.day_tokens end
      when 'day cost' then case when account.day = today.day then account.day_cost end
      when 'month tokens' then case when account.month = today.month then account.month_tokens end
      when 'month cost' then case when account.month = today.month then account.month_cost end
    end, 0),
    coalesce(case asked.budget ->> 'unit' when 'tokens' then held.tokens else held.cost end, 0),
    case asked.budget ->> 'window' when 'day' then today.day + 1 else today.month + interval '1 month' end at time zone 'utc'
  from jsonb_array_elements(budgets) with ordinality as asked (budget, place)
  cross join today
  left join budget_accounts as account
    on account.tenant_id = current_tenant() and account.holder = asked.budget ->> 'holder'
  left join lateral (
    select sum(tokens) as tokens, sum(cost) as cost from budget_reservations as reservation
    where reservation.tenant_id = current_tenant() and reservation.holder = asked.budget ->> 'holder'
      and expires_at > now()) as held on true
  order by asked.place
$$;

-- Holds back the first of the alternatives that fits into every one of the budgets: what is used and held back already
-- lies below the share `below` of each, and with the alternative's own tokens and cost it is at most the whole.
-- { budgets, alternatives: [{ tokens, cost, below }], id, lease_seconds } in; { granted, states } out, where granted is
-- the alternative's place or null and the states are as they were before. Whoever asks for the same holder waits, in
-- the order of the holders' names, so that nobody waits in a ring.
create function reserve_budget(request jsonb) returns jsonb language plpgsql as $$
declare
  holders text[] := array(
    select distinct budget ->> 'holder' collate "C" from jsonb_array_elements(request -> 'budgets') as budget order by 1);
  day date := (now() at time zone 'utc')::date;
  states jsonb;
  granted integer;
begin
  insert into budget_accounts (tenant_id, holder, day, day_tokens, day_cost, month, month_tokens, month_cost)
    select current_tenant(), holder, day, 0, 0, date_trunc('month', day), 0, 0 from unnest(holders) as holder
    on conflict do nothing;
  perform from budget_accounts as account
    where account.tenant_id = current_tenant() and account.holder = any (holders)
    order by account.holder for update;
  -- One that is being settled this moment is left to whoever settles it.
  delete from budget_reservations as reservation using (
    select holder, id from budget_reservations
    where tenant_id = current_tenant() and holder = any (holders) and expires_at <= now()
    for update skip locked) as expired
    where reservation.tenant_id = current_tenant()
      and reservation.holder = expired.holder and reservation.id = expired.id;

  select jsonb_agg(to_jsonb(state) order by state.place) into states
    from budget_states(request -> 'budgets') as state;
  select (alternative.place - 1)::integer into granted
    from jsonb_array_elements(request -> 'alternatives') with ordinality as alternative (wish, place)
    where not exists (
      select from jsonb_to_recordset(states) as state ("limit" numeric, unit text, used numeric, reserved numeric)
      where used + reserved >= (wish ->> 'below')::numeric * "limit"
        or used + reserved + (case unit when 'tokens' then wish ->> 'tokens' else wish ->> 'cost' end)::numeric > "limit")
    order by alternative.place limit 1;

  insert into budget_reservations (tenant_id, holder, id, tokens, cost, expires_at)
    select current_tenant(), holder, request ->> 'id', (wish ->> 'tokens')::bigint, (wish ->> 'cost')::numeric,
      now() + make_interval(secs => (request ->> 'lease_seconds')::double precision)
    from unnest(holders) as holder, (select request -> 'alternatives' -> granted as wish) as chosen
    where granted is not null;
  return jsonb_build_object('granted', granted, 'states', states);
end $$;
