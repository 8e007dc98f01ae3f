with source as (
    {{ raw_rows('billing', 'exchange_rates') }}
),

typed as (
    select
        upper({{ clean_text('currency') }}) as currency,
        {{ clean_date('valid_from') }} as valid_from,
        {{ clean_number('rate_to_base', 'decimal(20, 8)') }} as rate_to_base,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.currency', 'typed.valid_from'],
            invalid=[
                "typed.rate_to_base is null or typed.rate_to_base = 0"
            ],
            amounts=['typed.rate_to_base']
        ) }} as reject_reason
    from typed
),

final as (
    {{ with_fates(
        keys=['currency', 'valid_from'],
        columns=[
            'rate_to_base'
        ],
        refused=['rate_to_base']
    ) }}
)

select * from final
