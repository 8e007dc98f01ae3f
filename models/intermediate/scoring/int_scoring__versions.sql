-- Account × as_of_date × scorecard version: the live version in force, every shadow version beside
-- it, and what scores readiness to grow, which is asked of every account whatever its segment.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with account_dates as (
    select
        account_id,
        as_of_date,
        scorecard_id
    from {{ touched('int_accounts__as_of') }}
),

scorecards as (
    select
        *,
        status = 'shadow' as is_beside,
        status = 'expansion' as is_for_all
    from {{ ref('stg_scorecard__scorecards') }}
),

asked as (
    select
        account_dates.account_id,
        account_dates.as_of_date,
        scorecards.*
    from account_dates
    inner join scorecards on account_dates.scorecard_id = scorecards.scorecard_id
    where not scorecards.is_for_all
    union all
    select
        account_dates.account_id,
        account_dates.as_of_date,
        scorecards.*
    from account_dates
    cross join scorecards
    where scorecards.is_for_all
),

final as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        min_coverage,
        min_dimension_coverage,
        min_dimensions
    from asked
    where is_beside or as_of_date between valid_from and valid_to
)

select * from final
