with source as (
    {{ raw_rows('product', 'entitlements') }}
),

known_accounts as (
    select account_id from {{ ref('stg_crm__accounts') }}
    group by account_id
),

products as (
    select product_id from {{ ref('stg_product__products') }}
),

given as (
    select
        {{ clean_text('entitlement_id') }} as entitlement_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_text('product_id') }} as product_id,
        {{ clean_date('starts_on') }} as starts_on,
        {{ clean_date('ends_on') }} as ends_on,
        {{ clean_date('ends_before') }} as ends_before,
        {{ clean_number('seats', 'bigint') }} as seats,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

typed as (
    select
        entitlement_id,
        account_id,
        product_id,
        starts_on,
        {{ last_day('ends_on', 'ends_before') }} as ends_on,
        {{ first_day_after('ends_on', 'ends_before') }} as ends_before,
        seats,
        loaded_at,
        {{ ends_disagree('ends_on', 'ends_before') }} as is_end_disputed
    from given
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.entitlement_id'],
            date='typed.starts_on',
            dated_ahead=true,
            owner='known_accounts.account_id',
            product='products.product_id' if source_is_on('products'),
            invalid=[
                "typed.product_id is null",
                "typed.ends_on < typed.starts_on",
                "typed.is_end_disputed"
            ],
            amounts=['typed.seats']
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
    left join products on typed.product_id = products.product_id
),

final as (
    {{ with_fates(
        keys=['account_id', 'entitlement_id'],
        columns=[
            'product_id',
            'starts_on',
            'ends_on',
            'ends_before',
            'seats'
        ],
        unknown={'seats': ['seats']}
    ) }}
)

select * from final
