-- depends_on: {{ ref('stg_scorecard__errors') }}

with covariances as (
    select * from {{ ref('churn_model_covariances') }}
),

final as (
    select
        model_id,
        term,
        other_term,
        {{ try_double('covariance') }} as covariance
    from covariances
)

select * from final
