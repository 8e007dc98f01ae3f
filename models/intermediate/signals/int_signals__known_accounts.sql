-- Signal × account: the first day on which the signal's first source knew the account (or, where
-- the registry says company, any account). Who is not known has no zero.
with signals as (
    select
        signal_id,
        known_by,
        {{ dbt.split_part('sources', "'|'", 1) }} as source_id
    from {{ ref('stg_scorecard__signals') }}
    where is_measured and not is_derived
),

source_days as (
    select * from {{ ref('int_activity__source_days') }}
),

accounts as (
    select account_id from {{ ref('int_accounts__paid_stretches') }}
    group by account_id
),

first_days as (
    select
        source_id,
        account_id,
        min(activity_date) as known_from
    from source_days
    group by source_id, account_id
),

company_days as (
    select
        source_id,
        min(activity_date) as known_from
    from source_days
    group by source_id
),

final as (
    select
        signals.signal_id,
        accounts.account_id,
        case
            when signals.known_by = 'company' then company_days.known_from
            else first_days.known_from
        end as known_from
    from signals
    cross join accounts
    left join first_days
        on signals.source_id = first_days.source_id
        and accounts.account_id = first_days.account_id
    left join company_days on signals.source_id = company_days.source_id
)

select * from final
