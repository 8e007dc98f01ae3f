-- depends_on: {{ ref('stg_scorecard__errors') }}

-- One row, a column a setting.
with lifecycle as (
    select
        setting,
        {{ try_integer('value') }} as days
    from {{ ref('lifecycle') }}
),

final as (
    select
        max(case when setting = 'reactivation_gap_days' then days end) as reactivation_gap_days,
        max(case when setting = 'onboarding_days' then days end) as onboarding_days,
        max(case when setting = 'reactivated_days' then days end) as reactivated_days,
        max(case when setting = 'renewal_window_days' then days end) as renewal_window_days,
        max(case when setting = 'seat_average_days' then days end) as seat_average_days
    from lifecycle
)

select * from final
