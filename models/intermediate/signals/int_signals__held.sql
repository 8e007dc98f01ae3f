-- Signals that are missing because a source is late, with the value they had on the last scored
-- day before it was. Empty while every source speaks.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with dark as (
    select
        account_id,
        as_of_date,
        signal_id,
        product_id,
        held_on
    from {{ touched('int_signals__daily') }}
    where held_on is not null
),

-- The longest table there is, of which seldom a day is asked for.
signals as (
    select * from {{ ref('int_signals__daily') }}
    where state = 'observed' and as_of_date in (select dark.held_on from dark)
),

final as (
    select
        dark.account_id,
        dark.as_of_date,
        dark.signal_id,
        dark.product_id,
        dark.held_on,
        signals.value,
        signals.scale,
        signals.freshness
    from dark
    inner join signals
        on dark.account_id = signals.account_id
        and dark.signal_id = signals.signal_id
        and dark.product_id = signals.product_id
        and dark.held_on = signals.as_of_date
)

select * from final
