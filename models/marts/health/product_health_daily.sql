{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with account_dates as (
    select
        account_id,
        as_of_date,
        period_starts_on,
        segment_id,
        owner_id
    from {{ touched('int_accounts__as_of') }}
),

products as (
    select * from {{ ref('int_accounts__products') }}
),

contributions as (
    select * from {{ touched('int_scoring__contributions') }}
    where status = 'live' and contribution_kind = 'signal' and product_id != 'all'
),

points as (
    select * from {{ touched('int_scoring__points') }}
    where status = 'live' and product_id != 'all'
),

bands as (
    select * from {{ ref('stg_scorecard__bands') }}
),

sums as (
    select
        account_id,
        as_of_date,
        product_id,
        scorecard_id,
        scorecard_version,
        sum(effective_weight) as effective_weight,
        sum(effective_weight * points) as weighed_points,
        sum(contribution) as contribution,
        sum(points_lost) as points_lost
    from contributions
    group by account_id, as_of_date, scorecard_id, scorecard_version, product_id
),

observed as (
    select
        account_id,
        as_of_date,
        product_id,
        sum(observed_weight) as observed_weight,
        sum(case when state = 'not_applicable' then 0 else row_weight end) as applicable_weight
    from points
    group by account_id, as_of_date, product_id
),

scored as (
    select
        account_dates.account_id,
        account_dates.as_of_date,
        account_dates.segment_id,
        account_dates.owner_id,
        products.product_id,
        products.product_starts_on,
        products.recurring_revenue,
        products.revenue_share,
        sums.scorecard_id,
        sums.scorecard_version,
        sums.effective_weight,
        sums.contribution,
        sums.points_lost,
        observed.observed_weight / nullif(observed.applicable_weight, 0) as observed_share,
        {{ to_decimal(
            as_double('sums.weighed_points') ~ ' / nullif('
            ~ as_double('sums.effective_weight') ~ ', 0)', 9, 2
        ) }} as product_score
    from account_dates
    inner join products
        on account_dates.account_id = products.account_id
        and account_dates.period_starts_on = products.period_starts_on
    left join sums
        on account_dates.account_id = sums.account_id
        and account_dates.as_of_date = sums.as_of_date
        and products.product_id = sums.product_id
    left join observed
        on account_dates.account_id = observed.account_id
        and account_dates.as_of_date = observed.as_of_date
        and products.product_id = observed.product_id
),

ranked as (
    select
        *,
        case
            when product_score is not null
                then
                    row_number() over (
                        partition by account_id, as_of_date
                        order by
                            case when product_score is null then 1 else 0 end,
                            product_score,
                            product_id
                    )
        end as weakness_rank
    from scored
),

final as (
    select
        cast(ranked.account_id as {{ dbt.type_string() }}) as account_id,
        cast(ranked.product_id as {{ dbt.type_string() }}) as product_id,
        cast(ranked.as_of_date as date) as as_of_date,
        ranked.product_score,
        cast(coalesce(bands.band_id, 'unknown') as {{ dbt.type_string() }}) as band,
        cast(ranked.weakness_rank as integer) as weakness_rank,
        {{ to_decimal('coalesce(ranked.observed_share, 0)', 9, 4) }} as observed_share,
        cast(ranked.effective_weight as decimal(9, 8)) as effective_weight,
        cast(ranked.contribution as decimal(9, 4)) as contribution,
        cast(ranked.points_lost as decimal(9, 4)) as points_lost,
        cast(ranked.product_starts_on as date) as product_starts_on,
        cast(ranked.recurring_revenue as decimal(18, 2)) as recurring_revenue,
        {{ to_decimal('ranked.revenue_share', 9, 8) }} as revenue_share,
        cast(ranked.scorecard_id as {{ dbt.type_string() }}) as scorecard_id,
        cast(ranked.scorecard_version as integer) as scorecard_version,
        cast(ranked.segment_id as {{ dbt.type_string() }}) as segment_id,
        cast(ranked.owner_id as {{ dbt.type_string() }}) as owner_id
    from ranked
    left join bands
        on ranked.scorecard_id = bands.scorecard_id
        and ranked.scorecard_version = bands.scorecard_version
        and ranked.product_score >= bands.lower_bound
        and (ranked.product_score < bands.upper_bound or bands.is_top_band)
)

select * from final
