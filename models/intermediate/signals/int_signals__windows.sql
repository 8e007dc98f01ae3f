-- Numerator and denominator of every signal, for every account (and entitled product, where the
-- signal is measured per product), on each stretch of days on which neither changes. Each fact
-- opens an interval that ends when it leaves the window or is counted anew; +quantity where it
-- opens, -quantity where it ends; the running sum of these edges is the exact figure of any window,
-- distinct counts included. In an incremental run only the stretches of the days that it measures
-- anew.
{{ config(
    materialized='incremental',
    incremental_strategy='replaced',
    meta={'touched_by': 'signals'}
) }}

with signals as (
    select * from {{ ref('stg_scorecard__signals') }}
    where is_measured and not is_derived
),

account_dates as (
    select
        account_id,
        as_of_date,
        period_starts_on
    from {{ touched('int_accounts__as_of') }}
),

products as (
    select * from {{ ref('int_accounts__products') }}
),

last_day as (
    select max(calendar_date) as last_day from {{ ref('int_accounts__calendar') }}
),

facts as (
    {% for family in [
        'usage', 'adoption', 'enablement', 'outcome', 'support', 'billing', 'engagement',
        'satisfaction', 'judgement'
    ] -%}
    select
        measure_id,
        account_id,
        product_id,
        fact_date,
        aging_date,
        until_date,
        quantity,
        {{ 'last_date' if family in ['usage', 'adoption'] else 'cast(null as date) as last_date' }}
    from {{ ref('int_signals__' ~ family ~ '_measures') }}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor -%}
),

-- What a signal is measured by, and whether it is asked when that was last so.
roles as (
    select
        signal_id,
        numerator as measure_id,
        numerator_window_days as window_days,
        0 as offset_days,
        1 as is_numerator,
        case
            when not (calculation = 'recency' or fresh_days > 0 or stale_after_days > 0) then 0
            when denominator = 'none' or calculation = 'recency' then 1
            else 0
        end as is_base
    from signals
    union all
    select
        signal_id,
        denominator as measure_id,
        denominator_window_days as window_days,
        denominator_offset_days as offset_days,
        0 as is_numerator,
        case
            when calculation = 'recency' then 0
            when fresh_days > 0 or stale_after_days > 0 then 1
            else 0
        end as is_base
    from signals
    where denominator != 'none'
),

-- Signals share measures and windows: each is added up once, and only then moved to the days of the
-- signals that ask for it.
measure_windows as (
    select
        measure_id,
        window_days,
        max(offset_days) as offset_days,
        max(is_base) as is_base
    from roles
    group by measure_id, window_days
),

first_days as (
    select
        account_id,
        min(as_of_date) as first_day
    from account_dates
    group by account_id
),

intervals as (
    select
        facts.measure_id,
        measure_windows.window_days,
        facts.account_id,
        facts.product_id,
        facts.quantity,
        facts.fact_date as opens_on,
        least(
            coalesce(
                {{ add_days('facts.aging_date', 'measure_windows.window_days') }},
                cast('9999-01-01' as date)
            ),
            coalesce(facts.until_date, cast('9999-01-01' as date))
        ) as closes_on,
        -- A thing that is counted anew while it still counts neither leaves nor comes.
        case
            when
                facts.fact_date
                < {{ add_days('facts.last_date', 'measure_windows.window_days') }}
                then 1
            else 0
        end as is_counted_before,
        case
            when
                facts.last_date is not null
                and facts.until_date
                < {{ add_days('facts.aging_date', 'measure_windows.window_days') }}
                then 1
            else 0
        end as is_counted_anew,
        measure_windows.is_base,
        {{ add_days('first_days.first_day', '-measure_windows.offset_days') }} as counts_from
    from facts
    inner join measure_windows on facts.measure_id = measure_windows.measure_id
    inner join first_days on facts.account_id = first_days.account_id
),

-- What was over before the first day changes nothing, and what began before it began by then; only
-- when a signal was last measured is asked to the day.
counted as (
    select
        measure_id,
        window_days,
        account_id,
        product_id,
        quantity,
        is_base,
        is_counted_anew,
        case when is_base = 1 or opens_on > counts_from then is_counted_before else 0 end
            as is_counted_before,
        case
            when is_base = 1 or opens_on > counts_from then opens_on
            else counts_from
        end as opens_on,
        closes_on
    from intervals
    where opens_on < closes_on and (is_base = 1 or closes_on > counts_from)
),

edges as (
    select
        measure_id,
        window_days,
        account_id,
        product_id,
        opens_on as edge_date,
        case when is_counted_before = 1 then 0 else quantity end as change,
        1 as is_opening
    from counted
    where is_counted_before = 0 or is_base = 1
    union all
    select
        measure_id,
        window_days,
        account_id,
        product_id,
        closes_on as edge_date,
        -quantity as change,
        0 as is_opening
    from counted
    where is_counted_anew = 0
),

measure_changes as (
    select
        edges.measure_id,
        edges.window_days,
        edges.account_id,
        edges.product_id,
        edges.edge_date,
        sum(edges.change) as change,
        max(edges.is_opening) as is_opening
    from edges
    inner join last_day on edges.edge_date <= last_day.last_day
    group by
        edges.measure_id,
        edges.window_days,
        edges.account_id,
        edges.product_id,
        edges.edge_date
),

signal_changes as (
    select
        roles.signal_id,
        measure_changes.account_id,
        measure_changes.product_id,
        {{ add_days('measure_changes.edge_date', 'roles.offset_days') }} as change_date,
        case when roles.is_numerator = 1 then measure_changes.change else 0 end
            as numerator_change,
        case when roles.is_numerator = 1 then 0 else measure_changes.change end
            as denominator_change,
        case
            when roles.is_base = 1 and measure_changes.is_opening = 1
                then {{ add_days('measure_changes.edge_date', 'roles.offset_days') }}
        end as measured_on
    from measure_changes
    inner join roles
        on measure_changes.measure_id = roles.measure_id
        and measure_changes.window_days = roles.window_days
),

account_periods as (
    select
        account_id,
        period_starts_on,
        min(as_of_date) as first_day,
        max(as_of_date) as last_day
    from account_dates
    group by account_id, period_starts_on
),

signal_periods as (
    select
        signals.signal_id,
        account_periods.account_id,
        case
            when signals.grain = 'product' then coalesce(products.product_id, 'all')
            else 'all'
        end as product_id,
        account_periods.first_day,
        account_periods.last_day,
        products.product_starts_on,
        products.revenue_share
    from account_periods
    cross join signals
    left join products
        on signals.grain = 'product'
        and account_periods.account_id = products.account_id
        and account_periods.period_starts_on = products.period_starts_on
),

-- A stretch begins with every period, whether anything changes or not.
changes as (
    select
        signal_id,
        account_id,
        product_id,
        change_date,
        numerator_change,
        denominator_change,
        measured_on,
        0 as is_first_day
    from signal_changes
    union all
    select
        signal_id,
        account_id,
        product_id,
        first_day as change_date,
        0 as numerator_change,
        0 as denominator_change,
        cast(null as date) as measured_on,
        1 as is_first_day
    from signal_periods
),

-- Who is seen again on the day on which they were about to leave changes nothing.
daily_changes as (
    select
        signal_id,
        account_id,
        product_id,
        change_date,
        cast(sum(numerator_change) as decimal(18, 2)) as numerator_change,
        cast(sum(denominator_change) as decimal(18, 2)) as denominator_change,
        max(measured_on) as measured_on
    from changes
    group by signal_id, account_id, product_id, change_date
    having
        max(is_first_day) = 1
        or sum(numerator_change) != 0
        or sum(denominator_change) != 0
        or max(measured_on) is not null
),

running as (
    select
        signal_id,
        account_id,
        product_id,
        change_date,
        lead(change_date) over (
            partition by account_id, signal_id, product_id
            order by change_date
        ) as next_change_date,
        sum(numerator_change) over (
            partition by account_id, signal_id, product_id
            order by change_date
            rows between unbounded preceding and current row
        ) as numerator,
        sum(denominator_change) over (
            partition by account_id, signal_id, product_id
            order by change_date
            rows between unbounded preceding and current row
        ) as denominator,
        max(measured_on) over (
            partition by account_id, signal_id, product_id
            order by change_date
            rows between unbounded preceding and current row
        ) as last_measured_on
    from daily_changes
),

final as (
    select
        running.account_id,
        running.signal_id,
        running.product_id,
        running.change_date as starts_on,
        least(
            coalesce({{ add_days('running.next_change_date', -1) }}, signal_periods.last_day),
            signal_periods.last_day
        ) as ends_on,
        cast(running.numerator as decimal(18, 2)) as numerator,
        cast(running.denominator as decimal(18, 2)) as denominator,
        running.last_measured_on,
        signal_periods.product_starts_on,
        signal_periods.revenue_share
    from running
    inner join signal_periods
        on running.account_id = signal_periods.account_id
        and running.signal_id = signal_periods.signal_id
        and running.product_id = signal_periods.product_id
        and running.change_date between signal_periods.first_day and signal_periods.last_day
)

select * from final
