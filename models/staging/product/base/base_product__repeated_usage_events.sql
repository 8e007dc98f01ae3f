-- Usable events whose key comes more than once, in order. They are few, and only they are put in
-- order and stored. Keys are counted in the raw table, usable or not, and by their fingerprint,
-- which takes less memory than the texts; should two keys share one, both are found and both are
-- the first of their key.
with source as (
    {{ raw_rows('product', 'usage_events') }}
),

checked as (
    select * from {{ ref('base_product__checked_usage_events') }}
    where reject_reason is null
),

repeated as (
    select {{ text_fingerprint(clean_text('event_id')) }} as key_fingerprint
    from source
    where event_id is not null
    group by {{ text_fingerprint(clean_text('event_id')) }}
    having count(*) > 1
),

final as (
    select
        checked.*,
        {{ duplicate_rank(
            keys=['checked.event_id'],
            columns=[
                'account_id',
                'user_id',
                'product_id',
                'feature_key',
                'occurred_at',
                'quantity',
                'duration_seconds',
                'error_count'
            ]
        ) }} as duplicate_rank
    from checked
    inner join repeated
        on {{ text_fingerprint('checked.event_id') }} = repeated.key_fingerprint
)

select * from final
