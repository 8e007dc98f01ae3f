{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with contributions as (
    select * from {{ touched('int_scoring__contributions') }}
    where status = 'live' and contribution_kind in ('signal', 'pulse')
),

dimensions as (
    select * from {{ touched('int_scoring__dimensions') }}
),

sums as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        dimension_id,
        sum(contribution) as contribution,
        sum(points_lost) as points_lost
    from contributions
    group by account_id, as_of_date, scorecard_id, scorecard_version, dimension_id
),

weighed as (
    select
        sums.account_id,
        sums.as_of_date,
        sums.scorecard_id,
        sums.scorecard_version,
        sums.dimension_id,
        sums.contribution,
        sums.points_lost,
        case
            when dimensions.applicable_weight > 0
                then dimensions.observed_weight / dimensions.applicable_weight
        end as observed_share,
        case
            when dimensions.is_scored = 1 and dimensions.is_observed = 1
                then dimensions.dimension_weight / dimensions.observed_dimension_weight
        end as effective_weight
    from sums
    inner join dimensions
        on sums.account_id = dimensions.account_id
        and sums.as_of_date = dimensions.as_of_date
        and sums.scorecard_id = dimensions.scorecard_id
        and sums.scorecard_version = dimensions.scorecard_version
        and sums.dimension_id = dimensions.dimension_id
),

final as (
    select
        cast(account_id as {{ dbt.type_string() }}) as account_id,
        cast(as_of_date as date) as as_of_date,
        cast(dimension_id as {{ dbt.type_string() }}) as dimension_id,
        -- Without an effective weight it is null, as is what is made of it.
        {{ to_decimal(as_double('contribution') ~ ' / effective_weight', 9, 2) }}
            as dimension_score,
        {{ to_decimal('effective_weight', 9, 8) }} as effective_weight,
        {{ to_decimal('observed_share', 9, 4) }} as observed_share,
        cast(contribution as decimal(9, 4)) as contribution,
        cast(points_lost as decimal(9, 4)) as points_lost,
        cast(scorecard_id as {{ dbt.type_string() }}) as scorecard_id,
        cast(scorecard_version as integer) as scorecard_version
    from weighed
)

select * from final
