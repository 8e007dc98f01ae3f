-- Everything that is wrong with the scorecard seeds. A row here stops the build (post-hook), and
-- every other model of this folder waits for it.
{{ config(materialized='table', post_hook="{{ stop_on_scorecard_errors() }}") }}

with final as (
    select seed, row_key, problem, mend from {{ ref('check_scorecard__cells') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__keys') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__references') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__weights') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__bands') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__curves') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__versions') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__segments') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__registry') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__dated_rows') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__milestones') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__settings') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__churn_models') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__point_rules') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__caps') }}
    union all
    select seed, row_key, problem, mend from {{ ref('check_scorecard__judgement') }}
)

select
    seed,
    row_key,
    problem,
    mend
from final
