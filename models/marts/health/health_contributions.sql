-- A view: the rows are stored once, where the scores are summed from them. It rests on incremental
-- tables alone, since PostgreSQL drops a view with any table it reads that is replaced.
{{ config(materialized='view', post_hook=[], meta={'touched_by': 'scores'}) }}

with contributions as (
    select * from {{ ref('int_scoring__contributions') }}
    where status = 'live'
),

overrides as (
    select * from {{ ref('int_scoring__overrides') }}
),

final as (
    select
        cast(contributions.account_id as {{ dbt.type_string() }}) as account_id,
        cast(contributions.as_of_date as date) as as_of_date,
        cast(contributions.contribution_kind as {{ dbt.type_string() }}) as contribution_kind,
        cast(contributions.dimension_id as {{ dbt.type_string() }}) as dimension_id,
        cast(contributions.signal_id as {{ dbt.type_string() }}) as signal_id,
        cast(contributions.product_id as {{ dbt.type_string() }}) as product_id,
        cast(contributions.rule_id as {{ dbt.type_string() }}) as rule_id,
        cast(contributions.value as decimal(18, 6)) as value,
        cast(contributions.scale as decimal(18, 6)) as scale,
        cast(contributions.points as decimal(9, 4)) as points,
        cast(contributions.effective_weight as decimal(9, 8)) as effective_weight,
        cast(contributions.contribution as decimal(9, 4)) as contribution,
        cast(contributions.points_lost as decimal(9, 4)) as points_lost,
        cast(contributions.state as {{ dbt.type_string() }}) as state,
        cast(contributions.state_reason as {{ dbt.type_string() }}) as state_reason,
        cast(contributions.rule_level as {{ dbt.type_string() }}) as rule_level,
        cast(overrides.words as {{ dbt.type_string() }}) as account_overrides,
        cast(contributions.scorecard_id as {{ dbt.type_string() }}) as scorecard_id,
        cast(contributions.scorecard_version as integer) as scorecard_version
    from contributions
    left join overrides
        on contributions.account_id = overrides.account_id
        and contributions.as_of_date = overrides.as_of_date
        and contributions.signal_id = overrides.signal_id
        and contributions.rule_level = 'account'
)

select * from final
