-- depends_on: {{ ref('stg_scorecard__errors') }}

with terms as (
    select * from {{ ref('churn_model_terms') }}
),

final as (
    select
        model_id,
        term,
        {{ try_double('coefficient') }} as coefficient,
        {{ try_double('reference_value') }} as reference_value
    from terms
)

select * from final
