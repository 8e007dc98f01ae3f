-- System × id that is in one system and not in the others: accounts that the CRM does not know, use
-- and users without a subscription, paying accounts that a system has never named, and
-- subscriptions that two accounts hold at once. Rows stand for the account that they count for, so
-- what a parent pays for is matched. Contacts with people who are no customers yet are no mismatch.
{%- set of_customers = [
    'usage_events', 'users', 'entitlements', 'support_tickets', 'survey_responses', 'invoices',
    'trainings'
] %}
{#- What every paying account should be in. -#}
{%- set of_every_payer = ['usage_events', 'users', 'entitlements', 'invoices'] %}
{%- set with_account = [
    ('crm', 'users'), ('crm', 'touchpoints'), ('crm', 'pulses'), ('crm', 'success_goals'),
    ('crm', 'advocacy_events'), ('crm', 'churn_events'), ('crm', 'trainings'),
    ('product', 'entitlements'), ('support', 'support_tickets'), ('support', 'survey_responses'),
    ('billing', 'subscriptions'), ('billing', 'invoices')
] %}

with source_days as (
    select * from {{ ref('int_activity__source_days') }}
),

stretches as (
    select * from {{ ref('int_accounts__paid_stretches') }}
),

lifecycle as (
    select * from {{ ref('stg_scorecard__lifecycle') }}
),

last_day as (
    {{ last_scored_day() }}
),

-- The days are those of the loads where the date of the row is not kept.
rejected as (
    {% for source_name, table_name in with_account -%}
    select
        '{{ table_name }}' as system_id,
        account_id,
        1 as row_count,
        cast(loaded_at as date) as row_date
    from {{ ref('base_' ~ source_name ~ '__' ~ table_name) }}
    where reject_reason = 'unknown_account' and account_id is not null
    union all
    {% endfor -%}
    select
        'usage_events' as system_id,
        unknown_account_id as account_id,
        row_count,
        activity_date as row_date
    from {{ ref('base_product__usage_event_days') }}
    where unknown_account_id is not null
),

unknown_accounts as (
    select
        system_id,
        account_id,
        sum(row_count) as row_count,
        min(row_date) as first_on,
        max(row_date) as last_on
    from rejected
    group by system_id, account_id
),

paid_until as (
    select
        account_id,
        max(ends_on) as last_paid_on
    from stretches
    group by account_id
),

dated as (
    select
        source_days.source_id as system_id,
        source_days.account_id,
        source_days.activity_date,
        source_days.row_count,
        paid_until.last_paid_on
    from source_days
    left join paid_until on source_days.account_id = paid_until.account_id
    where source_days.source_id in ('{{ of_customers | join("', '") }}')
),

-- A person without a date has no day to stand on.
never_paid as (
    select
        system_id,
        account_id,
        row_count,
        activity_date
    from dated
    where last_paid_on is null
    union all
    select
        'users' as system_id,
        people.account_id,
        1 as row_count,
        cast(null as date) as activity_date
    from {{ ref('stg_crm__people') }} as people
    left join paid_until on people.account_id = paid_until.account_id
    where
        paid_until.account_id is null
        and people.created_at is null
        and not people.is_internal
),

without_subscription as (
    select
        system_id,
        account_id,
        sum(row_count) as row_count,
        min(activity_date) as first_on,
        max(activity_date) as last_on
    from never_paid
    group by system_id, account_id
),

-- A renewal may be late by reactivation_gap_days.
used_after_the_end as (
    select
        dated.system_id,
        dated.account_id,
        sum(dated.row_count) as row_count,
        min(dated.activity_date) as first_on,
        max(dated.activity_date) as last_on
    from dated
    inner join lifecycle
        on least({{ add_days('dated.last_paid_on', 1) }}, cast('9999-12-31' as date))
        between lifecycle.valid_from and lifecycle.valid_to
    where
        dated.system_id = 'usage_events'
        and dated.activity_date
        > {{ add_days('dated.last_paid_on', 'lifecycle.reactivation_gap_days') }}
    group by dated.system_id, dated.account_id
),

-- Who has only just come need not be everywhere yet.
payers as (
    select
        account_dates.account_id,
        account_dates.spell_starts_on,
        account_dates.as_of_date,
        coalesce(account_dates.recurring_revenue, 0) > 0 as is_billed
    from {{ ref('int_accounts__as_of') }} as account_dates
    inner join last_day on account_dates.as_of_date = last_day.last_day
    inner join lifecycle
        on account_dates.as_of_date between lifecycle.valid_from and lifecycle.valid_to
    where
        account_dates.as_of_date
        >= {{ add_days('account_dates.spell_starts_on', 'lifecycle.onboarding_days') }}
),

systems as (
    select source_id as system_id
    from source_days
    where source_id in ('{{ of_every_payer | join("', '") }}')
    group by source_id
),

known_accounts as (
    select
        source_id as system_id,
        account_id,
        min(activity_date) as known_from
    from source_days
    group by source_id, account_id
),

absent_payers as (
    select
        systems.system_id,
        payers.account_id,
        payers.spell_starts_on as first_on,
        payers.as_of_date as last_on
    from payers
    cross join systems
    left join known_accounts
        on systems.system_id = known_accounts.system_id
        and payers.account_id = known_accounts.account_id
        and known_accounts.known_from <= payers.as_of_date
    where
        known_accounts.account_id is null
        and (payers.is_billed or systems.system_id != 'invoices')
),

subscriptions as (
    select
        subscription_id,
        account_id,
        starts_on,
        coalesce(ends_on, cast('9999-12-31' as date)) as ends_on
    from {{ ref('stg_billing__subscriptions') }}
),

shared_subscriptions as (
    select
        one.subscription_id,
        min(one.account_id) as account_id,
        count(distinct one.account_id) as account_count,
        min(one.starts_on) as first_on
    from subscriptions as one
    inner join subscriptions as other
        on one.subscription_id = other.subscription_id
        and one.account_id != other.account_id
        and one.starts_on <= other.ends_on
        and other.starts_on <= one.ends_on
    group by one.subscription_id
),

final as (
    select
        system_id,
        account_id as record_id,
        'account_not_known' as problem,
        cast(null as {{ dbt.type_string() }}) as account_id,
        row_count,
        first_on,
        last_on
    from unknown_accounts
    union all
    select
        system_id,
        account_id as record_id,
        'no_subscription' as problem,
        account_id,
        row_count,
        first_on,
        last_on
    from without_subscription
    union all
    select
        system_id,
        account_id as record_id,
        'used_after_the_end' as problem,
        account_id,
        row_count,
        first_on,
        last_on
    from used_after_the_end
    union all
    select
        system_id,
        account_id as record_id,
        'payer_not_there' as problem,
        account_id,
        0 as row_count,
        first_on,
        last_on
    from absent_payers
    union all
    select
        'subscriptions' as system_id,
        subscription_id as record_id,
        'held_by_two_accounts' as problem,
        account_id,
        account_count as row_count,
        first_on,
        cast(null as date) as last_on
    from shared_subscriptions
)

select * from final
