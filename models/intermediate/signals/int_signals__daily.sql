-- Account × as_of_date × signal (× product): one value and one state, the single long table that
-- scoring reads. A table: joins over a union fail in DuckDB 2.0.0 now and then, with an internal
-- error of its dictionaries.

{%- set columns = [
    'account_id', 'as_of_date', 'signal_id', 'product_id', 'product_share', 'numerator',
    'denominator', 'value', 'scale', 'state', 'state_reason', 'freshness'
] %}

with measured as (
    select * from {{ ref('int_signals__measured') }}
),

derived as (
    select * from {{ ref('int_signals__derived') }}
),

final as (
    select {{ columns | join(', ') }} from measured
    union all
    select {{ columns | join(', ') }} from derived
)

select * from final
