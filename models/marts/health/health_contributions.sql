-- A view: the rows are stored once, where the scores are summed from them.
{{ config(materialized='view', post_hook=[]) }}

with contributions as (
    select * from {{ ref('int_scoring__contributions') }}
    where status = 'live'
),

final as (
    select
        cast(account_id as {{ dbt.type_string() }}) as account_id,
        cast(as_of_date as date) as as_of_date,
        cast(contribution_kind as {{ dbt.type_string() }}) as contribution_kind,
        cast(dimension_id as {{ dbt.type_string() }}) as dimension_id,
        cast(signal_id as {{ dbt.type_string() }}) as signal_id,
        cast(product_id as {{ dbt.type_string() }}) as product_id,
        cast(rule_id as {{ dbt.type_string() }}) as rule_id,
        cast(value as decimal(18, 6)) as value,
        cast(scale as decimal(18, 6)) as scale,
        cast(points as decimal(9, 4)) as points,
        cast(effective_weight as decimal(9, 8)) as effective_weight,
        cast(contribution as decimal(9, 4)) as contribution,
        cast(points_lost as decimal(9, 4)) as points_lost,
        cast(state as {{ dbt.type_string() }}) as state,
        cast(state_reason as {{ dbt.type_string() }}) as state_reason,
        cast(rule_level as {{ dbt.type_string() }}) as rule_level,
        cast(scorecard_id as {{ dbt.type_string() }}) as scorecard_id,
        cast(scorecard_version as integer) as scorecard_version
    from contributions
)

select * from final
