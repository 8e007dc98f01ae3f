-- How many accounts each segment has on the last scored day. A segment without accounts may be
-- misspelt; accounts without a segment have no scorecard and no score.
with segments as (
    select
        segment_id,
        min(priority) as priority,
        min(scorecard_id) as scorecard_id
    from {{ ref('stg_scorecard__segments') }}
    group by segment_id
),

accounts as (
    select
        coalesce(segment_id, 'no segment') as segment_id,
        count(*) as accounts,
        sum(recurring_revenue) as recurring_revenue
    from {{ ref('account_health') }}
    group by coalesce(segment_id, 'no segment')
)

select
    coalesce(segments.segment_id, accounts.segment_id) as segment_id,
    segments.priority,
    segments.scorecard_id,
    coalesce(accounts.accounts, 0) as accounts,
    coalesce(accounts.recurring_revenue, 0) as recurring_revenue
from segments
full outer join accounts on segments.segment_id = accounts.segment_id
order by segments.priority, segment_id
