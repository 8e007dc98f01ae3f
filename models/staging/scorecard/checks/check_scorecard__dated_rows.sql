-- Rows that hold from a day on: what everything rests on holds from the beginning, and what was
-- released stays as it was released, with nothing put before it.
{%- set later = 'put it back and add a row with a later valid_from; where no score was shown to'
    ~ ' anybody yet, record it anew with scripts/release_scorecard.py --settings --anew' %}

with dated_rows as (
    select * from {{ ref('base_scorecard__dated_rows') }}
),

releases as (
    select
        seed,
        {{ unmarked('content') }} as content,
        {{ unmarked('row_key') }} as row_key
    from {{ ref('scorecard_releases') }}
    where scorecard_id = 'all'
),

late_starts as (
    select
        seed,
        dated_key || '/' || min(valid_from) as row_key,
        'no row holds before this one' as problem,
        'write 1900-01-01 as the valid_from of the first row of ' || dated_key as mend
    from dated_rows
    where
        seed in ('lifecycle', 'pulse_levels', 'sources')
        or (seed = 'adoption' and dated_key = 'any')
    group by seed, dated_key
    having min({{ try_date('valid_from') }}) > cast('1900-01-01' as date)
),

edited as (
    select
        dated_rows.seed,
        dated_rows.row_key,
        'the row is released and was changed from ' || releases.content
        || ' to ' || dated_rows.content as problem,
        '{{ later }}' as mend
    from dated_rows
    inner join releases
        on dated_rows.seed = releases.seed
        and dated_rows.row_key = releases.row_key
    where dated_rows.content != releases.content
),

removed as (
    select
        releases.seed,
        releases.row_key,
        'the row (' || releases.content || ') is released and gone' as problem,
        '{{ later }}' as mend
    from releases
    left join dated_rows
        on releases.seed = dated_rows.seed
        and releases.row_key = dated_rows.row_key
    where dated_rows.row_key is null
),

last_released as (
    select
        dated_rows.seed,
        dated_rows.dated_key,
        max(dated_rows.valid_from) as valid_from
    from dated_rows
    inner join releases
        on dated_rows.seed = releases.seed
        and dated_rows.row_key = releases.row_key
    group by dated_rows.seed, dated_rows.dated_key
),

put_before as (
    select
        dated_rows.seed,
        dated_rows.row_key,
        'it begins on or before ' || last_released.valid_from
        || ', from which on a released row of ' || dated_rows.dated_key || ' holds' as problem,
        'give it a later valid_from' as mend
    from dated_rows
    inner join last_released
        on dated_rows.seed = last_released.seed
        and dated_rows.dated_key = last_released.dated_key
        and dated_rows.valid_from <= last_released.valid_from
    left join releases
        on dated_rows.seed = releases.seed
        and dated_rows.row_key = releases.row_key
    where releases.row_key is null
),

final as (
    select seed, row_key, problem, mend from late_starts
    union all
    select seed, row_key, problem, mend from edited
    union all
    select seed, row_key, problem, mend from removed
    union all
    select seed, row_key, problem, mend from put_before
)

select * from final
