-- Numerator and denominator of every signal, for every account and scored day (and entitled
-- product, where the signal is measured per product), in one pass. Each fact opens an interval that
-- ends when it leaves the window or is counted anew; +quantity where it opens, -quantity where it
-- ends; the running sum of these edges is the exact figure of any window, distinct counts included.
{{ config(materialized='incremental', meta={'touched_by': 'signals'}) }}

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
    select * from {{ ref('int_signals__usage_measures') }}
    union all
    select * from {{ ref('int_signals__enablement_measures') }}
    union all
    select * from {{ ref('int_signals__outcome_measures') }}
    union all
    select * from {{ ref('int_signals__adoption_measures') }}
    union all
    select * from {{ ref('int_signals__support_measures') }}
    union all
    select * from {{ ref('int_signals__billing_measures') }}
    union all
    select * from {{ ref('int_signals__engagement_measures') }}
    union all
    select * from {{ ref('int_signals__satisfaction_measures') }}
    union all
    select * from {{ ref('int_signals__judgement_measures') }}
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

intervals as (
    select
        roles.signal_id,
        roles.is_numerator,
        roles.is_base,
        facts.account_id,
        facts.product_id,
        facts.quantity,
        {{ add_days('facts.fact_date', 'roles.offset_days') }} as opens_on,
        {{ add_days(
            "least(coalesce("
            ~ add_days('facts.aging_date', 'roles.window_days') ~ ", cast('9999-01-01' as date)), "
            ~ "coalesce(facts.until_date, cast('9999-01-01' as date)))",
            'roles.offset_days'
        ) }} as closes_on
    from facts
    inner join roles on facts.measure_id = roles.measure_id
),

{% if is_incremental() -%}
first_days as (
    select
        account_id,
        min(as_of_date) as first_day
    from account_dates
    group by account_id
),

{% endif -%}
counted as (
    select intervals.*
    from intervals
    {%- if is_incremental() %}
    -- What was over before the days of this run changes nothing on them.
    inner join first_days
        on intervals.account_id = first_days.account_id
        and (intervals.closes_on > first_days.first_day or intervals.is_base = 1)
    {%- endif %}
    where intervals.opens_on < intervals.closes_on
),

edges as (
    select
        signal_id,
        account_id,
        product_id,
        opens_on as edge_date,
        case when is_numerator = 1 then quantity else 0 end as numerator_change,
        case when is_numerator = 1 then 0 else quantity end as denominator_change,
        case when is_base = 1 then opens_on end as measured_on
    from counted
    union all
    select
        signal_id,
        account_id,
        product_id,
        closes_on as edge_date,
        case when is_numerator = 1 then -quantity else 0 end as numerator_change,
        case when is_numerator = 1 then 0 else -quantity end as denominator_change,
        cast(null as date) as measured_on
    from counted
),

daily_changes as (
    select
        edges.signal_id,
        edges.account_id,
        edges.product_id,
        edges.edge_date as change_date,
        cast(sum(edges.numerator_change) as decimal(18, 2)) as numerator_change,
        cast(sum(edges.denominator_change) as decimal(18, 2)) as denominator_change,
        max(edges.measured_on) as measured_on
    from edges
    inner join last_day on edges.edge_date <= last_day.last_day
    group by edges.signal_id, edges.account_id, edges.product_id, edges.edge_date
),

signal_index as (
    select
        signals.signal_id,
        account_dates.account_id,
        case
            when signals.grain = 'product' then coalesce(products.product_id, 'all')
            else 'all'
        end as product_id,
        account_dates.as_of_date,
        products.product_starts_on,
        products.revenue_share
    from account_dates
    cross join signals
    left join products
        on signals.grain = 'product'
        and account_dates.account_id = products.account_id
        and account_dates.period_starts_on = products.period_starts_on
),

-- Changes may fall on days without a row (before the first one, in a gap, between two Sundays): the
-- running sum passes over them and only the index is kept.
timeline as (
    select
        signal_id,
        account_id,
        product_id,
        change_date,
        0 as is_index,
        numerator_change,
        denominator_change,
        measured_on,
        cast(null as date) as product_starts_on,
        cast(null as {{ type_double() }}) as revenue_share
    from daily_changes
    union all
    select
        signal_id,
        account_id,
        product_id,
        as_of_date as change_date,
        1 as is_index,
        cast(0 as decimal(18, 2)) as numerator_change,
        cast(0 as decimal(18, 2)) as denominator_change,
        cast(null as date) as measured_on,
        product_starts_on,
        revenue_share
    from signal_index
),

running as (
    select
        signal_id,
        account_id,
        product_id,
        change_date,
        is_index,
        product_starts_on,
        revenue_share,
        sum(numerator_change) over (
            partition by account_id, signal_id, product_id
            order by change_date
        ) as numerator,
        sum(denominator_change) over (
            partition by account_id, signal_id, product_id
            order by change_date
        ) as denominator,
        max(measured_on) over (
            partition by account_id, signal_id, product_id
            order by change_date
        ) as last_measured_on
    from timeline
),

final as (
    select
        account_id,
        change_date as as_of_date,
        signal_id,
        product_id,
        cast(numerator as decimal(18, 2)) as numerator,
        cast(denominator as decimal(18, 2)) as denominator,
        last_measured_on,
        product_starts_on,
        revenue_share
    from running
    where is_index = 1
)

select * from final
