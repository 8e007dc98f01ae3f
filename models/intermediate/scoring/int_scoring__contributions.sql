-- The rows whose sum is the score, in the order of docs/scoring.md, section 6: effective weight ×
-- points of every signal and judgement, rounded once; what dark sources would have added; the
-- points of point rules; what keeps the sum within 0 and 100; and what risk caps take away. Signals
-- that do not score have a row too, with their state.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with points as (
    select * from {{ touched('int_scoring__points') }}
),

-- As little as is needed, as this is joined with the longest table. The share of a dimension in
-- the score is null where it has none.
dimensions as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        dimension_id,
        is_scored,
        observed_weight,
        held_weight,
        case
            when is_scored = 1 and is_observed = 1
                then dimension_weight / observed_dimension_weight
        end as observed_share,
        case
            when is_scored = 1 and is_held_observed = 1
                then dimension_weight / held_dimension_weight
        end as held_share
    from {{ touched('int_scoring__dimensions') }}
),

caps as (
    select * from {{ touched('int_scoring__caps') }}
),

weighed as (
    select
        points.*,
        dimensions.is_scored,
        case
            when dimensions.observed_share is not null and points.state = 'observed'
                then
                    (points.observed_weight / dimensions.observed_weight)
                    * dimensions.observed_share
        end as effective_weight,
        case
            when dimensions.held_share is not null and points.held_weight > 0
                then (points.held_weight / dimensions.held_weight) * dimensions.held_share
        end as held_effective_weight
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
        case when is_judgement then 'pulse' else 'signal' end as contribution_kind,
        dimension_id,
        signal_id,
        product_id,
        'none' as rule_id,
        {{ to_decimal('value', 18, 6) }} as value,
        {{ to_decimal('scale', 18, 6) }} as scale,
        {{ to_decimal("case when state = 'observed' then points end", 9, 4) }} as points,
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
        rule_level,
        case
            when held_effective_weight is not null
                then {{ to_decimal('held_effective_weight * points', 9, 4) }}
            when is_scored = 1 then cast(0 as decimal(9, 4))
        end as held_contribution
    from weighed
),

unclamped_rows as (
    select * from signal_rows
    union all
    select
        *,
        contribution as held_contribution
    from {{ touched('int_scoring__point_rules') }}
),

sums as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        max(status) as status,
        sum(contribution) as total,
        sum(held_contribution) as held_total
    from unclamped_rows
    group by account_id, as_of_date, scorecard_id, scorecard_version
),

clamped as (
    select
        *,
        cast(least(greatest(held_total, 0), 100) as decimal(9, 4)) as clamped_total
    from sums
    where held_total is not null
),

clamp_rows as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        'dark_source' as rule_id,
        held_total - total as contribution
    from clamped
    where held_total != total
    union all
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        'none' as rule_id,
        clamped_total - held_total as contribution
    from clamped
    where clamped_total != held_total
),

-- Every cap that holds has a row; the lowest takes the points away. Without a score there is
-- nothing to take.
cap_rows as (
    select
        caps.*,
        case
            when clamped.clamped_total is null then null
            when caps.cap_rank = 1 and clamped.clamped_total > caps.max_score
                then caps.max_score - clamped.clamped_total
            else 0
        end as contribution
    from caps
    left join clamped
        on caps.account_id = clamped.account_id
        and caps.as_of_date = clamped.as_of_date
        and caps.scorecard_id = clamped.scorecard_id
        and caps.scorecard_version = clamped.scorecard_version
),

final as (
    select * from unclamped_rows
    union all
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
        rule_id,
        cast(null as decimal(18, 6)) as value,
        cast(null as decimal(18, 6)) as scale,
        cast(null as decimal(9, 4)) as points,
        cast(null as decimal(9, 8)) as effective_weight,
        cast(contribution as decimal(9, 4)) as contribution,
        cast(0 as decimal(9, 4)) as points_lost,
        'observed' as state,
        cast(null as {{ dbt.type_string() }}) as state_reason,
        'scorecard' as rule_level,
        cast(null as decimal(9, 4)) as held_contribution
    from clamp_rows
    union all
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        'cap' as contribution_kind,
        'none' as dimension_id,
        signal_id,
        'all' as product_id,
        cap_id as rule_id,
        value,
        cast(null as decimal(18, 6)) as scale,
        cast(null as decimal(9, 4)) as points,
        cast(null as decimal(9, 8)) as effective_weight,
        cast(contribution as decimal(9, 4)) as contribution,
        cast(-contribution as decimal(9, 4)) as points_lost,
        state,
        state_reason,
        rule_level,
        cast(null as decimal(9, 4)) as held_contribution
    from cap_rows
)

select * from final
