with source as (
    {{ raw_rows('product', 'products') }}
),

typed as (
    select
        {{ clean_text('product_id') }} as product_id,
        {{ clean_text('product_name') }} as product_name,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.product_id']
        ) }} as reject_reason
    from typed
),

final as (
    {{ with_fates(
        keys=['product_id'],
        columns=[
            'product_name'
        ]
    ) }}
)

select * from final
