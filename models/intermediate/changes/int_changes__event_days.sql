-- Day of which the events do not say what they said when a build was last finished; in a build from
-- scratch, every day with events, also such as are no more. The roll-ups of these days are made
-- anew. Marked as open before that, as int_changes__changed_days are.
{{ config(post_hook="{{ mark_as_open(this) }}") }}
{%- set settled = settled_relation() %}
{%- set anew = flags.FULL_REFRESH or not settled_fingerprints() %}

with said as (
    {{ event_fingerprints() }}
    {%- if settled %}
    union all
    select
        input_id,
        level_id,
        {{ everybody() }} as account_id,
        change_date,
        fingerprint
    from {{ settled }}
    where level_id = 'events'
    {%- endif %}
),

final as (
    select
        input_id,
        level_id,
        account_id,
        change_date
    from said
    group by input_id, level_id, account_id, change_date
    {%- if not anew %}
    having
        {{ differs() | trim }}
        {%- if var('health__rebuild_from') or var('health__rebuild_to') %}
        or change_date between {{ rebuild_bound('health__rebuild_from', '1900-01-01') }}
            and {{ rebuild_bound('health__rebuild_to', '9999-12-31') }}
        {%- endif %}
    {%- endif %}
)

select * from final
