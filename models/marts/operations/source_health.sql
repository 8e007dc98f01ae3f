{%- set rejected = {
    'rejected_missing_key': 'missing_key',
    'rejected_missing_date': 'missing_date',
    'rejected_future_date': 'future_date',
    'rejected_ambiguous_account': 'ambiguous_account',
    'rejected_unknown_account': 'unknown_account',
    'rejected_unknown_product': 'unknown_product',
    'rejected_invalid_value': 'invalid_value',
    'rejected_negative_amount': 'negative_amount',
} %}
{%- set fates = ['staged', 'duplicate', 'conflict', 'rejected'] %}
{%- set counted = [
    'rows_staged', 'rows_duplicate', 'rows_conflict', 'rows_rejected', 'rows_outside_subscription',
    'new_accounts'
] + rejected | list %}

with row_counts as (
    select * from {{ ref('int_activity__row_counts') }}
),

scored_days as (
    select calendar_date as as_of_date from {{ ref('int_accounts__calendar') }}
    where is_scored
),

scored_range as (
    select
        min(as_of_date) as first_day,
        max(as_of_date) as last_day
    from scored_days
),

sources as (
    {% for source_name, table_name, date_column in contract_tables() -%}
    select
        '{{ table_name }}' as source_id,
        {{ 'true' if source_is_on(table_name) else 'false' }} as is_on
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

source_days as (
    select * from {{ ref('int_accounts__source_days') }}
),

-- Each day with the scored day on which it is first seen. What is known before the first scored day
-- counts from it, what is dated ahead on the last one, so that the last day holds every raw row.
seen_days as (
    select
        calendar_date,
        min(case when is_scored then calendar_date end) over (
            order by calendar_date desc
        ) as seen_on
    from {{ ref('int_accounts__calendar') }}
),

known_rows as (
    select
        source_id,
        known_on as fact_date,
        {%- for fate in fates %}
        case when row_fate = '{{ fate }}' then row_count else 0 end as {{ 'rows_' ~ fate }},
        {%- endfor %}
        reject_reason,
        0 as rows_outside_subscription,
        0 as new_accounts,
        cast(null as date) as last_row_on,
        last_loaded_at
    from row_counts
),

outside_rows as (
    select
        source_id,
        activity_date as fact_date,
        {%- for fate in fates %}
        0 as {{ 'rows_' ~ fate }},
        {%- endfor %}
        cast(null as {{ dbt.type_string() }}) as reject_reason,
        case when is_paid then 0 else row_count end as rows_outside_subscription,
        case
            when
                activity_date
                = min(activity_date) over (partition by source_id, account_id)
                then 1
            else 0
        end as new_accounts,
        activity_date as last_row_on,
        cast(null as timestamp) as last_loaded_at
    from source_days
),

facts as (
    {% for rows in ['known_rows', 'outside_rows'] -%}
    select
        source_id,
        fact_date,
        {%- for fate in fates %}
        {{ 'rows_' ~ fate }},
        {%- endfor %}
        reject_reason,
        rows_outside_subscription,
        new_accounts,
        last_row_on,
        last_loaded_at
    from {{ rows }}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor -%}
),

dated_facts as (
    select
        facts.*,
        case
            when seen_days.seen_on is not null then seen_days.seen_on
            when facts.fact_date > scored_range.last_day then scored_range.last_day
            else scored_range.first_day
        end as as_of_date
    from facts
    cross join scored_range
    left join seen_days on facts.fact_date = seen_days.calendar_date
),

daily as (
    select
        source_id,
        as_of_date,
        {%- for fate in fates %}
        sum({{ 'rows_' ~ fate }}) as {{ 'rows_' ~ fate }},
        {%- endfor %}
        {%- for column, reason in rejected.items() %}
        sum(case when reject_reason = '{{ reason }}' then rows_rejected else 0 end) as {{ column }},
        {%- endfor %}
        sum(rows_outside_subscription) as rows_outside_subscription,
        sum(new_accounts) as new_accounts,
        -- Rows dated ahead are known on the last day, and do not make a source speak then.
        max(case when last_row_on <= as_of_date then last_row_on end) as last_row_on,
        max(last_loaded_at) as last_loaded_at
    from dated_facts
    group by source_id, as_of_date
),

running as (
    select
        sources.source_id,
        sources.is_on,
        scored_days.as_of_date,
        {%- for column in counted %}
        sum(coalesce(daily.{{ column }}, 0)) over (
            partition by sources.source_id
            order by scored_days.as_of_date
        ) as {{ 'accounts_covered' if column == 'new_accounts' else column }},
        {%- endfor %}
        max(daily.last_row_on) over (
            partition by sources.source_id
            order by scored_days.as_of_date
        ) as last_row_on,
        max(daily.last_loaded_at) over (
            partition by sources.source_id
            order by scored_days.as_of_date
        ) as last_loaded_at
    from sources
    cross join scored_days
    left join daily
        on sources.source_id = daily.source_id
        and scored_days.as_of_date = daily.as_of_date
),

lateness as (
    select * from {{ ref('int_signals__source_lateness') }}
),

final as (
    select
        cast(running.source_id as {{ dbt.type_string() }}) as source_id,
        cast(running.as_of_date as date) as as_of_date,
        running.is_on,
        coalesce(lateness.is_late = 1, false) as is_late,
        cast(running.last_row_on as date) as last_row_on,
        cast(
            {{ days_between('running.last_row_on', 'running.as_of_date') }} as integer
        ) as days_since_last_row,
        cast(running.last_loaded_at as timestamp) as last_loaded_at,
        cast(
            {%- for fate in fates %}
            running.{{ 'rows_' ~ fate }}{{ ' +' if not loop.last }}
            {%- endfor %} as bigint
        ) as rows_raw,
        {%- for fate in fates %}
        cast(running.{{ 'rows_' ~ fate }} as bigint) as {{ 'rows_' ~ fate }},
        {%- endfor %}
        {%- for column in rejected %}
        cast(running.{{ column }} as bigint) as {{ column }},
        {%- endfor %}
        cast(running.rows_outside_subscription as bigint) as rows_outside_subscription,
        cast(running.accounts_covered as bigint) as accounts_covered
    from running
    left join lateness
        on running.source_id = lateness.source_id
        and running.as_of_date = lateness.calendar_date
)

select * from final
