-- One row: whether anything asks which features were used. Where nothing does, events are rolled up
-- without them.
with measures_in_use as (
    select * from {{ ref('stg_scorecard__measures_in_use') }}
),

named_events as (
    select event_kind from {{ ref('stg_scorecard__point_rule_steps') }}
    union all
    select event_kind from {{ ref('stg_scorecard__milestones') }}
),

feature_events as (
    select count(*) as steps from named_events
    where event_kind = 'feature'
),

final as (
    select
        case
            when {{ is_counted([
                'features_used', 'key_features_used', 'adopted_features', 'modules_used',
                'graded_feature_events', 'advanced_feature_events', 'signs_of_life'
            ]) }} then 1
            when steps > 0 then 1
            else 0
        end as is_asked
    from feature_events
)

select * from final
