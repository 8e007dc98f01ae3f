-- Account × as_of_date × reason: in percentage points, what each row of the score adds to the churn
-- probability or takes from it, against an account at the model's reference values. The rows of an
-- account, the reference included, sum exactly to its probability (docs/churn_model.md).
with probabilities as (
    select * from {{ ref('int_outcomes__churn_probabilities') }}
),

terms as (
    select * from {{ ref('stg_scorecard__churn_model_terms') }}
),

contributions as (
    select * from {{ ref('health_contributions') }}
    where effective_weight > 0 or contribution != 0
),

signals as (
    select * from {{ ref('stg_scorecard__signals') }}
),

point_rules as (
    select * from {{ ref('stg_scorecard__point_rules') }}
),

caps as (
    select * from {{ ref('stg_scorecard__caps') }}
),

centres as (
    select
        model_id,
        sum(coefficient * reference_value) as log_odds
    from terms
    group by model_id
),

against_reference as (
    select
        probabilities.account_id,
        probabilities.as_of_date,
        probabilities.model_id,
        probabilities.horizon_id,
        probabilities.probability,
        probabilities.log_odds - centres.log_odds as distance,
        {{ logistic('centres.log_odds') }} as reference_probability
    from probabilities
    inner join centres on probabilities.model_id = centres.model_id
),

-- What one unit of log odds is worth on the way from the reference to the account, on average.
slopes as (
    select
        *,
        100 * {{ to_decimal('probability', 9, 6) }} as percentage,
        100 * {{ to_decimal('reference_probability', 9, 6) }} as reference_percentage,
        case
            -- So near to each other the difference of two probabilities is mostly noise.
            when abs(distance) < 0.000001 then probability * (1 - probability)
            else (probability - reference_probability) / distance
        end as slope
    from against_reference
),

-- A term is the weighted mean of the points of its rows, so each row answers for its own distance
-- from the reference value of the term.
term_rows as (
    select
        slopes.*,
        terms.term,
        terms.coefficient,
        terms.reference_value,
        contributions.contribution_kind,
        contributions.dimension_id,
        contributions.signal_id,
        contributions.product_id,
        contributions.rule_id,
        contributions.scorecard_id,
        contributions.scorecard_version,
        {{ as_double('contributions.contribution') }} as contribution,
        coalesce({{ as_double('contributions.effective_weight') }}, 0) as effective_weight,
        {{ as_double(
            'sum(contributions.effective_weight) over ('
            ~ 'partition by slopes.account_id, slopes.as_of_date, terms.term)'
        ) }} as term_weight
    from slopes
    inner join contributions
        on slopes.account_id = contributions.account_id
        and slopes.as_of_date = contributions.as_of_date
    inner join terms
        on slopes.model_id = terms.model_id
        and terms.term in ('score', contributions.dimension_id)
),

rounded as (
    select
        *,
        {{ to_decimal(
            '100 * slope * coefficient * (contribution - effective_weight * reference_value)'
            ~ ' / term_weight',
            9, 4
        ) }} as rounded_points
    from term_rows
),

placed as (
    select
        *,
        row_number() over (
            partition by account_id, as_of_date
            order by
                abs(rounded_points) desc,
                term,
                contribution_kind,
                dimension_id,
                signal_id,
                product_id,
                rule_id
        ) as place,
        sum(rounded_points) over (partition by account_id, as_of_date) as rounded_total
    from rounded
),

-- What rounding leaves goes to the largest.
drivers as (
    select
        *,
        rounded_points
        + case
            when place = 1 then percentage - reference_percentage - rounded_total else 0
        end as percentage_points
    from placed
),

labelled as (
    select
        drivers.*,
        row_number() over (
            partition by drivers.account_id, drivers.as_of_date
            order by abs(drivers.percentage_points) desc, drivers.place
        ) as driver_rank,
        coalesce(caps.label || ', ', '') || coalesce(
            signals.label,
            point_rules.label,
            case
                when drivers.rule_id = 'dark_source' then 'Signals of late sources, held'
                else 'Ends of the score'
            end
        ) as label
    from drivers
    left join signals on drivers.signal_id = signals.signal_id
    left join point_rules
        on drivers.scorecard_id = point_rules.scorecard_id
        and drivers.scorecard_version = point_rules.scorecard_version
        and drivers.rule_id = point_rules.rule_id
    left join caps
        on drivers.contribution_kind = 'cap'
        and drivers.scorecard_id = caps.scorecard_id
        and drivers.scorecard_version = caps.scorecard_version
        and drivers.rule_id = caps.cap_id
),

all_rows as (
    select
        account_id,
        as_of_date,
        model_id,
        horizon_id,
        'reference' as driver_kind,
        'none' as term,
        'none' as dimension_id,
        'none' as signal_id,
        'all' as product_id,
        'none' as rule_id,
        'An account at the reference values' as label,
        reference_percentage as percentage_points,
        cast(null as integer) as driver_rank
    from slopes
    union all
    select
        account_id,
        as_of_date,
        model_id,
        horizon_id,
        contribution_kind as driver_kind,
        term,
        dimension_id,
        signal_id,
        product_id,
        rule_id,
        label,
        percentage_points,
        cast(driver_rank as integer) as driver_rank
    from labelled
),

final as (
    select
        cast(account_id as {{ dbt.type_string() }}) as account_id,
        cast(as_of_date as date) as as_of_date,
        cast(driver_kind as {{ dbt.type_string() }}) as driver_kind,
        cast(term as {{ dbt.type_string() }}) as term,
        cast(dimension_id as {{ dbt.type_string() }}) as dimension_id,
        cast(signal_id as {{ dbt.type_string() }}) as signal_id,
        cast(product_id as {{ dbt.type_string() }}) as product_id,
        cast(rule_id as {{ dbt.type_string() }}) as rule_id,
        cast(label as {{ dbt.type_string() }}) as label,
        cast(percentage_points as decimal(9, 4)) as percentage_points,
        driver_rank,
        cast(model_id as {{ dbt.type_string() }}) as model_id,
        cast(horizon_id as {{ dbt.type_string() }}) as horizon_id
    from all_rows
)

select * from final
