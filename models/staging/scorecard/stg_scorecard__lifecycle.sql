-- depends_on: {{ ref('stg_scorecard__errors') }}

-- A column a setting, and a row for each stretch of days on which none of them changes.
with lifecycle as (
    select
        setting,
        {{ try_date('valid_from') }} as valid_from,
        {{ holds_until('setting') }} as valid_to,
        {{ try_integer('value') }} as days
    from {{ ref('lifecycle') }}
),

first_days as (
    select valid_from from lifecycle
    group by valid_from
),

stretches as (
    select
        valid_from,
        coalesce(
            {{ add_days('lead(valid_from) over (order by valid_from)', -1) }},
            cast('9999-12-31' as date)
        ) as valid_to
    from first_days
),

final as (
    select
        stretches.valid_from,
        stretches.valid_to,
        max(case when lifecycle.setting = 'reactivation_gap_days' then lifecycle.days end)
            as reactivation_gap_days,
        max(case when lifecycle.setting = 'onboarding_days' then lifecycle.days end)
            as onboarding_days,
        max(case when lifecycle.setting = 'reactivated_days' then lifecycle.days end)
            as reactivated_days,
        max(case when lifecycle.setting = 'renewal_window_days' then lifecycle.days end)
            as renewal_window_days,
        max(case when lifecycle.setting = 'seat_average_days' then lifecycle.days end)
            as seat_average_days
    from stretches
    inner join lifecycle
        on stretches.valid_from between lifecycle.valid_from and lifecycle.valid_to
    group by stretches.valid_from, stretches.valid_to
)

select * from final
