-- Account × spell that was left: the day on which leaving was decided. A churn event says so; else
-- the notice on the subscriptions that run to the spell's end; else the end itself, once the gap
-- after which a return would be a new spell has passed. Never the end of a contract on which notice
-- is known. An account that became another one soon after its last paid day did not leave.
with stretches as (
    select * from {{ ref('int_accounts__paid_stretches') }}
),

terms as (
    select * from {{ ref('int_accounts__subscription_terms') }}
),

churn_events as (
    select * from {{ ref('int_activity__churn_events') }}
),

mergers as (
    select
        account_id,
        merged_on
    from {{ ref('base_crm__mergers') }}
    where coalesce(problem, 'none') != 'itself'
),

lifecycle as (
    select * from {{ ref('stg_scorecard__lifecycle') }}
),

data_clock as (
    select * from {{ ref('stg_product__data_clock') }}
),

spells as (
    select
        account_id,
        spell_number,
        min(starts_on) as spell_starts_on,
        max(ends_on) as last_paid_on
    from stretches
    group by account_id, spell_number
),

by_event as (
    select
        spells.account_id,
        spells.spell_number,
        min(churn_events.notice_given_on) as churned_on
    from spells
    inner join churn_events
        on spells.account_id = churn_events.account_id
        and churn_events.notice_given_on between spells.spell_starts_on and spells.last_paid_on
    group by spells.account_id, spells.spell_number
),

-- A notice of before the spell is known from its first day on, one of after it on its last.
by_notice as (
    select
        spells.account_id,
        spells.spell_number,
        greatest(
            least(max(terms.notice_given_on), max(spells.last_paid_on)), max(spells.spell_starts_on)
        ) as churned_on
    from spells
    inner join terms
        on spells.account_id = terms.account_id
        and spells.last_paid_on = terms.ends_on
    where spells.last_paid_on < cast('9999-01-01' as date)
    group by spells.account_id, spells.spell_number
    having count(terms.notice_given_on) = count(*)
),

-- Where a merger is told without its day, or into an account that is not known, the end of the last
-- spell is not judged.
last_spells as (
    select
        account_id,
        max(spell_number) as spell_number
    from spells
    group by account_id
),

became_another as (
    select
        spells.account_id,
        spells.spell_number
    from spells
    inner join last_spells
        on spells.account_id = last_spells.account_id
        and spells.spell_number = last_spells.spell_number
    inner join mergers on spells.account_id = mergers.account_id
    inner join lifecycle
        on least({{ add_days('spells.last_paid_on', 1) }}, cast('9999-12-31' as date))
        between lifecycle.valid_from and lifecycle.valid_to
    group by spells.account_id, spells.spell_number
    having
        min(mergers.merged_on) is null
        or min(mergers.merged_on)
        <= {{ add_days('max(spells.last_paid_on)', 'min(lifecycle.reactivation_gap_days) + 1') }}
),

decided as (
    select
        spells.account_id,
        spells.spell_number,
        spells.spell_starts_on,
        spells.last_paid_on,
        coalesce(by_event.churned_on, by_notice.churned_on) as notice_given_on,
        case
            when by_event.account_id is not null then by_event.churned_on
            when by_notice.account_id is not null then by_notice.churned_on
            when
                {{ add_days('spells.last_paid_on', 'lifecycle.reactivation_gap_days') }}
                <= data_clock.last_complete_day
                then spells.last_paid_on
        end as churned_on,
        case
            when by_event.account_id is not null then 'churn_event'
            when by_notice.account_id is not null then 'notice'
            else 'end'
        end as churn_basis
    from spells
    left join by_event
        on spells.account_id = by_event.account_id
        and spells.spell_number = by_event.spell_number
    left join by_notice
        on spells.account_id = by_notice.account_id
        and spells.spell_number = by_notice.spell_number
    left join became_another
        on spells.account_id = became_another.account_id
        and spells.spell_number = became_another.spell_number
    -- Whether a gap is too long is said by the setting of its first day.
    inner join lifecycle
        on least({{ add_days('spells.last_paid_on', 1) }}, cast('9999-12-31' as date))
        between lifecycle.valid_from and lifecycle.valid_to
    cross join data_clock
    where became_another.account_id is null
),

final as (
    select
        decided.account_id,
        decided.spell_number,
        decided.spell_starts_on,
        decided.last_paid_on,
        decided.churned_on,
        decided.churn_basis,
        decided.notice_given_on
    from decided
    inner join data_clock on decided.churned_on <= data_clock.last_complete_day
)

select * from final
