-- Every day that any source speaks of a customer, up to the last complete day; is_scored marks
-- those that get a score.
with data_clock as (
    select * from {{ ref('stg_product__data_clock') }}
),

source_days as (
    select
        min(activity_date) as first_day,
        min(case when source_id = 'usage_events' then activity_date end) as first_usage_day
    from {{ ref('int_accounts__source_days') }}
    where is_paid
),

-- A hundred years of days.
numbers as (
    {{ dbt.generate_series(36525) }}
),

days as (
    select
        {{ add_days(
            'data_clock.last_complete_day', '1 - numbers.generated_number'
        ) }} as calendar_date,
        source_days.first_day,
        {% if var('health__start_date') -%}
        cast('{{ var("health__start_date") }}' as date) as first_scored_day
        {%- else -%}
        source_days.first_usage_day as first_scored_day
        {%- endif %}
    from data_clock
    cross join source_days
    cross join numbers
),

final as (
    select
        calendar_date,
        calendar_date >= first_scored_day
        {%- if score_cadence() == 'week' %}
        and {{ iso_weekday('calendar_date') }} = 7
        {%- endif %} as is_scored
    from days
    where calendar_date >= first_day
)

select * from final
