-- Surveys sent to people of the customer, and the answer where one came.
with survey_responses as (
    select * from {{ ref('stg_support__survey_responses') }}
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
    {{ join_people('survey_responses') }}
    left join survey_groups
        on survey_responses.kind = survey_groups.kind
        and cast(survey_responses.responded_at as date)
        between survey_groups.valid_from and survey_groups.valid_to
        and survey_responses.score >= survey_groups.lowest_score
        and (
            survey_groups.next_lowest_score is null
            or survey_responses.score < survey_groups.next_lowest_score
        )
    where not {{ is_our_own() }}
)

select * from final
