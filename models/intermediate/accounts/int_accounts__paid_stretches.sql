-- Unbroken stretches of paid days, and the spell each belongs to: a gap of more than
-- reactivation_gap_days begins a new spell.
with terms as (
    select * from {{ ref('int_accounts__subscription_terms') }}
),

lifecycle as (
    select * from {{ ref('stg_scorecard__lifecycle') }}
),

preceded as (
    select
        account_id,
        starts_on,
        ends_on,
        max(ends_on) over (
            partition by account_id
            order by starts_on, ends_on, subscription_id
            rows between unbounded preceding and 1 preceding
        ) as paid_until
    from terms
),

gaps as (
    select
        preceded.account_id,
        preceded.starts_on,
        preceded.ends_on,
        case
            when preceded.paid_until is null then 1
            when preceded.starts_on > {{ add_days('preceded.paid_until', 1) }} then 1
            else 0
        end as begins_stretch,
        case
            when preceded.paid_until is null then 1
            when
                preceded.starts_on
                > {{ add_days('preceded.paid_until', 'lifecycle.reactivation_gap_days + 1') }}
                then 1
            else 0
        end as begins_spell
    from preceded
    -- Whether a gap is too long is said by the setting of its first day.
    inner join lifecycle
        on coalesce(
            least({{ add_days('preceded.paid_until', 1) }}, preceded.starts_on), preceded.starts_on
        ) between lifecycle.valid_from and lifecycle.valid_to
),

numbered as (
    select
        account_id,
        starts_on,
        ends_on,
        -- A running sum over equal dates gives the same number to all of them, whichever of them
        -- began it.
        sum(begins_stretch) over (partition by account_id order by starts_on) as stretch_number,
        sum(begins_spell) over (partition by account_id order by starts_on) as spell_number
    from gaps
),

stretches as (
    select
        account_id,
        spell_number,
        stretch_number,
        min(starts_on) as starts_on,
        max(ends_on) as ends_on
    from numbered
    group by account_id, spell_number, stretch_number
),

final as (
    select
        account_id,
        cast(spell_number as integer) as spell_number,
        starts_on,
        ends_on,
        min(starts_on) over (partition by account_id, spell_number) as spell_starts_on,
        min(starts_on) over (partition by account_id) as first_paid_on
    from stretches
)

select * from final
