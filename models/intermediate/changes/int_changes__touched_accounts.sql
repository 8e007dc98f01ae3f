-- Account: the first day from which on its signals, and its scores, are computed anew in this run,
-- because something that is said of it from then on has changed. Accounts of which nothing changed
-- are not here.
{%- set never = "cast('9999-12-31' as date)" %}

with changed_days as (
    select * from {{ ref('int_changes__changed_days') }}
),

accounts as (
    select account_id from {{ ref('int_accounts__periods') }}
    union
    select account_id from changed_days
),

first_changes as (
    select
        account_id,
        min(case when level_id = 'signals' then change_date end) as signals_from,
        min(change_date) as scores_from
    from changed_days
    group by account_id
),

everybody as (
    select
        max(case when account_id = {{ everybody() }} then signals_from end) as signals_from,
        max(case when account_id = {{ everybody() }} then scores_from end) as scores_from,
        min(signals_from) as peers_from
    from first_changes
),

-- Who is compared with others changes with them.
comparisons as (
    select count(*) as percentiles from {{ ref('stg_scorecard__signals') }}
    where is_measured and calculation = 'percentile'
),

-- Windows over use look back as far as the longest of them.
lookback as (
    select
        coalesce(max(lookback_days), 0) as days,
        coalesce(max(is_dated), 0) as is_unlimited
    from {{ ref('stg_scorecard__measures_in_use') }}
    where family in ('usage', 'adoption')
),

dated as (
    select
        accounts.account_id,
        least(
            coalesce(first_changes.signals_from, {{ never }}),
            coalesce(everybody.signals_from, {{ never }})
        ) as signals_from,
        least(
            coalesce(first_changes.scores_from, {{ never }}),
            coalesce(everybody.scores_from, {{ never }}),
            case
                when comparisons.percentiles > 0 then coalesce(everybody.peers_from, {{ never }})
                else {{ never }}
            end
        ) as scores_from
    from accounts
    cross join everybody
    cross join comparisons
    left join first_changes on accounts.account_id = first_changes.account_id
    where accounts.account_id != {{ everybody() }}
),

bounded as (
    select
        *,
        {{ rebuild_bound('health__rebuild_from', '1900-01-01') }} as rebuild_from,
        {{ rebuild_bound('health__rebuild_to', '9999-12-31') }} as rebuild_to
    from dated
),

final as (
    select
        bounded.account_id,
        bounded.signals_from,
        bounded.scores_from,
        bounded.rebuild_from,
        bounded.rebuild_to,
        case
            when lookback.is_unlimited = 1 then cast('1900-01-01' as date)
            else {{ add_days(
                "least(bounded.signals_from, coalesce(bounded.rebuild_from, " ~ never ~ "))",
                '-lookback.days'
            ) }}
        end as use_from
    from bounded
    cross join lookback
    {%- if not var('health__rebuild_from') and not var('health__rebuild_to') %}
    where bounded.scores_from < {{ never }}
    {%- endif %}
)

select * from final
