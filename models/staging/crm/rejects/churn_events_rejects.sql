with base as (
    select * from {{ ref('base_crm__churn_events') }}
),

final as (
    select
        churn_event_id,
        account_id,
        notice_given_on,
        ends_on,
        reason_code,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
