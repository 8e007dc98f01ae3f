-- The rows whose sum is the score: effective weight × points of every signal, rounded once, the
-- points of point rules, and whatever keeps the sum within 0 and 100. Signals that do not score
-- have a row too, with their state.
with points as (
    select * from {{ ref('int_scoring__points') }}
),

dimensions as (
    select * from {{ ref('int_scoring__dimensions') }}
),

weighed as (
    select
        points.*,
        dimensions.is_scored,
        case
            when
                dimensions.is_scored = 1
                and dimensions.is_observed = 1
                and points.state = 'observed'
                then
                    (points.observed_weight / dimensions.observed_weight)
                    * (dimensions.dimension_weight / dimensions.observed_dimension_weight)
        end as effective_weight
    from points
    inner join dimensions
        on points.account_id = dimensions.account_id
        and points.as_of_date = dimensions.as_of_date
        and points.scorecard_id = dimensions.scorecard_id
        and points.scorecard_version = dimensions.scorecard_version
        and points.dimension_id = dimensions.dimension_id
),

signal_rows as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        'signal' as contribution_kind,
        dimension_id,
        signal_id,
        product_id,
        'none' as rule_id,
        {{ to_decimal('value', 18, 6) }} as value,
        {{ to_decimal('scale', 18, 6) }} as scale,
        {{ to_decimal('points', 9, 4) }} as points,
        {{ to_decimal('effective_weight', 9, 8) }} as effective_weight,
        case
            when effective_weight is not null
                then {{ to_decimal('effective_weight * points', 9, 4) }}
            when is_scored = 1 then cast(0 as decimal(9, 4))
        end as contribution,
        case
            when effective_weight is not null
                then {{ to_decimal('effective_weight * (100 - points)', 9, 4) }}
            when is_scored = 1 then cast(0 as decimal(9, 4))
        end as points_lost,
        state,
        state_reason,
        rule_level
    from weighed
),

unclamped_rows as (
    select * from signal_rows
    union all
    select * from {{ ref('int_scoring__point_rules') }}
),

sums as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        sum(contribution) as total
    from unclamped_rows
    group by account_id, as_of_date, scorecard_id, scorecard_version, status
),

clamp_rows as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        'clamp' as contribution_kind,
        'none' as dimension_id,
        'none' as signal_id,
        'all' as product_id,
        'none' as rule_id,
        cast(null as decimal(18, 6)) as value,
        cast(null as decimal(18, 6)) as scale,
        cast(null as decimal(9, 4)) as points,
        cast(null as decimal(9, 8)) as effective_weight,
        cast(
            case when total > 100 then 100 - total else -total end
            as decimal(9, 4)
        ) as contribution,
        cast(0 as decimal(9, 4)) as points_lost,
        'observed' as state,
        cast(null as {{ dbt.type_string() }}) as state_reason,
        'scorecard' as rule_level
    from sums
    where total > 100 or total < 0
),

final as (
    select * from unclamped_rows
    union all
    select * from clamp_rows
)

select * from final
