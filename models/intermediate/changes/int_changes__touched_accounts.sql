-- Account: the first day from which on its signals, and its scores, are computed anew in this run,
-- because something that is said of it from then on has changed since the last finished build.
-- Accounts of which nothing changed are not here.
{%- set always = "cast('1900-01-01' as date)" %}
{%- set never = "cast('9999-12-31' as date)" %}
{%- set settled = settled_fingerprints() if execute %}
{%- set from_scratch = flags.FULL_REFRESH or not settled %}

with accounts as (
    select account_id from {{ ref('int_accounts__as_of') }}
    union
    select account_id from {{ ref('int_changes__fingerprints') }}
    {%- if not from_scratch %}
    union
    select account_id from {{ settled }}
    {%- endif %}
),

{% if from_scratch -%}
changes as (
    select
        'all accounts' as account_id,
        'signals' as level_id,
        {{ always }} as change_date
),
{%- else -%}
said as (
    select * from {{ ref('int_changes__fingerprints') }}
    union all
    select * from {{ settled }}
),

-- What both builds say alike is there twice.
changes as (
    select
        account_id,
        level_id,
        change_date
    from said
    group by input_id, level_id, account_id, change_date
    having count(*) = 1 or min(fingerprint) != max(fingerprint)
),
{%- endif %}

first_changes as (
    select
        account_id,
        min(case when level_id = 'signals' then change_date end) as signals_from,
        min(change_date) as scores_from
    from changes
    group by account_id
),

everybody as (
    select
        max(case when account_id = 'all accounts' then signals_from end) as signals_from,
        max(case when account_id = 'all accounts' then scores_from end) as scores_from,
        min(signals_from) as peers_from
    from first_changes
),

-- Who is compared with others changes with them.
comparisons as (
    select count(*) as percentiles from {{ ref('stg_scorecard__signals') }}
    where is_measured and calculation = 'percentile'
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
),

final as (
    select
        account_id,
        signals_from,
        scores_from,
        {{ rebuild_bound('health__rebuild_from', '1900-01-01') }} as rebuild_from,
        {{ rebuild_bound('health__rebuild_to', '9999-12-31') }} as rebuild_to
    from dated
    where
        account_id != 'all accounts'
        {%- if not var('health__rebuild_from') and not var('health__rebuild_to') %}
        and scores_from < {{ never }}
        {%- endif %}
)

select * from final
