with account_dates as (
    select
        account_id,
        as_of_date,
        period_starts_on,
        spell_number,
        spell_starts_on,
        segment_id,
        owner_id
    from {{ ref('int_accounts__as_of') }}
),

last_day as (
    {{ last_scored_day() }}
),

milestones as (
    select * from {{ ref('int_milestones__due') }}
),

present as (
    select
        account_dates.account_id,
        account_dates.as_of_date,
        account_dates.spell_number,
        account_dates.spell_starts_on,
        account_dates.segment_id,
        account_dates.owner_id,
        milestones.milestone_id,
        milestones.product_id,
        milestones.position,
        milestones.label,
        milestones.is_first_value,
        milestones.due_on,
        milestones.is_timed,
        case
            when milestones.reached_on <= account_dates.as_of_date then milestones.reached_on
        end as reached_on
    from account_dates
    inner join last_day on account_dates.as_of_date = last_day.last_day
    inner join milestones
        on account_dates.account_id = milestones.account_id
        and account_dates.period_starts_on = milestones.period_starts_on
        and account_dates.as_of_date between milestones.valid_from and milestones.valid_to
),

ordered as (
    select
        *,
        row_number() over (
            partition by account_id
            order by
                case when reached_on is null then 1 else 0 end,
                reached_on desc,
                position desc,
                milestone_id desc
        ) as recency,
        row_number() over (
            partition by account_id
            order by
                case when reached_on is null then 0 else 1 end,
                position,
                due_on,
                milestone_id
        ) as turn
    from present
),

final as (
    select
        cast(account_id as {{ dbt.type_string() }}) as account_id,
        cast(milestone_id as {{ dbt.type_string() }}) as milestone_id,
        cast(product_id as {{ dbt.type_string() }}) as product_id,
        cast(position as integer) as position,
        cast(label as {{ dbt.type_string() }}) as label,
        cast(spell_number as integer) as spell_number,
        cast(due_on as date) as due_on,
        cast(reached_on as date) as reached_on,
        cast(
            case
                when is_timed and reached_on is not null
                    then {{ days_between('spell_starts_on', 'reached_on') }}
            end as integer
        ) as days_to_reach,
        cast(
            case
                when not is_timed then null
                when coalesce(reached_on, as_of_date) > due_on
                    then {{ days_between('due_on', 'coalesce(reached_on, as_of_date)') }}
                else 0
            end as integer
        ) as days_overdue,
        is_first_value,
        reached_on is not null and recency = 1 as is_last,
        reached_on is null and turn = 1 as is_next,
        cast(segment_id as {{ dbt.type_string() }}) as segment_id,
        cast(owner_id as {{ dbt.type_string() }}) as owner_id,
        cast(as_of_date as date) as as_of_date
    from ordered
)

select * from final
