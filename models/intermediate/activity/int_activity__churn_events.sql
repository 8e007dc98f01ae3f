-- Notices of leaving. Who gave notice because the account became another one did not leave.
with churn_events as (
    select * from {{ ref('stg_crm__churn_events') }}
),

final as (
    select
        churn_event_id,
        account_id,
        notice_given_on,
        ends_on
    from churn_events
    where not is_merger
)

select * from final
