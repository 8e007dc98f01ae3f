-- The floor: health scores by the scorecard `crawl` version 1, daily, in plain DuckDB SQL without a
-- framework. It reads raw Parquet files (docs/raw_contract.md; `<table>.parquet` or a folder
-- `<table>/` of parts) and writes the tables `contributions` and `scores`, whose rows are those of
-- the project (tests/test_benchmarks.py).
--
--     duckdb out.duckdb -c "set variable raw = 'data/raw'" -c ".read benchmarks/floor.sql"
--
-- or from Python: connection.execute("set variable raw = 'data/raw'"), then this file as one text.
-- What the two other benchmarks read (`account_days`, `user_days`) are temporary tables of the
-- connection.
--
-- Sections named are those of docs/scoring.md. Left out, because it cannot matter to the signals of
-- `crawl` as shipped, or because generated companies have no such rows:
-- - everything configurable: segments, versions, overrides, product weights, point rules, caps,
--   bands; weights, curves and limits are written where they are used; a weekly cadence, a start
--   date and a given last day;
-- - account attributes, revenue, currencies, stages: `crawl` scales by seats alone;
-- - calendar days: no signal of `crawl` is suppressed by them;
-- - what is rejected or a duplicate is left out and not kept, nor counted;
-- - sources that are off: all seven tables must be there;
-- - reasons of states, and everything about a score but its number and its coverage.

-- Files and typing ----------------------------------------------------------------------------
set variable files = (
    select list(file)
    from glob([getvariable('raw') || '/*.parquet', getvariable('raw') || '/*/*.parquet'])
);
create or replace temporary macro raw_rows(name) as table
from read_parquet(
    list_filter(
        getvariable('files'),
        lambda file: file = getvariable('raw') || '/' || name || '.parquet'
            or file.starts_with(getvariable('raw') || '/' || name || '/')
    ),
    union_by_name = true
);

create or replace temporary macro clean_text(x) as nullif(trim(cast(x as varchar)), '');
create or replace temporary macro clean_date(x) as
    case when cast(x as date) between '1900-01-01' and '9999-12-31' then cast(x as date) end;
create or replace temporary macro clean_time(x) as
    case when cast(x as date) between '1900-01-01' and '9999-12-31' then cast(x as timestamp) end;
create or replace temporary macro clean_number(x) as
    case when x between -999999999999 and 999999999999 then x end;
-- Rounded half away from zero, after the noise of floating point at the 12th decimal.
create or replace temporary macro to_points(x) as cast(cast(x as decimal(17, 12)) as decimal(9, 4));

-- The scorecard -------------------------------------------------------------------------------
create or replace temporary table signals as
from (values
    ('active_users_per_seat', 60, 28, 'usage_events.user_id'),
    ('ticket_rate', 20, 90, 'support_tickets'),
    ('overdue_age', 20, 1, 'invoices')
) as signals(signal_id, weight, window_days, known_by);

create or replace temporary table signal_sources as
from (values
    ('active_users_per_seat', 'usage_events.user_id'),
    ('ticket_rate', 'support_tickets'),
    ('overdue_age', 'invoices'),
    ('overdue_age', 'payments')
) as signal_sources(signal_id, source_id);

create or replace temporary table sources as
from (values
    ('usage_events.user_id', 3, 20),
    ('support_tickets', 5, 10),
    ('invoices', 45, 10),
    ('payments', 45, 10)
) as sources(source_id, late_after_days, late_after_rows);

create or replace temporary macro active_share(x) as cast(case
    when x < 0 then 0
    when x < 0.3::double then 0 + 50 * ((x - 0) / 0.3::double)
    when x < 0.6::double then 50 + 35 * ((x - 0.3::double) / (0.6::double - 0.3::double))
    when x < 0.9::double then 85 + 15 * ((x - 0.6::double) / (0.9::double - 0.6::double))
    else 100 end as double);
create or replace temporary macro ticket_points(x) as cast(case
    when x < 0 then 60
    when x < 0.05::double then 60 + 40 * ((x - 0) / 0.05::double)
    when x < 0.2::double then 100
    when x < 0.6::double then 100 - 70 * ((x - 0.2::double) / (0.6::double - 0.2::double))
    when x < 1.5::double then 30 - 30 * ((x - 0.6::double) / (1.5::double - 0.6::double))
    else 0 end as double);
create or replace temporary macro overdue_points(x) as cast(case
    when x < 15 then 100 - 30 * (x / 15)
    when x < 60 then 70 - 70 * ((x - 15) / 45)
    else 0 end as double);

-- Staging (section 2) -------------------------------------------------------------------------
create or replace temporary table known_accounts as
select distinct clean_text(account_id) as account_id
from raw_rows('accounts')
where clean_text(account_id) is not null;

-- The only pass over the raw events.
create or replace temporary table raw_events as
select
    clean_text(event_id) as event_id,
    clean_text(account_id) as account_id,
    clean_text(user_id) as user_id,
    coalesce(clean_text(product_id), 'default') as product_id,
    clean_text(feature_key) as feature_key,
    clean_time(occurred_at) as occurred_at,
    coalesce(clean_number(quantity), 1) as quantity,
    clean_number(duration_seconds) as duration_seconds,
    clean_number(error_count) as error_count,
    clean_time(loaded_at) as loaded_at
from raw_rows('usage_events');

-- The clock of the data and the last complete day (section 1).
create or replace temporary table clock as
with days as (
    select
        cast(occurred_at as date) as event_day,
        max(cast(coalesce(loaded_at, occurred_at) as date)) as clock_day
    from raw_events
    where
        event_id is not null
        and account_id is not null
        and occurred_at is not null
        and (loaded_at is null or cast(occurred_at as date) <= cast(loaded_at as date))
    group by all
)
select
    max(clock_day) as clock_day,
    max(event_day) filter (event_day < (select max(clock_day) from days)) as last_day
from days;
set variable clock_day = (select clock_day from clock);
set variable last_day = (select last_day from clock);

create or replace temporary table internal_users as
with typed as (
    select
        clean_text(user_id) as user_id,
        clean_text(account_id) as account_id,
        clean_text(full_name) as full_name,
        clean_text(email) as email,
        clean_text(role) as role,
        is_executive_sponsor,
        is_champion,
        coalesce(is_internal, false) as is_internal,
        clean_time(created_at) as created_at,
        clean_time(left_at) as left_at,
        clean_time(loaded_at) as loaded_at
    from raw_rows('users')
),
staged as (
    from typed semi join known_accounts using (account_id)
    where user_id is not null
    qualify row_number() over (
        partition by user_id
        order by
            loaded_at desc nulls last, account_id desc nulls last, full_name desc nulls last,
            email desc nulls last, role desc nulls last, is_executive_sponsor desc nulls last,
            is_champion desc nulls last, is_internal desc nulls last, created_at desc nulls last,
            left_at desc nulls last
    ) = 1
)
select user_id from staged where is_internal;

-- Who was active on which day. Few events come twice, and only those are put in order.
create or replace temporary table user_days as
with usable as materialized (
    from raw_events semi join known_accounts using (account_id)
    where
        event_id is not null
        and cast(occurred_at as date)
        <= coalesce(cast(loaded_at as date), getvariable('clock_day'))
        and quantity >= 0
        and coalesce(duration_seconds, 0) >= 0
        and coalesce(error_count, 0) >= 0
),
repeated as materialized (
    select event_id from usable group by event_id having count(*) > 1
),
events as (
    select account_id, user_id, occurred_at from usable anti join repeated using (event_id)
    union all
    select account_id, user_id, occurred_at from usable semi join repeated using (event_id)
    qualify row_number() over (
        partition by event_id
        order by
            loaded_at desc nulls last, account_id desc nulls last, user_id desc nulls last,
            product_id desc nulls last, feature_key desc nulls last, occurred_at desc nulls last,
            quantity desc nulls last, duration_seconds desc nulls last, error_count desc nulls last
    ) = 1
)
select account_id, user_id, cast(occurred_at as date) as activity_date, count(*) as events
from events anti join internal_users using (user_id)
group by all;
drop table raw_events;

create or replace temporary table terms as
with typed as (
    select
        clean_text(subscription_id) as subscription_id,
        clean_text(account_id) as account_id,
        coalesce(clean_text(product_id), 'default') as product_id,
        clean_date(starts_on) as starts_on,
        clean_date(ends_on) as ends_on,
        clean_number(seats) as seats,
        clean_number(monthly_recurring_revenue) as monthly_recurring_revenue,
        upper(clean_text(currency)) as currency,
        clean_date(renewal_date) as renewal_date,
        auto_renews,
        coalesce(is_trial, false) as is_trial,
        clean_date(notice_given_on) as notice_given_on,
        clean_time(loaded_at) as loaded_at
    from raw_rows('subscriptions')
),
staged as (
    from typed semi join known_accounts using (account_id)
    where
        subscription_id is not null
        and starts_on is not null
        and not coalesce(ends_on < starts_on, false)
        and coalesce(seats, 0) >= 0
        and coalesce(monthly_recurring_revenue, 0) >= 0
    qualify row_number() over (
        partition by subscription_id, starts_on
        order by
            loaded_at desc nulls last, account_id desc nulls last, product_id desc nulls last,
            ends_on desc nulls last, seats desc nulls last,
            monthly_recurring_revenue desc nulls last, currency desc nulls last,
            renewal_date desc nulls last, auto_renews desc nulls last, is_trial desc nulls last,
            notice_given_on desc nulls last
    ) = 1
)
select
    account_id,
    subscription_id,
    starts_on,
    coalesce(ends_on, date '9999-01-01') as ends_on,
    seats
from staged;

create or replace temporary table tickets as
with typed as (
    select
        clean_text(ticket_id) as ticket_id,
        clean_text(account_id) as account_id,
        clean_text(user_id) as user_id,
        clean_text(product_id) as product_id,
        clean_text(topic) as topic,
        lower(clean_text(severity)) as severity,
        lower(clean_text(kind)) as kind,
        clean_number(sentiment) as sentiment,
        clean_time(opened_at) as opened_at,
        clean_time(first_responded_at) as first_responded_at,
        clean_time(resolved_at) as resolved_at,
        clean_text(merged_into_ticket_id) as merged_into_ticket_id,
        clean_time(loaded_at) as loaded_at
    from raw_rows('support_tickets')
)
select
    account_id,
    cast(opened_at as date) as opened_on,
    merged_into_ticket_id is not null as is_merged
from typed semi join known_accounts using (account_id)
where
    ticket_id is not null
    and cast(opened_at as date) <= coalesce(cast(loaded_at as date), getvariable('clock_day'))
    and coalesce(kind, 'question') in ('how_to', 'defect', 'question')
    and coalesce(sentiment, 0) between -1 and 1
qualify row_number() over (
    partition by ticket_id
    order by
        loaded_at desc nulls last, account_id desc nulls last, user_id desc nulls last,
        product_id desc nulls last, topic desc nulls last, severity desc nulls last,
        kind desc nulls last, sentiment desc nulls last, opened_at desc nulls last,
        first_responded_at desc nulls last, resolved_at desc nulls last,
        merged_into_ticket_id desc nulls last
) = 1;

create or replace temporary table invoices as
with typed as (
    select
        clean_text(invoice_id) as invoice_id,
        clean_text(account_id) as account_id,
        clean_date(issued_on) as issued_on,
        clean_date(due_on) as due_on,
        clean_number(amount) as amount,
        upper(clean_text(currency)) as currency,
        clean_time(loaded_at) as loaded_at
    from raw_rows('invoices')
)
select invoice_id, account_id, issued_on, due_on, amount
from typed semi join known_accounts using (account_id)
where
    invoice_id is not null
    and issued_on <= coalesce(cast(loaded_at as date), getvariable('clock_day'))
    and due_on is not null
    and amount >= 0
qualify row_number() over (
    partition by invoice_id
    order by
        loaded_at desc nulls last, account_id desc nulls last, issued_on desc nulls last,
        due_on desc nulls last, amount desc nulls last, currency desc nulls last
) = 1;

create or replace temporary table payments as
with typed as (
    select
        clean_text(payment_id) as payment_id,
        clean_text(invoice_id) as invoice_id,
        lower(clean_text(kind)) as kind,
        coalesce(lower(clean_text(status)), 'succeeded') as status,
        clean_date(occurred_on) as occurred_on,
        clean_number(amount) as amount,
        clean_time(loaded_at) as loaded_at
    from raw_rows('payments')
)
select invoice_id, kind, status, occurred_on, amount
from typed semi join invoices using (invoice_id)
where
    payment_id is not null
    and occurred_on <= coalesce(cast(loaded_at as date), getvariable('clock_day'))
    and kind in ('payment', 'refund', 'credit_note')
    and status in ('succeeded', 'failed')
    and amount >= 0
qualify row_number() over (
    partition by payment_id
    order by
        loaded_at desc nulls last, invoice_id desc nulls last, kind desc nulls last,
        status desc nulls last, occurred_on desc nulls last, amount desc nulls last
) = 1;

-- Accounts as of a date (section 3) -----------------------------------------------------------
-- The spell of a term begins with the last term that no other reaches to within 30 unpaid days.
create or replace temporary table spells as
with preceded as (
    select
        *,
        max(ends_on) over (
            partition by account_id
            order by starts_on, ends_on, subscription_id
            rows between unbounded preceding and 1 preceding
        ) as paid_until
    from terms
)
select
    account_id, starts_on, ends_on, seats,
    max(case when paid_until is null or starts_on > paid_until + 31 then starts_on end) over (
        partition by account_id order by starts_on
    ) as spell_starts_on
from preceded;

-- Source × day with rows of customers; source × account: known since.
create or replace temporary table source_days as
with days as (
    select 'usage_events' as source_id, account_id, activity_date, sum(events) as row_count
    from user_days group by all
    union all
    select 'usage_events.user_id', account_id, activity_date, sum(events)
    from user_days where user_id is not null group by all
    union all
    select 'support_tickets', account_id, opened_on, count(*) from tickets group by all
    union all
    select 'invoices', account_id, issued_on, count(*) from invoices group by all
    union all
    select 'payments', invoices.account_id, payments.occurred_on, count(*)
    from payments inner join invoices using (invoice_id) group by all
)
select
    days.*,
    exists (
        from terms
        where
            terms.account_id = days.account_id
            and days.activity_date between terms.starts_on and terms.ends_on
    ) as is_paid
from days;
set variable first_day = (
    select min(activity_date) from source_days where source_id = 'usage_events' and is_paid
);

create or replace temporary table account_days as
with days as (
    select
        account_id,
        cast(unnest(generate_series(
            greatest(starts_on, getvariable('first_day')),
            least(ends_on, getvariable('last_day')),
            interval 1 day
        )) as date) as as_of_date,
        seats,
        spell_starts_on
    from spells
)
select account_id, as_of_date, sum(seats) as seats, max(spell_starts_on) as spell_starts_on
from days
group by all;

-- Whether sources speak (section 5, rules 6 and 7) --------------------------------------------
create or replace temporary table source_states as
with dates as (
    select source_id, activity_date, sum(row_count) as row_count
    from source_days
    where is_paid
    group by all
),
calendar as (
    select
        source_id,
        min(activity_date) as first_date,
        cast(unnest(generate_series(
            min(activity_date), getvariable('last_day'), interval 1 day
        )) as date) as calendar_date
    from dates
    group by source_id
),
running as (
    select
        calendar.source_id,
        calendar.first_date,
        calendar.calendar_date,
        sum(coalesce(dates.row_count, 0)) over so_far as rows_so_far,
        max(dates.activity_date) over so_far as last_row_date
    from calendar
    left join dates
        on calendar.source_id = dates.source_id and calendar.calendar_date = dates.activity_date
    window so_far as (partition by calendar.source_id order by calendar.calendar_date)
),
judged as (
    select
        running.*,
        running.calendar_date - running.last_row_date as silent_days,
        silent_days >= late_after_days
        and silent_days * (
            cast(running.rows_so_far - coalesce(earlier.rows_so_far, 0) as double)
            / least(91, running.last_row_date - running.first_date + 1)
        ) >= late_after_rows as is_late
    from running
    inner join sources using (source_id)
    left join running as earlier
        on running.source_id = earlier.source_id
        and running.last_row_date - 91 = earlier.calendar_date
)
select
    source_id, first_date, calendar_date, is_late,
    sum(cast(is_late as integer)) over (
        partition by source_id order by calendar_date
    ) as late_days
from judged;

create or replace temporary table signal_days as
with days as (
    select
        signals.signal_id,
        signals.window_days,
        signal_sources.source_id,
        cast(unnest(generate_series(
            getvariable('first_day'), getvariable('last_day'), interval 1 day
        )) as date) as as_of_date
    from signals
    inner join signal_sources using (signal_id)
),
states as (
    select
        days.signal_id,
        days.as_of_date,
        bool_or(coalesce(
            today.is_late
            or today.late_days - coalesce(before.late_days, 0) > 0.1 * days.window_days,
            false
        )) as is_late,
        bool_and(coalesce(
            today.first_date <= days.as_of_date + 1 - days.window_days, false
        )) as is_covering
    from days
    left join source_states as today
        on days.source_id = today.source_id and days.as_of_date = today.calendar_date
    left join source_states as before
        on days.source_id = before.source_id
        and days.as_of_date - days.window_days = before.calendar_date
    group by all
)
select
    *,
    case when is_late then
        max(as_of_date) filter (not is_late) over (partition by signal_id order by as_of_date)
    end as held_on
from states;

-- Measures (section 4) ------------------------------------------------------------------------
-- A person counts from a day of use until 28 days after the last one; people and tickets are edges,
-- +1 and -1, whose running sum is the figure of a day.
create or replace temporary table running_counts as
with person_days as (
    select
        account_id,
        activity_date,
        lag(activity_date) over person as earlier,
        lead(activity_date) over person as later
    from user_days
    where user_id is not null
    window person as (partition by account_id, user_id order by activity_date)
),
edges as (
    select account_id, activity_date as edge_date, 1 as users, 0 as tickets
    from person_days
    where earlier is null or activity_date > earlier + 28
    union all
    select account_id, activity_date + 28, -1, 0
    from person_days
    where later is null or later > activity_date + 28
    union all
    select account_id, opened_on, 0, 1 from tickets where not is_merged
    union all
    select account_id, opened_on + 90, 0, -1 from tickets where not is_merged
),
daily as (
    select account_id, edge_date, sum(users) as users, sum(tickets) as tickets
    from edges
    group by all
)
select
    account_id,
    edge_date,
    sum(users) over so_far as users,
    sum(tickets) over so_far as tickets
from daily
window so_far as (partition by account_id order by edge_date);

create or replace temporary table overdue_days as
with paid as (
    select
        invoice_id,
        occurred_on,
        sum(case when kind = 'refund' then amount else 0 end)
        + sum(sum(case when kind = 'refund' then -amount else amount end)) over (
            partition by invoice_id order by occurred_on
        ) as settled_amount
    from payments
    where status = 'succeeded'
    group by invoice_id, occurred_on
),
settled as (
    select
        invoices.invoice_id,
        any_value(invoices.account_id) as account_id,
        any_value(invoices.due_on) as due_on,
        min(paid.occurred_on) as settled_on
    from invoices
    left join paid
        on invoices.invoice_id = paid.invoice_id and paid.settled_amount >= invoices.amount
    where invoices.amount > 0
    group by all
),
open_days as (
    select
        account_id,
        due_on,
        cast(unnest(generate_series(
            greatest(due_on + 1, getvariable('first_day')),
            least(settled_on - 1, getvariable('last_day')),
            interval 1 day
        )) as date) as as_of_date
    from settled
)
select account_id, as_of_date, as_of_date - min(due_on) as overdue_age
from open_days
group by account_id, as_of_date;

-- Values, states and points (sections 5 and 6) ------------------------------------------------
create or replace temporary table points as
with measured as (
    select
        account_days.*,
        coalesce(running_counts.users, 0) as users,
        coalesce(running_counts.tickets, 0) as tickets
    from account_days
    asof left join running_counts
        on account_days.account_id = running_counts.account_id
        and account_days.as_of_date >= running_counts.edge_date
),
long as (
    select
        measured.account_id,
        measured.as_of_date,
        measured.spell_starts_on,
        signals.signal_id,
        signals.weight,
        signals.known_by,
        cast(case signals.signal_id
            when 'active_users_per_seat' then measured.users
            when 'ticket_rate' then measured.tickets
            else coalesce(overdue_days.overdue_age, 0)
        end as double) as numerator,
        cast(case when signals.signal_id = 'overdue_age' then 1 else measured.seats end as double)
            as scale
    from measured
    left join overdue_days using (account_id, as_of_date)
    cross join signals
),
known as (
    select source_id, account_id, min(activity_date) as known_from
    from source_days
    group by all
),
states as (
    select
        long.*,
        case
            when long.as_of_date < long.spell_starts_on + 27 then 'in_grace'
            when signal_days.is_late then 'missing'
            when not signal_days.is_covering then 'missing'
            when coalesce(known.known_from > long.as_of_date, true) then 'missing'
            when coalesce(long.scale, 0) <= 0 then 'missing'
            else 'observed'
        end as state,
        case
            when long.as_of_date >= long.spell_starts_on + 27
                and signal_days.held_on >= long.spell_starts_on
                then signal_days.held_on
        end as held_on
    from long
    inner join signal_days using (signal_id, as_of_date)
    left join known
        on long.known_by = known.source_id and long.account_id = known.account_id
)
select
    account_id, as_of_date, signal_id, weight, numerator, scale, state, held_on,
    case when state = 'observed' then
        case signal_id
            when 'active_users_per_seat' then active_share(numerator / scale)
            when 'ticket_rate' then ticket_points(numerator / scale)
            else overdue_points(numerator)
        end
    end as points
from states;

-- Weights, coverage and the score (section 6) -------------------------------------------------
-- Each dimension of `crawl` has one signal, so the weight of a row is that of its dimension. A
-- signal whose source is late adds what it was worth on the last day before (dark sources).
create or replace temporary table weighed as
with held as (
    select
        late.*,
        case
            when late.state = 'observed' then late.points
            when before.state = 'observed' then before.points
        end as held_points
    from points as late
    left join points as before
        on late.held_on = before.as_of_date
        and late.account_id = before.account_id
        and late.signal_id = before.signal_id
),
totals as (
    select
        account_id,
        as_of_date,
        count(points) as observed_dimensions,
        sum(weight) filter (points is not null) as observed_weight,
        sum(weight) filter (held_points is not null) as held_weight
    from held
    group by all
)
from held inner join totals using (account_id, as_of_date);

create or replace table contributions as
with shares as (
    select
        *,
        coalesce(observed_weight, 0) >= 40 and observed_dimensions >= 2 as is_scored,
        case when is_scored and points is not null
            then cast(weight as double) / cast(observed_weight as double)
        end as effective_weight
    from weighed
)
select
    account_id,
    as_of_date,
    signal_id,
    cast(case when state = 'observed' then numerator end as decimal(18, 6)) as value,
    cast(scale as decimal(18, 6)) as scale,
    to_points(points) as points,
    cast(cast(shares.effective_weight as decimal(13, 12)) as decimal(9, 8)) as effective_weight,
    case
        when not is_scored then null
        when shares.effective_weight is null then cast(0 as decimal(9, 4))
        else to_points(shares.effective_weight * shares.points)
    end as contribution,
    case
        when not is_scored then null
        when shares.effective_weight is null then cast(0 as decimal(9, 4))
        else to_points(shares.effective_weight * (100 - shares.points))
    end as points_lost,
    state
from shares;

create or replace table scores as
select
    account_id,
    as_of_date,
    cast(case
        when any_value(observed_weight) >= 40 and any_value(observed_dimensions) >= 2
            then sum(to_points(
                cast(weight as double) / cast(held_weight as double) * held_points
            ))
    end as decimal(9, 4)) as health_score,
    cast(coalesce(any_value(observed_weight), 0) / 100 as decimal(9, 4)) as coverage
from weighed
group by all;
