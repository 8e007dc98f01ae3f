-- Rows of seeds that meet nothing in the data, and may be misspelt; and words of tickets that no
-- row names. Segments without accounts: accounts_by_segment.
with accounts as (
    select counts_for_account_id as account_id from {{ ref('stg_crm__account_links') }}
    group by counts_for_account_id
),

asked_for as (
    select
        'point_rule_steps' as seed,
        rule_id as row_key,
        event_kind,
        event_key
    from {{ ref('stg_scorecard__point_rule_steps') }}
    union all
    select
        'milestones' as seed,
        milestone_id as row_key,
        event_kind,
        event_key
    from {{ ref('stg_scorecard__milestones') }}
    where event_kind != 'none'
),

events as (
    select
        event_kind,
        event_key
    from {{ ref('int_activity__event_days') }}
    group by event_kind, event_key
),

severities as (
    select
        severity,
        count(*) as tickets
    from {{ ref('stg_support__support_tickets') }}
    where severity is not null
    group by severity
)

select
    'account_overrides' as seed,
    overrides.override_id as row_key,
    'there is no account ' || overrides.account_id as finding
from {{ ref('stg_scorecard__account_overrides') }} as overrides
left join accounts on overrides.account_id = accounts.account_id
where accounts.account_id is null
union all
select
    asked_for.seed,
    asked_for.row_key,
    'no ' || asked_for.event_kind || ' ' || asked_for.event_key || ' has ever happened' as finding
from asked_for
left join events
    on asked_for.event_kind = events.event_kind
    and asked_for.event_key = events.event_key
where events.event_key is null
union all
select
    'ticket_severities' as seed,
    severities.severity as row_key,
    severities.tickets || ' tickets have this severity, and no row says whether it is severe: it'
    || ' counts as not severe' as finding
from severities
left join {{ ref('stg_scorecard__ticket_severities') }} as named
    on severities.severity = named.severity
where named.severity is null
order by seed, row_key, finding
