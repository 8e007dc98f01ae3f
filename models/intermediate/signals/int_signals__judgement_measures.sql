-- The pulse in force as measure facts (columns: int_signals__usage_measures): of the pulses that
-- are in force, the one that was set last, whoever set it; of two that were set at the same moment
-- the lower one. An account's days are cut where a pulse begins or ends; on each piece one pulse is
-- the last.
with pulses as (
    select * from {{ ref('int_activity__pulses') }}
    where set_on < expires_on
),

cuts as (
    select
        account_id,
        set_on as starts_on
    from pulses
    union
    select
        account_id,
        expires_on as starts_on
    from pulses
),

pieces as (
    select
        account_id,
        starts_on,
        lead(starts_on) over (partition by account_id order by starts_on) as ends_before
    from cuts
),

ranked as (
    select
        pieces.account_id,
        pieces.starts_on,
        pieces.ends_before,
        pulses.level,
        row_number() over (
            partition by pieces.account_id, pieces.starts_on
            order by pulses.set_at desc, pulses.level, pulses.pulse_id desc
        ) as lastness
    from pieces
    inner join pulses
        on pieces.account_id = pulses.account_id
        and pieces.starts_on >= pulses.set_on
        and pieces.starts_on < pulses.expires_on
),

in_force as (
    select * from ranked
    where lastness = 1
),

final as (
    select
        'pulse_level' as measure_id,
        account_id,
        'all' as product_id,
        starts_on as fact_date,
        cast(null as date) as aging_date,
        ends_before as until_date,
        cast(level as decimal(18, 2)) as quantity
    from in_force

    union all

    select
        'pulses_in_force' as measure_id,
        account_id,
        'all' as product_id,
        starts_on as fact_date,
        cast(null as date) as aging_date,
        ends_before as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from in_force
)

select * from final
