-- The rows whose sum is the score, in the order of docs/scoring.md, section 6: effective weight ×
-- points of every signal and judgement, rounded once; what dark sources would have added; the
-- points of point rules; what keeps the sum within 0 and 100; and what risk caps take away. Signals
-- that do not score have a row too, with their state.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with points as {{ not_materialized() }} (
    select * from {{ touched('int_scoring__points') }}
),

caps as (
    select * from {{ touched('int_scoring__caps') }}
),

rule_rows as (
    select
        *,
        contribution as held_contribution
    from {{ touched('int_scoring__point_rules') }}
),

limiting_days as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version
    from caps
    union
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version
    from rule_rows
),

-- As little as is needed, as this is joined with the longest table. The share of a dimension in
-- the score is null where it has none.
dimensions as {{ not_materialized() }} (
    select
        dimensions.account_id,
        dimensions.as_of_date,
        dimensions.scorecard_id,
        dimensions.scorecard_version,
        dimensions.dimension_id,
        dimensions.is_scored,
        dimensions.observed_weight,
        dimensions.held_weight,
        case
            when dimensions.is_scored = 1 and dimensions.is_observed = 1
                then dimensions.dimension_weight / dimensions.observed_dimension_weight
        end as observed_share,
        case
            when dimensions.is_scored = 1 and dimensions.is_held_observed = 1
                then dimensions.dimension_weight / dimensions.held_dimension_weight
        end as held_share,
        case
            when limiting_days.account_id is not null then 1
            else dimensions.may_be_limited
        end as is_limited
    from {{ touched('int_scoring__dimensions') }} as dimensions
    left join limiting_days
        on dimensions.account_id = limiting_days.account_id
        and dimensions.as_of_date = limiting_days.as_of_date
        and dimensions.scorecard_id = limiting_days.scorecard_id
        and dimensions.scorecard_version = limiting_days.scorecard_version
),

weighed as {{ not_materialized() }} (
    select
        points.*,
        dimensions.is_scored,
        dimensions.is_limited,
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

signal_rows as {{ not_materialized() }} (
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
        end as held_contribution,
        is_limited
    from weighed
),

-- Only where something may limit the sum: signals are many, and summing up all of them would hold
-- all of them.
summands as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        contribution,
        held_contribution
    from signal_rows
    where is_limited = 1
    union all
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        contribution,
        held_contribution
    from rule_rows
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
    from summands
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
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        contribution_kind,
        dimension_id,
        signal_id,
        product_id,
        rule_id,
        value,
        scale,
        points,
        effective_weight,
        contribution,
        points_lost,
        state,
        state_reason,
        rule_level,
        held_contribution
    from signal_rows
    union all
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        contribution_kind,
        dimension_id,
        signal_id,
        product_id,
        rule_id,
        value,
        scale,
        points,
        effective_weight,
        contribution,
        points_lost,
        state,
        state_reason,
        rule_level,
        held_contribution
    from rule_rows
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
