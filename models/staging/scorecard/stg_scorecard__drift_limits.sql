-- depends_on: {{ ref('stg_scorecard__errors') }}

-- One row, a column a setting.
with drift_limits as (
    select
        setting,
        {{ try_decimal('value') }} as value
    from {{ ref('drift_limits') }}
),

final as (
    select
        cast(max(case when setting = 'reference_months' then value end) as integer)
            as reference_months,
        cast(max(case when setting = 'bins' then value end) as integer) as bins,
        max(case when setting = 'question_above' then value end) as question_above,
        max(case when setting = 'shift_above' then value end) as shift_above
    from drift_limits
)

select * from final
