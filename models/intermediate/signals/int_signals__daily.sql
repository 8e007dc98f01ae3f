-- Account × as_of_date × signal (× product): one value and one state, the single long table that
-- scoring reads.
{{ config(materialized='view', post_hook=[], meta={'touched_by': 'scores'}) }}

{%- set columns = [
    'account_id', 'as_of_date', 'signal_id', 'product_id', 'product_share', 'numerator',
    'denominator', 'value', 'scale', 'state', 'state_reason', 'freshness',
    'held_on'
] %}

with measured as (
    select * from {{ ref('int_signals__measured') }}
),

derived as (
    select * from {{ ref('int_signals__derived') }}
),

paces as (
    select * from {{ ref('int_signals__milestones') }}
),

final as (
    select {{ columns | join(', ') }} from measured
    union all
    select {{ columns | join(', ') }} from derived
    union all
    select {{ columns | join(', ') }} from paces
)

select * from final
