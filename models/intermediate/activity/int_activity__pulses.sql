-- What people judged of accounts, by days and with its level; the words of the judgement stay
-- behind.
-- A pulse is in force at the end of a day from the day it was set until the day before it expires.
with pulses as (
    select * from {{ ref('stg_crm__pulses') }}
),

pulse_levels as (
    select * from {{ ref('stg_scorecard__pulse_levels') }}
),

final as (
    select
        pulses.pulse_id,
        pulses.account_id,
        pulses.author_id,
        pulses.value,
        pulses.set_at,
        cast(pulses.set_at as date) as set_on,
        cast(pulses.expires_at as date) as expires_on,
        pulse_levels.level
    from pulses
    inner join pulse_levels
        on pulses.value = pulse_levels.value
        and cast(pulses.set_at as date) between pulse_levels.valid_from and pulse_levels.valid_to
)

select * from final
