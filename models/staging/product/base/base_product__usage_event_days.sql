-- Day of load × day of the events × what became of them: counts, and a fingerprint of the events as
-- they were judged. Where it differs from the last finished build, the roll-ups of the day of the
-- events are made anew; the other days are not read again.
with usage_events as (
    select * from {{ ref('base_product__usage_events') }}
),

links as (
    {{ links_to_others() }}
),

-- The account and the person that an event counts for are part of what was judged.
counted as (
    select
        {{ counted_key('usage_events', 'event_id') }} as event_id,
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
        usage_events.row_fate
    from usage_events
    {{ join_links('usage_events', 'cast(usage_events.occurred_at as date)') }}
),

judged as (
    select
        counted.*,
        cast(counted.loaded_at as date) as loaded_on,
        cast(counted.occurred_at as date) as activity_date,
        {{ is_our_own() }} as is_internal,
        case
            when counted.reject_reason = 'unknown_account' then counted.account_id
        end as unknown_account_id
    from counted
    {{ join_people('counted') }}
),

final as (
    select
        loaded_on,
        activity_date,
        reject_reason,
        row_fate,
        unknown_account_id,
        count(*) as row_count,
        max(loaded_at) as last_loaded_at,
        cast(sum({{ row_fingerprint('judged') }}) as decimal(38, 0)) as fingerprint
    from judged
    group by loaded_on, activity_date, reject_reason, row_fate, unknown_account_id
)

select * from final
