-- Source × account × day with rows, and whether the account was a customer that day. What a source
-- says of accounts outside their subscriptions is used, but does not make the source begin.
with source_days as (
    select * from {{ ref('int_activity__source_days') }}
),

stretches as (
    select * from {{ ref('int_accounts__paid_stretches') }}
),

final as (
    select
        source_days.source_id,
        source_days.account_id,
        source_days.activity_date,
        source_days.row_count,
        stretches.account_id is not null as is_paid
    from source_days
    left join stretches
        on source_days.account_id = stretches.account_id
        and source_days.activity_date between stretches.starts_on and stretches.ends_on
)

select * from final
