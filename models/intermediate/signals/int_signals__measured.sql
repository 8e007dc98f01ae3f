-- Account × as_of_date × signal (× product): value and state of every signal that is measured from
-- its sources. The order of the cases is the order of docs/scoring.md, section 5.
{{ config(materialized='incremental', meta={'touched_by': 'signals'}) }}

with windows as (
    select * from {{ ref('int_signals__windows') }}
),

signals as (
    select * from {{ ref('stg_scorecard__signals') }}
),

account_dates as (
    select * from {{ touched('int_accounts__as_of') }}
),

coverage as (
    select * from {{ ref('int_signals__source_coverage') }}
),

known_accounts as (
    select * from {{ ref('int_signals__known_accounts') }}
),

-- Of whom no entitlement was ever told, nobody knows what it may use.
first_entitlements as (
    select
        account_id,
        min(starts_on) as entitled_from
    from {{ ref('int_accounts__entitlement_stretches') }}
    group by account_id
),

rest_days as (
    select * from {{ ref('int_signals__rest_days') }}
),

-- What is the same on every day of a stretch.
stretches as (
    select
        windows.account_id,
        windows.signal_id,
        windows.product_id,
        windows.starts_on,
        windows.ends_on,
        signals.calculation,
        windows.numerator,
        case when signals.denominator != 'none' then windows.denominator end as denominator,
        case
            when signals.denominator = 'none'
                then {{ as_double('windows.numerator') }} * signals.multiplier
            else
                {{ as_double('windows.numerator') }} * signals.multiplier
                / nullif({{ as_double('windows.denominator') }}, 0)
        end as ratio,
        windows.last_measured_on,
        windows.product_starts_on,
        coalesce(windows.revenue_share, 1) as product_share,
        signals.multiplier,
        signals.scale as scale_attribute,
        signals.numerator_window_days,
        signals.fresh_days,
        signals.stale_after_days,
        signals.min_history_days,
        signals.zero_denominator,
        signals.grain = 'product' and windows.product_starts_on is null as is_without_product,
        signals.denominator != 'none' and windows.denominator = 0 as is_divided_by_zero,
        known_accounts.known_from,
        first_entitlements.entitled_from
    from windows
    inner join signals on windows.signal_id = signals.signal_id
    left join known_accounts
        on windows.signal_id = known_accounts.signal_id
        and windows.account_id = known_accounts.account_id
    left join first_entitlements
        on windows.account_id = first_entitlements.account_id
),

signal_days as (
    {{ each_day('stretches', 'starts_on', 'ends_on', 'as_of_date') }}
),

measured as (
    select
        signal_days.account_id,
        signal_days.as_of_date,
        signal_days.signal_id,
        signal_days.product_id,
        signal_days.calculation,
        signal_days.numerator,
        signal_days.denominator,
        signal_days.ratio,
        signal_days.product_share,
        case signal_days.scale_attribute
            {%- for attribute in scale_attributes() %}
            when '{{ attribute }}' then {{ as_double('account_dates.' ~ attribute) }}
            {%- endfor %}
            else 1
        end as scale,
        signal_days.multiplier,
        signal_days.zero_denominator,
        -- Who was never in touch has been silent since the spell began.
        least(
            signal_days.numerator_window_days,
            {{ days_between(
                "greatest(coalesce(signal_days.last_measured_on, cast('1900-01-01' as date)), "
                ~ add_days('account_dates.spell_starts_on', -1) ~ ")",
                'signal_days.as_of_date'
            ) }}
        ) as days_since,
        case
            when
                signal_days.fresh_days > 0
                and signal_days.as_of_date
                > {{ add_days('signal_days.last_measured_on', 'signal_days.fresh_days') }}
                then
                    {{ as_double(
                        'signal_days.stale_after_days - '
                        ~ days_between('signal_days.last_measured_on', 'signal_days.as_of_date')
                    ) }} / {{ as_double('signal_days.stale_after_days - signal_days.fresh_days') }}
            else 1
        end as freshness,
        -- Nothing is held from before the account came back.
        case
            when coverage.held_on >= account_dates.spell_starts_on then coverage.held_on
        end as held_on,
        case
            when signal_days.is_without_product
                then
                    case
                        when signal_days.entitled_from <= signal_days.as_of_date
                            then 'not_entitled'
                        else 'not_known'
                    end
            when coverage.is_off = 1 then 'source_off'
            when
                signal_days.as_of_date
                < {{ add_days('account_dates.spell_starts_on', 'signal_days.min_history_days - 1') }}
                or signal_days.as_of_date
                < {{ add_days('signal_days.product_starts_on', 'signal_days.min_history_days - 1') }}
                then 'too_young'
            when rest_days.signal_id is not null then 'calendar'
            when coverage.is_empty = 1 then 'source_empty'
            when coverage.is_late = 1 then 'source_late'
            when coverage.is_covering = 0 then 'source_not_covering'
            when
                signal_days.known_from is null
                or signal_days.known_from > signal_days.as_of_date
                then 'not_known'
            when
                signal_days.stale_after_days > 0
                and signal_days.as_of_date
                >= {{ add_days('signal_days.last_measured_on', 'signal_days.stale_after_days') }}
                and (
                    signal_days.fresh_days > 0
                    or (
                        signal_days.is_divided_by_zero
                        and signal_days.zero_denominator = 'missing'
                    )
                )
                then 'stale'
            when signal_days.is_divided_by_zero then 'nothing_to_measure'
        end as absence
    from signal_days
    inner join account_dates
        on signal_days.account_id = account_dates.account_id
        and signal_days.as_of_date = account_dates.as_of_date
    left join coverage
        on signal_days.signal_id = coverage.signal_id
        and signal_days.as_of_date = coverage.as_of_date
    left join rest_days
        on signal_days.signal_id = rest_days.signal_id
        and signal_days.as_of_date = rest_days.as_of_date
        and coalesce(lower(account_dates.region), 'all') = rest_days.region
),

reasoned as (
    select
        *,
        case
            when absence is not null then absence
            when coalesce(scale, 0) <= 0 then 'no_scale'
        end as state_reason
    from measured
),

final as (
    select
        account_id,
        as_of_date,
        signal_id,
        product_id,
        product_share,
        numerator,
        denominator,
        case
            when state_reason is not null then null
            when calculation = 'recency' then {{ as_double('days_since') }} * multiplier
            else ratio
        end as value,
        scale,
        case
            when state_reason is null then 'observed'
            when state_reason = 'not_entitled' then 'not_applicable'
            when state_reason = 'too_young' then 'in_grace'
            when state_reason = 'calendar' then 'suppressed'
            when state_reason = 'stale' then 'expired'
            when state_reason = 'nothing_to_measure' then zero_denominator
            else 'missing'
        end as state,
        state_reason,
        freshness,
        case when state_reason = 'source_late' then held_on end as held_on
    from reasoned
)

select * from final
