-- No model calls the clock: "today" is the latest moment that the usage data speak of. A day counts
-- as complete once something later than it has been seen. This reads the raw table and not its
-- staging model, because staging rejects future dates by it.
with source as (
    {{ raw_rows('product', 'usage_events') }}
),

event_days as (
    select
        cast(occurred_at as date) as event_day,
        max(cast(coalesce(loaded_at, occurred_at) as date)) as clock_day
    from source
    where
        {{ clean_text('event_id') }} is not null
        and {{ clean_text('account_id') }} is not null
        and occurred_at is not null
        and (loaded_at is null or cast(occurred_at as date) <= cast(loaded_at as date))
    group by cast(occurred_at as date)
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
