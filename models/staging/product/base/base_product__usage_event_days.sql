-- Day of load × day of the events × what became of them: counts, and a fingerprint of the events as
-- they were judged. Where it differs from the last finished build, the roll-ups of the day of the
-- events are made anew; the other days are not read again.
with usage_events as (
    select * from {{ ref('base_product__usage_events') }}
),

internal_users as (
    select user_id from {{ ref('stg_crm__people') }}
    where is_internal
),

links as (
    {{ links_to_others() }}
),

-- The account and the person that an event counts for are part of what was judged.
counted as (
    select
        usage_events.event_id,
        {{ counted_account('usage_events') }} as account_id,
        {{ counted_user('usage_events') }} as user_id,
        usage_events.product_id,
        usage_events.feature_key,
        usage_events.occurred_at,
        usage_events.quantity,
        usage_events.duration_seconds,
        usage_events.error_count,
        usage_events.loaded_at,
        usage_events.reject_reason,
        usage_events.duplicate_rank
    from usage_events
    {{ join_links('usage_events', 'cast(usage_events.occurred_at as date)') }}
),

judged as (
    select
        counted.*,
        cast(counted.loaded_at as date) as loaded_on,
        cast(counted.occurred_at as date) as activity_date,
        internal_users.user_id is not null as is_internal,
        case
            when counted.reject_reason is null and counted.duplicate_rank > 1 then 1
            else 0
        end as is_duplicate,
        case
            when counted.reject_reason = 'unknown_account' then counted.account_id
        end as unknown_account_id
    from counted
    left join internal_users on counted.user_id = internal_users.user_id
),

final as (
    select
        loaded_on,
        activity_date,
        reject_reason,
        is_duplicate,
        unknown_account_id,
        count(*) as row_count,
        max(loaded_at) as last_loaded_at,
        cast(sum({{ row_fingerprint('judged') }}) as decimal(38, 0)) as fingerprint
    from judged
    group by loaded_on, activity_date, reject_reason, is_duplicate, unknown_account_id
)

select * from final
