-- Account × as_of_date × version × risk cap that holds. A fact does not go away because its source
-- is late: then the value from before that day counts.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with caps as (
    select * from {{ ref('stg_scorecard__caps') }}
),

versions as (
    select * from {{ touched('int_scoring__versions') }}
),

signals as (
    select * from {{ touched('int_signals__daily') }}
    where signal_id in (select caps.signal_id from caps)
),

held as (
    select * from {{ touched('int_signals__held') }}
),

valued as (
    select
        versions.account_id,
        versions.as_of_date,
        versions.scorecard_id,
        versions.scorecard_version,
        versions.status,
        caps.cap_id,
        caps.signal_id,
        caps.is_judgement,
        caps.operator,
        caps.bound,
        caps.max_score,
        caps.rule_level,
        -- As it is published, so that the comparison can be checked by hand.
        {{ to_decimal('coalesce(signals.value, held.value)', 18, 6) }} as value,
        signals.state,
        signals.state_reason
    from versions
    inner join caps
        on versions.scorecard_id = caps.scorecard_id
        and versions.scorecard_version = caps.scorecard_version
    inner join signals
        on versions.account_id = signals.account_id
        and versions.as_of_date = signals.as_of_date
        and caps.signal_id = signals.signal_id
    left join held
        on signals.account_id = held.account_id
        and signals.as_of_date = held.as_of_date
        and signals.signal_id = held.signal_id
        and signals.product_id = held.product_id
),

final as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        cap_id,
        signal_id,
        is_judgement,
        max_score,
        -- 1 is the cap that takes the points away.
        row_number() over (
            partition by account_id, as_of_date, scorecard_id, scorecard_version
            order by max_score, cap_id
        ) as cap_rank,
        value,
        state,
        state_reason,
        rule_level
    from valued
    where {{ meets('value', 'operator', 'bound') }}
)

select * from final
