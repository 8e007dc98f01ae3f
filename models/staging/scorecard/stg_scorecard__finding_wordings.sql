-- depends_on: {{ ref('stg_scorecard__errors') }}

with finding_wordings as (
    select * from {{ ref('finding_wordings') }}
),

final as (
    select
        finding_id,
        {{ try_integer('position') }} as position,
        says,
        mend
    from finding_wordings
)

select * from final
