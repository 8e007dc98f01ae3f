-- Raw events with types and the reason a row cannot be used. A view: raw events are the largest
-- table there is, and a copy of them costs more than to read them again.
{{ config(materialized='view', post_hook=[]) }}

with source as (
    {{ raw_rows('product', 'usage_events') }}
),

known_accounts as (
    select account_id from {{ ref('stg_crm__accounts') }}
    group by account_id
),

data_clock as (
    select clock_day from {{ ref('stg_product__data_clock') }}
),

typed as (
    select
        {{ clean_text('event_id') }} as event_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_text('user_id') }} as user_id,
        coalesce({{ clean_text('product_id') }}, 'default') as product_id,
        {{ clean_text('feature_key') }} as feature_key,
        {{ clean_time('occurred_at') }} as occurred_at,
        coalesce({{ clean_number('quantity', 'bigint') }}, 1) as quantity,
        {{ clean_number('duration_seconds', 'bigint') }} as duration_seconds,
        {{ clean_number('error_count', 'bigint') }} as error_count,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

final as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.event_id'],
            date='typed.occurred_at',
            owner='known_accounts.account_id',
            amounts=['typed.quantity', 'typed.duration_seconds', 'typed.error_count']
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
    cross join data_clock
)

select * from final
