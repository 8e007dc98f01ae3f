-- Account × day with attempts to pay.
with payments as (
    select * from {{ ref('stg_billing__payments') }}
    where kind = 'payment'
),

final as (
    select
        account_id,
        occurred_on as activity_date,
        count(*) as attempts,
        sum(case when status = 'failed' then 1 else 0 end) as failed_attempts
    from payments
    group by account_id, occurred_on
)

select * from final
