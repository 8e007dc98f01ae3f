-- Raw tables that alone keep accounts without a score: there would be one if their late rows were
-- observed. The examples say what to write in sources.csv if the table ordinarily comes so seldom.
with last_day as (
    {{ last_scored_day() }}
),

sources as (
    select * from {{ ref('stg_scorecard__sources') }}
),

signals as (
    select
        signal_id,
        case when is_derived and calculation != 'pace' then numerator else signal_id end as base_id,
        case
            when denominator = 'none' then numerator_window_days
            else greatest(numerator_window_days, denominator_offset_days + denominator_window_days)
        end as span_days
    from {{ ref('stg_scorecard__signals') }}
    where is_measured
),

longest_span as (
    select max(span_days) as span_days from signals
),

coverage as (
    select
        coverage.signal_id,
        coverage.late_table
    from {{ ref('int_signals__source_coverage') }} as coverage
    inner join last_day on coverage.as_of_date = last_day.last_day
    where coverage.late_table is not null
),

late_tables as (
    select late_table from coverage
    group by late_table
),

versions as (
    select versions.*
    from {{ ref('int_scoring__versions') }} as versions
    inner join last_day on versions.as_of_date = last_day.last_day
    where versions.status = 'live'
),

points as (
    select
        points.*,
        coverage.late_table
    from {{ ref('int_scoring__points') }} as points
    inner join last_day on points.as_of_date = last_day.last_day
    inner join signals on points.signal_id = signals.signal_id
    left join coverage
        on signals.base_id = coverage.signal_id
        and points.state_reason = 'source_late'
    where points.status = 'live' and not points.is_judgement
),

-- Each account and table twice: as it is, and as it would be if the table were not late.
weighed as (
    select
        points.account_id,
        points.scorecard_id,
        points.scorecard_version,
        points.dimension_id,
        late_tables.late_table,
        max({{ as_double('points.dimension_weight') }}) as dimension_weight,
        sum(points.observed_weight) as observed_weight,
        sum(
            case
                when points.late_table = late_tables.late_table then points.row_weight
                else points.observed_weight
            end
        ) as lit_weight,
        sum(case when points.state = 'not_applicable' then 0 else points.row_weight end)
            as applicable_weight
    from points
    cross join late_tables
    group by
        points.account_id,
        points.scorecard_id,
        points.scorecard_version,
        points.dimension_id,
        late_tables.late_table
),

covered as (
    select
        weighed.account_id,
        weighed.late_table,
        {%- for column, words in [('observed_weight', 'observed'), ('lit_weight', 'lit')] %}
        sum(weighed.dimension_weight * weighed.{{ column }})
        / nullif(sum(weighed.dimension_weight * weighed.applicable_weight), 0)
            as {{ words }}_coverage,
        sum(
            case
                when weighed.{{ column }} = 0 then 0
                when
                    {{ without_noise('weighed.' ~ column ~ ' / weighed.applicable_weight') }}
                    >= {{ without_noise('versions.min_dimension_coverage') }}
                    then 1
                else 0
            end
        ) as {{ words }}_dimensions,
        {%- endfor %}
        max(versions.min_coverage) as min_coverage,
        max(versions.min_dimensions) as min_dimensions
    from weighed
    inner join versions
        on weighed.account_id = versions.account_id
        and weighed.scorecard_id = versions.scorecard_id
        and weighed.scorecard_version = versions.scorecard_version
    group by weighed.account_id, weighed.late_table
),

kept_unknown as (
    select
        account_id,
        late_table
    from covered
    where
        (
            {{ without_noise('observed_coverage') }} < {{ without_noise('min_coverage') }}
            or observed_dimensions < min_dimensions
        )
        and {{ without_noise('lit_coverage') }} >= {{ without_noise('min_coverage') }}
        and lit_dimensions >= min_dimensions
),

silences as (
    select
        sources.table_name,
        lateness.source_id,
        max({{ days_between('lateness.last_row_date', 'lateness.calendar_date') }}) as silent_days
    from {{ ref('int_signals__source_lateness') }} as lateness
    inner join sources on lateness.source_id = sources.source_id
    cross join last_day
    cross join longest_span
    where
        lateness.is_late = 1
        and lateness.calendar_date > {{ add_days('last_day.last_day', '-longest_span.span_days') }}
    group by sources.table_name, lateness.source_id
),

things as (
    select
        'late_source_alone' as finding_id,
        kept_unknown.late_table as source_id,
        1 as row_count,
        kept_unknown.account_id,
        silences.source_id || ' ' || cast(silences.silent_days + 1 as {{ dbt.type_string() }})
            as example
    from kept_unknown
    inner join silences on kept_unknown.late_table = silences.table_name
),

final as (
    {{ findings_of('things') }}
)

select * from final
