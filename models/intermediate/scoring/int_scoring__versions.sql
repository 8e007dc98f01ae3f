-- Account × as_of_date × scorecard version: the live version in force, and every shadow version
-- beside it.
with account_dates as (
    select
        account_id,
        as_of_date,
        scorecard_id
    from {{ ref('int_accounts__as_of') }}
),

scorecards as (
    select * from {{ ref('stg_scorecard__scorecards') }}
),

final as (
    select
        account_dates.account_id,
        account_dates.as_of_date,
        scorecards.scorecard_id,
        scorecards.scorecard_version,
        scorecards.status,
        scorecards.min_coverage,
        scorecards.min_dimension_coverage,
        scorecards.min_dimensions
    from account_dates
    inner join scorecards
        on account_dates.scorecard_id = scorecards.scorecard_id
        and (
            scorecards.status = 'shadow'
            or account_dates.as_of_date between scorecards.valid_from and scorecards.valid_to
        )
)

select * from final
