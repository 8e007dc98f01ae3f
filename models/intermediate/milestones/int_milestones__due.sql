-- Account × period × milestone × valid_from: which milestones are set for the account, by its
-- segment and its products, and when each is due; on days from valid_from to valid_to.
{%- set events_on = [] %}
{%- for kind, table in event_tables().items() if table in health_sources() %}
{%- do events_on.append(kind) %}
{%- endfor %}

with periods as (
    select * from {{ ref('int_accounts__periods') }}
),

segments as (
    select * from {{ ref('int_accounts__segments') }}
),

products as (
    select * from {{ ref('int_accounts__products') }}
),

-- What no source can tell is not asked for.
milestones as (
    select * from {{ ref('stg_scorecard__milestones') }}
    where event_kind in ('none', '{{ events_on | join("', '") }}')
),

reached as (
    select * from {{ ref('int_milestones__reached') }}
),

history as (
    select min(calendar_date) as begins_on from {{ ref('int_accounts__calendar') }}
    where is_scored
),

final as (
    select
        periods.account_id,
        periods.starts_on as period_starts_on,
        periods.spell_number,
        periods.spell_starts_on,
        milestones.milestone_id,
        milestones.valid_from,
        milestones.valid_to,
        milestones.product_id,
        milestones.position,
        milestones.label,
        milestones.signal_id,
        milestones.is_first_value,
        {{ add_days('periods.spell_starts_on', 'milestones.due_days') }} as due_on,
        reached.reached_on,
        -- Of a spell that is older than the history nobody knows when a milestone was reached.
        periods.spell_starts_on >= history.begins_on as is_timed
    from periods
    cross join history
    inner join segments
        on periods.account_id = segments.account_id
        and periods.starts_on = segments.starts_on
    inner join milestones
        on milestones.segment_id in ('any', segments.segment_id)
        and periods.starts_on <= milestones.valid_to
        and periods.ends_on >= milestones.valid_from
    left join products
        on periods.account_id = products.account_id
        and periods.starts_on = products.period_starts_on
        and milestones.product_id = products.product_id
    left join reached
        on periods.account_id = reached.account_id
        and periods.spell_number = reached.spell_number
        and milestones.milestone_id = reached.milestone_id
        and milestones.valid_from = reached.valid_from
    where milestones.product_id = 'all' or products.product_id is not null
)

select * from final
