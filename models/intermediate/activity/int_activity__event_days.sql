-- Account × product × event × day: what happened, for those events that a seed waits for. Use comes
-- from the roll-up, so that usage events are not read again.

with named as (
    select
        event_kind,
        event_key
    from {{ ref('stg_scorecard__point_rule_steps') }}
    union all
    select
        event_kind,
        event_key
    from {{ ref('stg_scorecard__milestones') }}
    where event_kind != 'none'
),

asked_for as (
    select
        event_kind,
        event_key
    from named
    group by event_kind, event_key
),

-- A meeting that nobody came to was none.
touchpoints as (
    select * from {{ ref('int_activity__touchpoints') }}
    where coalesce(attended, true)
),

-- Our own people are not the customer.
trainings as (
    select trainings.*
    from {{ ref('stg_crm__trainings') }} as trainings
    {{ join_people('trainings') }}
    where not {{ is_our_own() }}
),

facts as (
    select
        'feature' as event_kind,
        feature_key as event_key,
        account_id,
        product_id,
        activity_date as event_date,
        events
    from {{ ref('int_activity__feature_days') }}
    union all
    select
        'ticket' as event_kind,
        kind as event_key,
        account_id,
        coalesce(product_id, 'all') as product_id,
        opened_on as event_date,
        1 as events
    from {{ ref('int_activity__tickets') }}
    union all
    select
        kind as event_kind,
        direction as event_key,
        account_id,
        'all' as product_id,
        occurred_on as event_date,
        1 as events
    from touchpoints
    union all
    select
        'training' as event_kind,
        course as event_key,
        account_id,
        'all' as product_id,
        cast(completed_at as date) as event_date,
        1 as events
    from trainings
    union all
    select
        'goal' as event_kind,
        status as event_key,
        account_id,
        'all' as product_id,
        cast(status_changed_at as date) as event_date,
        1 as events
    from {{ ref('stg_crm__success_goals') }}
    union all
    select
        kind as event_kind,
        polarity as event_key,
        account_id,
        'all' as product_id,
        cast(occurred_at as date) as event_date,
        1 as events
    from {{ ref('stg_crm__advocacy_events') }}
    union all
    select
        kind as event_kind,
        group_id as event_key,
        account_id,
        'all' as product_id,
        answered_on as event_date,
        1 as events
    from {{ ref('int_activity__surveys') }}
    where answered_on is not null
),

final as (
    select
        facts.account_id,
        facts.product_id,
        asked_for.event_kind,
        asked_for.event_key,
        facts.event_date,
        cast(sum(facts.events) as bigint) as events
    from asked_for
    inner join facts
        on asked_for.event_kind = facts.event_kind
        and (asked_for.event_key = facts.event_key or asked_for.event_key = 'any')
    group by
        facts.account_id,
        facts.product_id,
        asked_for.event_kind,
        asked_for.event_key,
        facts.event_date
)

select * from final
