-- What one piece of work used: into the ledger, added to the accounts of its holders, and what was held back for it let go of.
-- A function, because its plan is kept for the length of a connection: planning took longer than doing.
create function record_usage(usage jsonb) returns void language plpgsql as $$
begin
  with record as (select usage as it),
    written as (
      insert into usage_ledger (tenant_id, request_id, answer_id, key_id, user_id, model, purpose,
        input_tokens, cached_tokens, output_tokens, estimated, cost, currency, price_as_of, budgeted, latency_ms)
      select current_tenant(), it ->> 'request_id', it ->> 'answer_id', it ->> 'key_id', it ->> 'user_id', model, purpose,
        input_tokens, cached_tokens, output_tokens, estimated,
        trim_scale(((input_tokens - cached_tokens) * input_price + cached_tokens * cached_price
          + output_tokens * output_price) * 0.000001),
        currency, price_as_of, budgeted, latency_ms
      from record, rows from (jsonb_to_recordset(it -> 'calls') as (model text, purpose text,
        input_tokens bigint, cached_tokens bigint, output_tokens bigint, estimated boolean, input_price numeric,
        cached_price numeric, output_price numeric, currency text, price_as_of date, budgeted boolean,
        latency_ms integer)) with ordinality as call (model, purpose, input_tokens, cached_tokens, output_tokens,
        estimated, input_price, cached_price, output_price, currency, price_as_of, budgeted, latency_ms, place)
      order by place
      returning input_tokens + output_tokens as tokens, cost, budgeted),
    used as (select sum(tokens) as tokens, sum(cost) as cost from written where budgeted having count(*) > 0),
    accounts as (
      insert into budget_accounts as account
        (tenant_id, holder, day, day_tokens, day_cost, month, month_tokens, month_cost)
      select current_tenant(), holder, (now() at time zone 'utc')::date, tokens, cost,
        date_trunc('month', now() at time zone 'utc')::date, tokens, cost
      from used, record, jsonb_array_elements_text(it -> 'holders') as holder
      order by holder collate "C"
      on conflict (tenant_id, holder) do update set
        -- A transaction that began before midnight may end after one that began later.
        day_tokens = case when excluded.day = account.day then account.day_tokens + excluded.day_tokens
          when excluded.day > account.day then excluded.day_tokens else account.day_tokens end,
        day_cost = case when excluded.day = account.day then account.day_cost + excluded.day_cost
          when excluded.day > account.day then excluded.day_cost else account.day_cost end,
        day = greatest(account.day, excluded.day),
        month_tokens = case when excluded.month = account.month then account.month_tokens + excluded.month_tokens
          when excluded.month > account.month then excluded.month_tokens else account.month_tokens end,
        month_cost = case when excluded.month = account.month then account.month_cost + excluded.month_cost
          when excluded.month > account.month then excluded.month_cost else account.month_cost end,
        month = greatest(account.month, excluded.month))
  delete from budget_reservations as reservation using record
    where reservation.tenant_id = current_tenant() and reservation.id = it ->> 'reservation_id'
      and reservation.holder in (select jsonb_array_elements_text(it -> 'holders'));
end $$;
