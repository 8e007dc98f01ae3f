-- The registry: windows that exist, measures of the signal's grain, sources that are known; and
-- account overrides that make sense.
with signals as (
    select * from {{ ref('signals') }}
),

measures as (
    select * from {{ ref('measures') }}
),

sources as (
    select * from {{ ref('sources') }}
),

windows as (
    select
        'signals' as seed,
        signal_id as row_key,
        'a window of 0 days' as problem,
        'write 1 or more days (1 for a level)' as mend
    from signals
    where
        {{ try_decimal('numerator_window_days') }} = 0
        or (denominator != 'none' and {{ try_decimal('denominator_window_days') }} = 0)
),

grains as (
    select
        'signals' as seed,
        signals.signal_id as row_key,
        'the measure ' || measures.measure_id || ' is counted per ' || measures.grain
        || ' and the signal per ' || signals.grain as problem,
        'let the grains agree' as mend
    from signals
    inner join measures on measures.measure_id in (signals.numerator, signals.denominator)
    where signals.grain != measures.grain
),

-- A derived signal looks back over weeks of another signal, which a measure stands behind.
derived as (
    select
        signals.*,
        bases.grain as base_grain,
        bases.signal_id is null as is_baseless,
        {{ try_decimal('signals.numerator_window_days') }} as window_days,
        {{ try_decimal('signals.min_count') }} as least
    from signals
    left join signals as bases
        on signals.numerator = bases.signal_id
        and bases.calculation not in ('{{ derived_calculations() | join("', '") }}')
    where signals.calculation in ('{{ derived_calculations() | join("', '") }}')
),

wrong_derivations as (
    select
        'signals' as seed,
        signal_id as row_key,
        'it looks at ' || numerator
        || ', which is no signal that is measured from a source' as problem,
        'name a signal_id of signals.csv whose calculation is ratio or recency' as mend
    from derived
    where is_baseless
    union all
    select
        'signals' as seed,
        signal_id as row_key,
        'it is per ' || grain || ' and looks at a signal per ' || base_grain as problem,
        'let the grains agree' as mend
    from derived
    where base_grain != grain
    union all
    select
        'signals' as seed,
        signal_id as row_key,
        'the window of ' || numerator_window_days || ' days is no number of weeks' as problem,
        'write a multiple of 7, for slope and anomaly of 14 or more' as mend
    from derived
    where
        mod(window_days, 7) != 0
        or (calculation != 'percentile' and window_days < 14)
    union all
    select
        'signals' as seed,
        signal_id as row_key,
        calculation || ' of at least ' || min_count || ' values' as problem,
        'write a min_count of 2 or more that the weeks of the window can hold' as mend
    from derived
    where least < 2 or (calculation != 'percentile' and least > window_days / 7)
    union all
    select
        'signals' as seed,
        signal_id as row_key,
        calculation || ' has no denominator and no scale of its own' as problem,
        'write none in denominator and scale' as mend
    from derived
    where denominator != 'none' or scale != 'none'
),

wrong_ages as (
    select
        'signals' as seed,
        signal_id as row_key,
        'its weight falls from ' || fresh_days || ' days on and is nothing at '
        || stale_after_days as problem,
        'let fresh_days be less than stale_after_days, or 0' as mend
    from signals
    where
        {{ try_decimal('fresh_days') }} > 0
        and {{ try_decimal('fresh_days') }} >= {{ try_decimal('stale_after_days') }}
),

-- What nobody used is observed as 0 only where there is something to divide, and is as fresh as
-- ever.
wrong_silences as (
    select
        'signals' as seed,
        signal_id as row_key,
        'silent says nothing of a ' || calculation
        || case
            when calculation = 'ratio' and denominator = 'none' then ' without a denominator'
            when calculation = 'ratio' then ' whose weight falls with age'
            else ''
        end as problem,
        'write missing or not_applicable in zero_denominator' as mend
    from signals
    where
        zero_denominator = 'silent'
        and calculation != 'slope'
        and (
            calculation != 'ratio'
            or denominator = 'none'
            or {{ try_decimal('fresh_days') }} > 0
        )
),

source_ids as (
    select source_id from sources
    group by source_id
),

known_sources as (
    select
        signals.signal_id,
        length(signals.sources) - length(replace(signals.sources, '|', '')) + 1 as named,
        sum(
            case
                when {{ dbt.position(
                    "'|' || source_ids.source_id || '|'", "'|' || signals.sources || '|'"
                ) }} > 0 then 1
                else 0
            end
        ) as known
    from signals
    cross join source_ids
    group by signals.signal_id, signals.sources
),

unknown_sources as (
    select
        'signals' as seed,
        signal_id as row_key,
        'sources names one that sources.csv does not have' as problem,
        'write source_ids of sources.csv with | between them' as mend
    from known_sources
    where named != known
),

wrong_tables as (
    select
        'sources' as seed,
        {{ row_key(scorecard_seeds().sources.key) }} as row_key,
        'unknown raw table ' || table_name as problem,
        'use a table of docs/raw_contract.md' as mend
    from sources
    where
        table_name not in (
            'none'
            {%- for table in health_contract() %}, '{{ table.name }}'{% endfor %}
        )
),

wrong_shares as (
    {% for column in ['max_late_share', 'usual_gap_share'] -%}
    select
        'sources' as seed,
        source_id as row_key,
        '{{ column }} is ' || {{ column }} || ', more than the whole' as problem,
        'write a share from 0 to 1' as mend
    from sources
    where {{ try_decimal(column) }} > 1
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

overrides as (
    select * from {{ ref('account_overrides') }}
),

wrong_overrides as (
    select
        'account_overrides' as seed,
        override_id as row_key,
        'the value ' || value || ' is no positive number' as problem,
        'write a number above 0' as mend
    from overrides
    where
        field in ('scale_factor', 'weight')
        and value is not null
        and coalesce({{ try_decimal('value') }}, 0) <= 0
    union all
    select
        'account_overrides' as seed,
        overrides.override_id as row_key,
        'the signal ' || overrides.signal_id || ' has no scale' as problem,
        'set weight or curve_id, or take the row out' as mend
    from overrides
    inner join signals on overrides.signal_id = signals.signal_id
    where overrides.field = 'scale_factor' and signals.scale = 'none'
    union all
    select
        'account_overrides' as seed,
        override_id as row_key,
        'valid_to lies before valid_from' as problem,
        'write the last day on which it holds' as mend
    from overrides
    where {{ try_date('valid_to') }} < {{ try_date('valid_from') }}
    union all
    select
        'account_overrides' as seed,
        earlier.override_id as row_key,
        'it overlaps ' || later.override_id || ', which sets the same field' as problem,
        'end one before the other begins' as mend
    from overrides as earlier
    inner join overrides as later
        on earlier.account_id = later.account_id
        and earlier.signal_id = later.signal_id
        and earlier.field = later.field
        and earlier.override_id < later.override_id
        and earlier.valid_from <= later.valid_to
        and later.valid_from <= earlier.valid_to
),

final as (
    select seed, row_key, problem, mend from windows
    union all
    select seed, row_key, problem, mend from grains
    union all
    select seed, row_key, problem, mend from wrong_derivations
    union all
    select seed, row_key, problem, mend from wrong_ages
    union all
    select seed, row_key, problem, mend from wrong_silences
    union all
    select seed, row_key, problem, mend from unknown_sources
    union all
    select seed, row_key, problem, mend from wrong_tables
    union all
    select seed, row_key, problem, mend from wrong_shares
    union all
    select seed, row_key, problem, mend from wrong_overrides
)

select * from final
