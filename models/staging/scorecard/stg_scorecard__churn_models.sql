-- depends_on: {{ ref('stg_scorecard__errors') }}

-- Released models; each holds until the next one begins.
with churn_models as (
    select * from {{ ref('churn_models') }}
),

terms as (
    select
        model_id,
        count(*) as term_count
    from {{ ref('churn_model_terms') }}
    group by model_id
),

final as (
    select
        churn_models.model_id,
        churn_models.horizon_id,
        {{ try_date('churn_models.valid_from') }} as valid_from,
        {{ add_days(
            "lead("
            ~ try_date('churn_models.valid_from') ~ ", 1, cast('9999-01-01' as date)) over ("
            ~ "order by " ~ try_date('churn_models.valid_from') ~ ", churn_models.model_id)",
            -1
        ) }} as valid_to,
        {{ try_double('churn_models.interval_z') }} as interval_z,
        terms.term_count
    from churn_models
    inner join terms on churn_models.model_id = terms.model_id
)

select * from final
