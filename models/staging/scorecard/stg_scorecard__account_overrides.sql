-- depends_on: {{ ref('stg_scorecard__errors') }}

with overrides as (
    select * from {{ ref('account_overrides') }}
),

final as (
    select
        override_id,
        account_id,
        signal_id,
        case
            when field = 'scale_factor' then {{ as_double(try_decimal('value')) }}
        end as scale_factor,
        case when field = 'weight' then {{ try_decimal('value') }} end as weight,
        case when field = 'curve_id' then value end as curve_id,
        {{ try_date('valid_from') }} as valid_from,
        {{ try_date('valid_to') }} as valid_to,
        author,
        reason,
        field || ' ' || value || ' (' || author || ': ' || reason || ')' as words
    from overrides
)

select * from final
