-- Churn models: terms that have a value, an intercept, and a covariance of every two coefficients.
{%- set seeds = scorecard_seeds() %}

with churn_models as (
    select * from {{ ref('churn_models') }}
),

terms as (
    select * from {{ ref('churn_model_terms') }}
),

covariances as (
    select
        model_id,
        term,
        other_term,
        {{ row_key(seeds.churn_model_covariances.key) }} as row_key,
        {{ try_double('covariance') }} as covariance
    from {{ ref('churn_model_covariances') }}
),

-- A model holds until the next one begins, whatever its horizon.
overlapping as (
    select
        'churn_models' as seed,
        min(model_id) || ' and ' || max(model_id) as row_key,
        'two models begin on ' || valid_from as problem,
        'give each its own valid_from' as mend
    from churn_models
    group by valid_from
    having count(distinct model_id) > 1
),

without_intercept as (
    select
        'churn_models' as seed,
        churn_models.model_id as row_key,
        'the model has no intercept' as problem,
        'add the term intercept to churn_model_terms.csv' as mend
    from churn_models
    left join terms
        on churn_models.model_id = terms.model_id
        and terms.term = 'intercept'
    where terms.term is null
),

unknown_terms as (
    select
        'churn_model_terms' as seed,
        {{ row_key(seeds.churn_model_terms.key, 'terms') }} as row_key,
        'no scorecard has a dimension ' || terms.term as problem,
        'write intercept, score, or a dimension_id of dimensions.csv' as mend
    from terms
    left join {{ ref('dimensions') }} as dimensions on terms.term = dimensions.dimension_id
    where
        dimensions.dimension_id is null
        and terms.term is not null
        and terms.term not in ('intercept', 'score')
),

reference_values as (
    select
        term,
        {{ row_key(seeds.churn_model_terms.key) }} as row_key,
        reference_value as written,
        {{ try_decimal('reference_value') }} as reference_value
    from terms
),

strange_references as (
    select
        'churn_model_terms' as seed,
        row_key,
        'reference_value is ' || written as problem,
        'write the mean of the term, 0 to 100, and 1 for the intercept' as mend
    from reference_values
    where
        reference_value < 0
        or reference_value > 100
        or (term = 'intercept' and reference_value != 1)
),

own_terms as (
    select
        covariances.*,
        case when terms.term is null then covariances.term end as strange_term,
        case when others.term is null then covariances.other_term end as strange_other_term
    from covariances
    left join terms
        on covariances.model_id = terms.model_id
        and covariances.term = terms.term
    left join terms as others
        on covariances.model_id = others.model_id
        and covariances.other_term = others.term
),

strange_covariances as (
    select
        'churn_model_covariances' as seed,
        row_key,
        'the model has no term ' || coalesce(strange_term, strange_other_term) as problem,
        'take the row out, or add the term to churn_model_terms.csv' as mend
    from own_terms
    where strange_term is not null or strange_other_term is not null
),

missing_covariances as (
    select
        'churn_model_covariances' as seed,
        terms.model_id || '/' || terms.term || '/' || others.term as row_key,
        'the row is missing' as problem,
        'add it: every ordered pair of terms of a model has one' as mend
    from terms
    inner join terms as others on terms.model_id = others.model_id
    left join covariances
        on terms.model_id = covariances.model_id
        and terms.term = covariances.term
        and others.term = covariances.other_term
    where covariances.term is null
),

uneven_covariances as (
    select
        'churn_model_covariances' as seed,
        covariances.row_key,
        'it differs from the row ' || mirrored.row_key as problem,
        'write the same number in both' as mend
    from covariances
    inner join covariances as mirrored
        on covariances.model_id = mirrored.model_id
        and covariances.term = mirrored.other_term
        and covariances.other_term = mirrored.term
    where covariances.term < mirrored.term and covariances.covariance != mirrored.covariance
),

negative_variances as (
    select
        'churn_model_covariances' as seed,
        row_key,
        'the variance is negative' as problem,
        'write 0 or more where a term meets itself' as mend
    from covariances
    where term = other_term and covariance < 0
),

final as (
    select seed, row_key, problem, mend from overlapping
    union all
    select seed, row_key, problem, mend from without_intercept
    union all
    select seed, row_key, problem, mend from unknown_terms
    union all
    select seed, row_key, problem, mend from strange_references
    union all
    select seed, row_key, problem, mend from strange_covariances
    union all
    select seed, row_key, problem, mend from missing_covariances
    union all
    select seed, row_key, problem, mend from uneven_covariances
    union all
    select seed, row_key, problem, mend from negative_variances
)

select * from final
