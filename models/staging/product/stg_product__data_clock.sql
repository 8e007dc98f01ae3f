-- No model calls the clock: "today" is the latest moment that the usage data speak of. A day counts
-- as complete once something later than it has been seen. This reads the raw table and not its
-- staging model, because staging rejects future dates by it. A table,
-- because every source asks for it, and a view would read all events each time.
{{ config(materialized='table') }}

with source as (
    {{ raw_rows('product', 'usage_events') }}
),

typed as (
    select
        {{ clean_text('event_id') }} as event_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_date('occurred_at') }} as event_day,
        {{ clean_date('loaded_at') }} as load_day
    from source
),

event_days as (
    select
        event_day,
        max(coalesce(load_day, event_day)) as clock_day
    from typed
    where
        event_id is not null
        and account_id is not null
        and event_day is not null
        and (load_day is null or event_day <= load_day)
    group by event_day
),

clock as (
    select max(clock_day) as clock_day
    from event_days
),

final as (
    select
        clock.clock_day,
        {% if var('health__as_of_date') -%}
        cast('{{ var("health__as_of_date") }}' as date) as last_complete_day
        {%- else -%}
        max(event_days.event_day) as last_complete_day
        {%- endif %}
    from clock
    -- Without any event there is still one row, so that nothing else disappears.
    left join event_days on clock.clock_day > event_days.event_day
    group by clock.clock_day
)

select * from final
