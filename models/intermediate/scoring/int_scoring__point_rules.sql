-- Account × as_of_date × version × point rule with firings in force: the rows that point rules add
-- to the contributions, whose columns these are.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with account_dates as (
    select
        account_id,
        as_of_date,
        spell_number
    from {{ touched('int_accounts__as_of') }}
),

versions as (
    select * from {{ touched('int_scoring__versions') }}
),

dimensions as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        max(is_scored) as is_scored
    from {{ touched('int_scoring__dimensions') }}
    group by account_id, as_of_date, scorecard_id, scorecard_version
),

rules as (
    select * from {{ ref('stg_scorecard__point_rules') }}
),

firings as (
    select * from {{ ref('int_scoring__rule_firings') }}
),

in_force as (
    select
        account_dates.account_id,
        account_dates.as_of_date,
        rules.scorecard_id,
        rules.scorecard_version,
        rules.rule_id,
        rules.points,
        rules.limit_points,
        rules.rule_level,
        count(*) as firings
    from firings
    inner join rules
        on firings.scorecard_id = rules.scorecard_id
        and firings.scorecard_version = rules.scorecard_version
        and firings.rule_id = rules.rule_id
    inner join account_dates
        on firings.account_id = account_dates.account_id
        and firings.spell_number = account_dates.spell_number
        and account_dates.as_of_date >= firings.fired_on
        and account_dates.as_of_date
        < {{ add_days('firings.fired_on', 'rules.expires_after_days') }}
    group by
        account_dates.account_id,
        account_dates.as_of_date,
        rules.scorecard_id,
        rules.scorecard_version,
        rules.rule_id,
        rules.points,
        rules.limit_points,
        rules.rule_level
),

limited as (
    select
        in_force.*,
        versions.status,
        case
            when dimensions.is_scored = 1
                then
                    greatest(
                        least(in_force.firings * in_force.points, in_force.limit_points),
                        -in_force.limit_points
                    )
        end as contribution
    from in_force
    inner join versions
        on in_force.account_id = versions.account_id
        and in_force.as_of_date = versions.as_of_date
        and in_force.scorecard_id = versions.scorecard_id
        and in_force.scorecard_version = versions.scorecard_version
    inner join dimensions
        on in_force.account_id = dimensions.account_id
        and in_force.as_of_date = dimensions.as_of_date
        and in_force.scorecard_id = dimensions.scorecard_id
        and in_force.scorecard_version = dimensions.scorecard_version
),

final as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        'point_rule' as contribution_kind,
        'none' as dimension_id,
        'none' as signal_id,
        'all' as product_id,
        rule_id,
        cast(firings as decimal(18, 6)) as value,
        cast(null as decimal(18, 6)) as scale,
        cast(null as decimal(9, 4)) as points,
        cast(null as decimal(9, 8)) as effective_weight,
        cast(contribution as decimal(9, 4)) as contribution,
        cast(
            case when contribution < 0 then -contribution else 0 * contribution end
            as decimal(9, 4)
        ) as points_lost,
        'observed' as state,
        cast(null as {{ dbt.type_string() }}) as state_reason,
        rule_level
    from limited
)

select * from final
