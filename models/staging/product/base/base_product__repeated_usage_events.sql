-- Usable events whose key comes more than once, in order. They are few, and only they are put in
-- order and stored. Keys are counted in the raw table, usable or not, and by their fingerprint,
-- which takes less memory than the texts; should two keys share one, both are found and both are
-- the first of their key.
{%- set key_in_source = clean_text('account_id') ~ " || ' ' || " ~ clean_text('event_id') %}
{%- set key_of_event = "checked.account_id || ' ' || checked.event_id" %}

with source as (
    {{ raw_rows('product', 'usage_events') }}
),

checked as (
    select * from {{ ref('base_product__checked_usage_events') }}
    where reject_reason is null
),

repeated as (
    select {{ text_fingerprint(key_in_source) }} as key_fingerprint
    from source
    where account_id is not null and event_id is not null
    group by {{ text_fingerprint(key_in_source) }}
    having count(*) > 1
),

repeated_events as (
    select checked.*
    from checked
    inner join repeated
        on {{ text_fingerprint(key_of_event) }}
        = repeated.key_fingerprint
),

final as (
    {{ with_fates(
        keys=['account_id', 'event_id'],
        columns=[
            'user_id',
            'product_id',
            'feature_key',
            'occurred_at',
            'quantity',
            'duration_seconds',
            'error_count'
        ],
        relation='repeated_events'
    ) }}
)

select * from final
