-- Account × as_of_date × signal (× product): value and state of every signal that is measured from
-- its sources. The order of the cases is the order of docs/scoring.md, section 5.
{{ config(materialized='incremental', meta={'touched_by': 'signals'}) }}

with stretches as (
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

-- Spread before anything is joined: DuckDB 2.0.0 fails where it unnests what a join has put out
-- ("dict-surviving cache: global dictionary column changed identity").
windows as (
    {{ each_day('stretches', 'starts_on', 'ends_on', 'as_of_date') }}
),

measured as (
    select
        windows.account_id,
        windows.as_of_date,
        windows.signal_id,
        windows.product_id,
        signals.calculation,
        windows.numerator,
        case when signals.denominator != 'none' then windows.denominator end as denominator,
        coalesce(windows.revenue_share, 1) as product_share,
        case signals.scale
            {%- for attribute in scale_attributes() %}
            when '{{ attribute }}' then {{ as_double('account_dates.' ~ attribute) }}
            {%- endfor %}
            else 1
        end as scale,
        signals.multiplier,
        signals.zero_denominator,
        -- Who was never in touch has been silent since the spell began.
        least(
            signals.numerator_window_days,
            {{ days_between(
                "greatest(coalesce(windows.last_measured_on, cast('1900-01-01' as date)), "
                ~ add_days('account_dates.spell_starts_on', -1) ~ ")",
                'windows.as_of_date'
            ) }}
        ) as days_since,
        case
            when
                signals.fresh_days > 0
                and windows.as_of_date
                > {{ add_days('windows.last_measured_on', 'signals.fresh_days') }}
                then
                    {{ as_double(
                        'signals.stale_after_days - '
                        ~ days_between('windows.last_measured_on', 'windows.as_of_date')
                    ) }} / {{ as_double('signals.stale_after_days - signals.fresh_days') }}
            else 1
        end as freshness,
        -- Nothing is held from before the account came back.
        case
            when coverage.held_on >= account_dates.spell_starts_on then coverage.held_on
        end as held_on,
        case
            when signals.grain = 'product' and windows.product_starts_on is null
                then
                    case
                        when first_entitlements.entitled_from <= windows.as_of_date
                            then 'not_entitled'
                        else 'not_known'
                    end
            when coverage.is_off = 1 then 'source_off'
            when
                windows.as_of_date
                < {{ add_days('account_dates.spell_starts_on', 'signals.min_history_days - 1') }}
                or windows.as_of_date
                < {{ add_days('windows.product_starts_on', 'signals.min_history_days - 1') }}
                then 'too_young'
            when rest_days.signal_id is not null then 'calendar'
            when coverage.is_empty = 1 then 'source_empty'
            when coverage.is_late = 1 then 'source_late'
            when coverage.is_covering = 0 then 'source_not_covering'
            when
                known_accounts.known_from is null
                or known_accounts.known_from > windows.as_of_date
                -- A measure that is an attribute of the account: a sum without a known summand.
                or case signals.numerator
                    {%- for attribute in scale_attributes() %}
                    when '{{ attribute }}' then account_dates.{{ attribute }} is null
                    {%- endfor %}
                    else false
                end
                then 'not_known'
            when
                signals.stale_after_days > 0
                and windows.as_of_date
                >= {{ add_days('windows.last_measured_on', 'signals.stale_after_days') }}
                and (
                    signals.fresh_days > 0
                    or (
                        signals.denominator != 'none'
                        and windows.denominator = 0
                        and signals.zero_denominator = 'missing'
                    )
                )
                then 'stale'
            -- Nobody used anything: that is observed, where the registry calls it silent.
            when
                signals.denominator != 'none'
                and windows.denominator = 0
                and (signals.zero_denominator != 'silent' or windows.numerator != 0)
                then 'nothing_to_measure'
        end as absence
    from windows
    inner join signals on windows.signal_id = signals.signal_id
    inner join account_dates
        on windows.account_id = account_dates.account_id
        and windows.as_of_date = account_dates.as_of_date
    left join coverage
        on windows.signal_id = coverage.signal_id
        and windows.as_of_date = coverage.as_of_date
    left join known_accounts
        on windows.signal_id = known_accounts.signal_id
        and windows.account_id = known_accounts.account_id
    left join first_entitlements
        on windows.account_id = first_entitlements.account_id
    left join rest_days
        on windows.signal_id = rest_days.signal_id
        and windows.as_of_date = rest_days.as_of_date
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
            when denominator is null or denominator = 0
                then {{ as_double('numerator') }} * multiplier
            else {{ as_double('numerator') }} * multiplier / {{ as_double('denominator') }}
        end as value,
        scale,
        case
            when state_reason is null then 'observed'
            when state_reason = 'not_entitled' then 'not_applicable'
            when state_reason = 'too_young' then 'in_grace'
            when state_reason = 'calendar' then 'suppressed'
            when state_reason = 'stale' then 'expired'
            when state_reason = 'nothing_to_measure' and zero_denominator = 'not_applicable'
                then 'not_applicable'
            else 'missing'
        end as state,
        state_reason,
        freshness,
        case when state_reason = 'source_late' then held_on end as held_on
    from reasoned
)

select * from final
