-- depends_on: {{ ref('int_changes__event_days') }}

-- Input × account × day that does not say what it said when a build was last finished; in a build
-- from scratch, everything; where a table is gone, also what is no more. What is found here is
-- marked as open in the settled fingerprints before anything is computed from it, so that a build
-- that ends halfway does not pass for one that never began, even if what was changed is changed
-- back.
{{ config(post_hook="{{ mark_as_open(this) }}") }}
{%- set settled = settled_relation() %}
{%- set anew = flags.FULL_REFRESH or not settled_fingerprints() %}

with said as (
    select
        input_id,
        level_id,
        account_id,
        change_date,
        fingerprint
    from {{ ref('int_changes__fingerprints') }}
    where level_id != 'events'
    {%- if settled and not flags.FULL_REFRESH %}
    union all
    select
        input_id,
        level_id,
        account_id,
        change_date,
        fingerprint
    from {{ settled }}
    where
        level_id != 'events'
        and (
            input_id not in ('{{ events_rolled_up() | join("', '") }}')
            or change_date in (
                select event_days.change_date
                from {{ ref('int_changes__event_days') }} as event_days
            )
        )
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
    {%- endif %}
)

select * from final
