-- Account × as_of_date × derived signal (× product): a signal that looks at the values of another
-- one: at its own past, in steps of a week so that like weekdays meet (slope, anomaly), or at the
-- other accounts of the segment on that day (percentile).
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with signals as (
    select * from {{ ref('stg_scorecard__signals') }}
    where is_measured and is_derived
),

account_dates as (
    select
        account_id,
        as_of_date,
        spell_number,
        spell_starts_on,
        segment_id
    from {{ ref('int_accounts__as_of') }}
),

days_asked_for as (
    select
        account_id,
        as_of_date
    from {{ touched('int_accounts__as_of') }}
),

base_rows as (
    select
        signals.signal_id,
        measured.account_id,
        measured.as_of_date,
        measured.product_id,
        measured.product_share,
        measured.state,
        measured.state_reason,
        measured.held_on,
        account_dates.spell_number,
        account_dates.spell_starts_on,
        account_dates.segment_id,
        -- Equal shares must rank as equal, so the noise of the division goes first.
        case
            when measured.state = 'observed'
                then cast(measured.value / measured.scale as decimal(28, 9))
        end as base_value
    from signals
    inner join {{ ref('int_signals__measured') }} as measured
        on signals.numerator = measured.signal_id
    inner join account_dates
        on measured.account_id = account_dates.account_id
        and measured.as_of_date = account_dates.as_of_date
),

present_rows as (
    select base_rows.*
    from base_rows
    inner join days_asked_for
        on base_rows.account_id = days_asked_for.account_id
        and base_rows.as_of_date = days_asked_for.as_of_date
),

numbers as (
    {{ dbt.generate_series(600) }}
),

-- A slope has the day itself in it; what is anomalous is told by the weeks before.
week_steps as (
    select
        signals.signal_id,
        cast(numbers.generated_number as integer) - 1 as weeks_back
    from signals
    inner join numbers
        on numbers.generated_number <= signals.numerator_window_days / 7
        or (
            signals.calculation = 'anomaly'
            and numbers.generated_number - 1 = signals.numerator_window_days / 7
        )
    where
        signals.calculation = 'slope'
        or (signals.calculation = 'anomaly' and numbers.generated_number > 1)
),

-- The day is worked out before the join, so that the join is one of equals.
earlier_days as {{ materialized() }} (
    select
        present_rows.signal_id,
        present_rows.account_id,
        present_rows.product_id,
        present_rows.spell_number,
        present_rows.as_of_date,
        -week_steps.weeks_back as week,
        {{ add_days('present_rows.as_of_date', '-7 * week_steps.weeks_back') }} as earlier_date
    from present_rows
    inner join week_steps on present_rows.signal_id = week_steps.signal_id
    where present_rows.base_value is not null
),

earlier_values as (
    select
        earlier_days.signal_id,
        earlier_days.account_id,
        earlier_days.product_id,
        earlier_days.as_of_date,
        earlier_days.week,
        earlier.base_value
    from earlier_days
    inner join base_rows as earlier
        on earlier_days.signal_id = earlier.signal_id
        and earlier_days.account_id = earlier.account_id
        and earlier_days.product_id = earlier.product_id
        and earlier_days.spell_number = earlier.spell_number
        and earlier_days.earlier_date = earlier.as_of_date
    where earlier.base_value is not null
),

-- Added up as decimals, which come to the same in whatever order.
sums as (
    select
        signal_id,
        account_id,
        product_id,
        as_of_date,
        count(*) as value_count,
        {{ as_double('sum(base_value)') }} as value_sum,
        {{ as_double('sum(week)') }} as week_sum,
        {{ as_double('sum(week * week)') }} as week_square_sum,
        {{ as_double('min(week)') }} as first_week,
        {{ as_double('sum(week * base_value)') }} as product_sum,
        stddev_samp({{ as_double('base_value') }}) as deviation,
        min(base_value) as lowest_value,
        max(base_value) as highest_value
    from earlier_values
    group by signal_id, account_id, product_id, as_of_date
),

pasts as (
    select
        signal_id,
        account_id,
        product_id,
        as_of_date,
        value_count,
        value_sum / value_count as mean_value,
        deviation,
        {{ as_double('lowest_value') }} as lowest_value,
        {{ as_double('highest_value') }} as highest_value,
        -- Whether they differ at all is asked of the values: a deviation has noise.
        highest_value > lowest_value as is_varying,
        value_count * product_sum - week_sum * value_sum as rise,
        value_count * week_square_sum - week_sum * week_sum as run,
        -- The rise ÷ mean of values that all lie in the first of the weeks.
        value_count * (value_count * first_week - week_sum) as steepest_fall
    from sums
),

compared_days as (
    select as_of_date from days_asked_for
    group by as_of_date
),

-- Peers are all accounts of the day, whether they are computed anew or not.
peers as (
    select
        base_rows.signal_id,
        base_rows.account_id,
        base_rows.product_id,
        base_rows.as_of_date,
        count(*) over (
            partition by
                base_rows.signal_id,
                base_rows.product_id,
                base_rows.as_of_date,
                base_rows.segment_id
        ) - 1 as value_count,
        rank() over (
            partition by
                base_rows.signal_id,
                base_rows.product_id,
                base_rows.as_of_date,
                base_rows.segment_id
            order by base_rows.base_value
        ) - 1 as accounts_below,
        count(*) over (
            partition by
                base_rows.signal_id,
                base_rows.product_id,
                base_rows.as_of_date,
                base_rows.segment_id,
                base_rows.base_value
        ) - 1 as accounts_equal
    from base_rows
    inner join signals on base_rows.signal_id = signals.signal_id
    where
        signals.calculation = 'percentile'
        and base_rows.base_value is not null
        and base_rows.segment_id is not null
        and base_rows.as_of_date in (select compared_days.as_of_date from compared_days)
),

compared as (
    select
        present_rows.*,
        signals.calculation,
        signals.multiplier,
        signals.zero_denominator,
        pasts.mean_value,
        pasts.deviation,
        pasts.lowest_value,
        pasts.highest_value,
        case
            when present_rows.state != 'observed' then present_rows.state_reason
            when
                present_rows.as_of_date
                < {{ add_days('present_rows.spell_starts_on', 'signals.min_history_days - 1') }}
                then 'too_young'
            when
                signals.calculation = 'percentile'
                and coalesce(peers.value_count, 0) < signals.min_count
                then 'too_few_peers'
            when
                signals.calculation != 'percentile'
                and coalesce(pasts.value_count, 0) < signals.min_count
                then 'too_few_values'
            when
                signals.calculation = 'slope'
                and pasts.mean_value = 0
                and signals.zero_denominator != 'silent'
                then 'nothing_to_measure'
            when signals.calculation = 'anomaly' and not pasts.is_varying then 'nothing_to_measure'
        end as reason,
        case signals.calculation
            when 'percentile'
                then
                    {{ as_double('2 * peers.accounts_below + peers.accounts_equal') }}
                    / nullif(2 * peers.value_count, 0)
            -- Nothing in any week: as steep a fall as the weeks can show.
            when 'slope'
                then
                    coalesce(pasts.rise / nullif(pasts.mean_value, 0), pasts.steepest_fall)
                    / nullif(pasts.run, 0)
            when 'anomaly'
                then
                    ({{ as_double('present_rows.base_value') }} - pasts.mean_value)
                    / nullif(pasts.deviation, 0)
        end as derived_value
    from present_rows
    inner join signals on present_rows.signal_id = signals.signal_id
    left join pasts
        on present_rows.signal_id = pasts.signal_id
        and present_rows.account_id = pasts.account_id
        and present_rows.product_id = pasts.product_id
        and present_rows.as_of_date = pasts.as_of_date
    left join peers
        on present_rows.signal_id = peers.signal_id
        and present_rows.account_id = peers.account_id
        and present_rows.product_id = peers.product_id
        and present_rows.as_of_date = peers.as_of_date
),

final as (
    select
        account_id,
        as_of_date,
        signal_id,
        product_id,
        product_share,
        cast(null as decimal(18, 2)) as numerator,
        cast(null as decimal(18, 2)) as denominator,
        case when reason is null then derived_value * multiplier end as value,
        {{ as_double('1') }} as scale,
        case
            when reason is null then 'observed'
            when state != 'observed' then state
            when reason = 'too_young' then 'in_grace'
            when reason = 'nothing_to_measure' and zero_denominator = 'not_applicable'
                then 'not_applicable'
            else 'missing'
        end as state,
        reason as state_reason,
        {{ as_double('1') }} as freshness,
        held_on,
        base_value,
        mean_value as expected_value,
        deviation as expected_deviation,
        lowest_value as expected_low,
        highest_value as expected_high
    from compared
)

select * from final
