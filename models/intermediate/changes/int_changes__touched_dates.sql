-- Account × as_of_date that is computed anew in this run, and whether its signals are measured
-- anew, or only what is made of them.
with account_dates as (
    select
        account_id,
        as_of_date
    from {{ ref('int_accounts__as_of') }}
),

touched_accounts as (
    select * from {{ ref('int_changes__touched_accounts') }}
),

final as (
    select
        account_dates.account_id,
        account_dates.as_of_date,
        {{ is_touched('account_dates.as_of_date', 'touched_accounts', 'signals') }}
            as is_measured_anew
    from account_dates
    inner join touched_accounts on account_dates.account_id = touched_accounts.account_id
    where {{ is_touched('account_dates.as_of_date', 'touched_accounts', 'scores') }}
)

select * from final
