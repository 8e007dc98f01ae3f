-- Surveys sent to people of the customer, and the answer where one came.
with survey_responses as (
    select * from {{ ref('stg_support__survey_responses') }}
),

internal_users as (
    select user_id from {{ ref('stg_crm__people') }}
    where is_internal
),

survey_groups as (
    select * from {{ ref('stg_scorecard__survey_groups') }}
),

final as (
    select
        survey_responses.response_id,
        survey_responses.account_id,
        survey_responses.user_id,
        survey_responses.kind,
        survey_responses.score,
        survey_groups.group_id,
        survey_groups.points,
        cast(survey_responses.sent_at as date) as sent_on,
        survey_responses.responded_at,
        case
            when survey_responses.score is not null
                then cast(survey_responses.responded_at as date)
        end as answered_on
    from survey_responses
    left join internal_users on survey_responses.user_id = internal_users.user_id
    left join survey_groups
        on survey_responses.kind = survey_groups.kind
        and survey_responses.score >= survey_groups.lowest_score
        and (
            survey_groups.next_lowest_score is null
            or survey_responses.score < survey_groups.next_lowest_score
        )
    where internal_users.user_id is null
)

select * from final
