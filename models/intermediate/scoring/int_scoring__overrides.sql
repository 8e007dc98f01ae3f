-- Account × as_of_date × signal: what is different for the account on the day. An account may
-- override scale, weight and curve of a signal, each in a row of its own.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with account_dates as (
    select * from {{ touched('int_accounts__as_of') }}
),

overrides as (
    select * from {{ ref('stg_scorecard__account_overrides') }}
),

final as (
    select
        account_dates.account_id,
        account_dates.as_of_date,
        overrides.signal_id,
        max(overrides.scale_factor) as scale_factor,
        max(overrides.weight) as weight,
        max(overrides.curve_id) as curve_id,
        {{ dbt.listagg('overrides.words', "'; '", 'order by overrides.words') }} as words
    from account_dates
    inner join overrides
        on account_dates.account_id = overrides.account_id
        and account_dates.as_of_date between overrides.valid_from and overrides.valid_to
    group by account_dates.account_id, account_dates.as_of_date, overrides.signal_id
)

select * from final
