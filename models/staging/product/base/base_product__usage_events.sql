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

checked as {{ materialized() }} (
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
),

-- Few keys come twice, and only their rows need an order.
repeated as (
    select event_id from checked
    where event_id is not null
    group by event_id
    having count(*) > 1
),

ranked as (
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
    inner join repeated on checked.event_id = repeated.event_id
),

final as (
    select * from ranked
    union all
    select
        checked.*,
        1 as duplicate_rank
    from checked
    left join repeated on checked.event_id = repeated.event_id
    where repeated.event_id is null
)

select * from final
