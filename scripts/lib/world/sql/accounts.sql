-- Account × valid_from: a first row, and one for each day on which plan, owner, use case or CRM
-- stage change. Owners come from a team whose size goes with the number of accounts.
with versions as (
    select account_no, null::int as from_day
    from account_traits
    union all
    select account_no, plan_change_day from account_traits
    where plan_after <> plan and plan_change_day > first_day
    union
    select account_no, owner_change_day from account_traits
    where owner_changes and owner_change_day > first_day
    union
    select account_no, use_case_change_day from account_traits
    where use_case_changes and use_case_change_day > first_day
    union
    select account_no, first_day + 90 from account_traits
    where keeps_stage_in_crm and first_day + 90 between 0 and $days - 1
),

dated as (
    select
        account_traits.*,
        versions.from_day,
        coalesce(versions.from_day, account_traits.first_day) as day
    from versions
    inner join account_traits on versions.account_no = account_traits.account_no
),

-- A child belongs to an earlier enterprise account, where the draw finds one.
parents as (
    select
        child.account_no,
        parent.account_id as parent_account_id
    from account_traits as child
    inner join account_traits as parent
        on parent.account_no = $planted + 1 + floor(
            (child.account_no - $planted - 1) * uniform(child.account_no, 'parent')
        )::int
    where
        not child.is_planted
        and parent.account_no < child.account_no
        and parent.plan = 'enterprise'
        and uniform(child.account_no, 'has parent') < 0.6
)

select
    dated.account_id,
    -- Some rows of accounts without history hold since ever.
    case
        when dated.from_day is not null then on_day(dated.from_day)
        when uniform(dated.account_no, 'since ever') < 0.3 then null
        else on_day(dated.first_day)
    end as valid_from,
    dated.account_name,
    parents.parent_account_id,
    null::varchar as merged_into_account_id,
    null::date as merged_on,
    case when dated.day >= dated.plan_change_day then dated.plan_after else dated.plan end as plan,
    dated.industry,
    case
        when dated.use_case_changes and dated.day >= dated.use_case_change_day then 'automation'
        else dated.use_case
    end as use_case,
    dated.region,
    case
        when not dated.keeps_stage_in_crm then null
        when dated.day >= dated.first_day + 90 then 'adopted'
        else 'onboarding'
    end as lifecycle_stage,
    'csm_' || lpad((1 + floor($owners * uniform(
        dated.account_no,
        case
            when dated.owner_changes and dated.day >= dated.owner_change_day then 'second owner'
            else 'first owner'
        end
    ))::int)::varchar, 3, '0') as owner_id,
    dated.employees,
    dated.students,
    dated.time_zone,
    on_day(dated.first_day) as signed_up_on,
    loaded_after(on_day(dated.day), 12) as loaded_at
from dated
left join parents on dated.account_no = parents.account_no
