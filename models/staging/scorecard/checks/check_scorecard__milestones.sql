-- Milestones: one condition each, that something can tell, for a segment that exists.
{%- set key = scorecard_seeds().milestones.key %}

with milestones as (
    select * from {{ ref('milestones') }}
),

signals as (
    select * from {{ ref('signals') }}
),

segments as (
    select segment_id from {{ ref('segments') }}
    group by segment_id
),

wrong_conditions as (
    select
        'milestones' as seed,
        {{ row_key(key) }} as row_key,
        'it waits for an event and for a signal, or for neither' as problem,
        'write none in event_kind and event_key, or in signal_id' as mend
    from milestones
    where
        (event_kind = 'none' and signal_id = 'none')
        or (event_kind != 'none' and signal_id != 'none')
    union all
    select
        'milestones' as seed,
        {{ row_key(key) }} as row_key,
        'no count of events is ' || operator || ' ' || value || ' later than at once' as problem,
        'write at_least and 1 or more' as mend
    from milestones
    where event_kind != 'none' and (operator != 'at_least' or {{ try_decimal('value') }} < 1)
    union all
    select
        'milestones' as seed,
        {{ row_key(key, 'milestones') }} as row_key,
        milestones.signal_id
        || ' is no signal that is measured from a source' as problem,
        'name a signal_id of signals.csv whose calculation is ratio or recency' as mend
    from milestones
    left join signals
        on milestones.signal_id = signals.signal_id
        and signals.calculation in ('ratio', 'recency')
    where milestones.signal_id != 'none' and signals.signal_id is null
    union all
    select
        'milestones' as seed,
        {{ row_key(key) }} as row_key,
        'it is due before the spell has begun' as problem,
        'write 1 or more days' as mend
    from milestones
    where {{ try_decimal('due_days') }} < 1
),

unknown_segments as (
    select
        'milestones' as seed,
        {{ row_key(key, 'milestones') }} as row_key,
        'unknown segment_id ' || milestones.segment_id as problem,
        'use any, none or a segment_id of segments.csv' as mend
    from milestones
    left join segments on milestones.segment_id = segments.segment_id
    where milestones.segment_id not in ('any', 'none') and segments.segment_id is null
),

unknown_keys as (
    {% for kind, keys in event_kinds().items() if keys -%}
    select
        'milestones' as seed,
        {{ row_key(key) }} as row_key,
        'unknown event_key ' || event_key || ' of the kind {{ kind }}' as problem,
        'use any, {{ keys | join(", ") }}' as mend
    from milestones
    where event_kind = '{{ kind }}' and event_key not in ('any', '{{ keys | join("', '") }}')
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

unknown_groups as (
    {{ unknown_answer_groups('milestones', 'milestones', row_key(key, 'milestones')) }}
),

final as (
    select seed, row_key, problem, mend from wrong_conditions
    union all
    select seed, row_key, problem, mend from unknown_segments
    union all
    select seed, row_key, problem, mend from unknown_keys
    union all
    select seed, row_key, problem, mend from unknown_groups
)

select * from final
