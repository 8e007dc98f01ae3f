-- One row per account: who they are, and the traits that shape what they do.
with numbered as (
    select
        range as account_no,
        planted.*
    from range(1, $accounts + 1)
    left join planted on range = planted.case_no
),

sold as (
    select
        *,
        case_name is not null as is_planted,
        coalesce(
            case_plan,
            case
                when uniform(account_no, 'plan') < 0.45 then 'basic'
                when uniform(account_no, 'plan') < 0.83 then 'pro'
                else 'enterprise'
            end
        ) as plan,
        case
            when uniform(account_no, 'region') < 0.50 then 'eu'
            when uniform(account_no, 'region') < 0.83 then 'us'
            else 'apac'
        end as region,
        coalesce(
            case_industry,
            pick(
                [
                    'software', 'finance', 'healthcare', 'retail', 'education',
                    'manufacturing', 'media', 'public_sector', 'logistics', null
                ],
                uniform(account_no, 'industry')
            )
        ) as industry,
        case_name is null and uniform(account_no, 'api') < $api_heavy_share as is_api_heavy
    from numbered
),

sized as (
    select
        *,
        case
            when is_planted then case_seats
            else greatest(1, round(
                case plan when 'basic' then 4 when 'pro' then 11 else 34 end
                * exp(0.65 * normal(account_no, 'seats'))
            ))::bigint
        end as seats,
        case
            when is_planted then false
            when plan = 'basic' then uniform(account_no, 'annual') < 0.15
            when plan = 'pro' then uniform(account_no, 'annual') < 0.75
            else true
        end as is_annual,
        case
            when is_planted then case_first_day
            when uniform(account_no, 'existing') < $existing_share
                then -1 - floor($existing_max_age_days * uniform(account_no, 'age'))::int
            else floor($days * uniform(account_no, 'first day'))::int
        end as first_day
    from sold
),

placed as (
    select
        *,
        pick(
            case region
                when 'eu' then ['Europe/Berlin', 'Europe/Paris', 'Europe/London', 'Europe/Zurich']
                when 'us'
                    then ['America/New_York', 'America/Chicago', 'America/Denver',
                        'America/Los_Angeles']
                else ['Asia/Tokyo', 'Australia/Sydney', 'Asia/Singapore']
            end,
            uniform(account_no, 'time zone')
        ) as time_zone
    from sized
),

equipped as (
    select
        *,
        -- An account from before the world has its trial behind it.
        case
            when first_day < 0 or is_planted then 0
            when uniform(account_no, 'trial') < $trial_share then 14 + 16 * (account_no % 2)
            else 0
        end::int as trial_days,
        floor($days * uniform(account_no, 'insights day'))::int as insights_day,
        floor($days * uniform(account_no, 'automate day'))::int as automate_day
    from placed
),

-- Two products can be added to the first one, with it or later. All come after a trial.
extended as (
    select
        *,
        case
            when is_planted or uniform(account_no, 'insights') >= 0.35 then null
            when uniform(account_no, 'insights later') < 0.3
                then greatest(first_day + trial_days, insights_day)
            else first_day + trial_days
        end as insights_from_day,
        case
            when is_planted then null
            when is_api_heavy then first_day + trial_days
            when uniform(account_no, 'automate') >= 0.20 then null
            when uniform(account_no, 'automate later') < 0.3
                then greatest(first_day + trial_days, automate_day)
            else first_day + trial_days
        end as automate_from_day
    from equipped
)

select
    account_no,
    account_id(account_no) as account_id,
    case_name,
    is_planted,
    pick(
        [
            'Amber', 'Birch', 'Cobalt', 'Delta', 'Ember', 'Fjord', 'Granite', 'Harbor', 'Indigo',
            'Juniper', 'Kestrel', 'Lumen', 'Maple', 'Nimbus', 'Orchard', 'Pioneer', 'Quartz',
            'Ridge', 'Sable', 'Tundra', 'Umber', 'Vertex', 'Willow', 'Zephyr'
        ],
        uniform(account_no, 'first name')
    ) || ' ' || case
        when industry = 'education' then 'School'
        else pick(
            ['Works', 'Labs', 'Partners', 'Systems', 'Group', 'Foods', 'Mobility', 'Care', 'Bank'],
            uniform(account_no, 'last name')
        )
    end || ' ' || account_no as account_name,
    plan,
    region,
    industry,
    pick(
        ['collaboration', 'reporting', 'automation', 'planning', null],
        uniform(account_no, 'use case')
    ) as use_case,
    time_zone,
    case time_zone
        when 'Europe/London' then 0
        when 'America/New_York' then -5
        when 'America/Chicago' then -6
        when 'America/Denver' then -7
        when 'America/Los_Angeles' then -8
        when 'Asia/Tokyo' then 9
        when 'Australia/Sydney' then 10
        when 'Asia/Singapore' then 8
        else 1
    end as utc_offset,
    case time_zone
        when 'Europe/London' then 'GBP'
        when 'Europe/Zurich' then 'CHF'
        when 'Asia/Tokyo' then 'JPY'
        when 'Australia/Sydney' then 'AUD'
        when 'Europe/Berlin' then 'EUR'
        when 'Europe/Paris' then 'EUR'
        else 'USD'
    end as currency,
    seats,
    greatest(seats, round(seats * (1.5 + 20 * pow(uniform(account_no, 'staff'), 2))))::bigint
        as employees,
    coalesce(
        case_students,
        case when industry = 'education' then
            round(seats * (0.9 + 2 * uniform(account_no, 'students')))::bigint
        end
    ) as students,
    first_day,
    is_annual,
    trial_days,
    case
        when not is_annual then 1
        else pick([1, 3, 12, 12], uniform(account_no, 'billing'))
    end as billing_months,

    -- A tenth drop an added product again, at least a quarter after they took it.
    insights_from_day,
    case
        when uniform(account_no, 'drops insights') < 0.10
            then greatest(insights_from_day + 91, floor($days * uniform(account_no, 'drop day')))
    end::int as insights_to_day,
    automate_from_day,
    case
        when uniform(account_no, 'drops automate') < 0.10 and not is_api_heavy
            then greatest(automate_from_day + 91, floor($days * uniform(account_no, 'drop day')))
    end::int as automate_to_day,

    -- What changes once in some accounts: the plan, the owner, what they use it for.
    floor($days * uniform(account_no, 'plan changes on'))::int as plan_change_day,
    case
        when is_planted then plan
        when plan = 'basic' and uniform(account_no, 'plan changes') < 0.10 then 'pro'
        when plan = 'pro' and uniform(account_no, 'plan changes') < 0.05 then 'enterprise'
        when plan = 'pro' and uniform(account_no, 'plan changes') > 0.97 then 'basic'
        else plan
    end as plan_after,
    floor($days * uniform(account_no, 'owner changes on'))::int as owner_change_day,
    uniform(account_no, 'owner changes') < 0.25 as owner_changes,
    floor($days * uniform(account_no, 'use case changes on'))::int as use_case_change_day,
    uniform(account_no, 'use case changes') < 0.06 and not is_planted as use_case_changes,
    case_name is null and uniform(account_no, 'stage in crm') < 0.05 as keeps_stage_in_crm,

    -- How they behave, whatever their health.
    is_api_heavy,
    case when is_api_heavy then $api_heavy_sensitivity else 1.0 end as sensitivity,
    $usage_level_sd * normal(account_no, 'usage level') as usage_level,
    $active_share_logit + $active_share_sd * normal(account_no, 'active share') as active_share,
    $breadth_logit + $breadth_sd * normal(account_no, 'breadth') as breadth,
    1 + floor(5 * uniform(account_no, 'session size'))::int as session_size,
    exp($ticket_level_sd * normal(account_no, 'ticket level')) as ticket_level,
    case_name is null and uniform(account_no, 'keen') < $keen_share as is_keen,
    0.6 * normal(account_no, 'replies') as reply_trait,
    $late_account_sd * normal(account_no, 'pays late') as late_trait,
    0.2 * uniform(account_no, 'discount') as discount,
    case_name is null and uniform(account_no, 'internal user') < 0.10 as has_internal_user,
    uniform(account_no, 'no sponsor') >= 0.15 or is_planted as has_sponsor,
    coalesce(is_scripted, false) as is_scripted,
    coalesce(is_quiet, false) as is_quiet,
    coalesce(is_silent, false) as is_silent,
    coalesce(is_bare, false) as is_bare,
    coalesce(health_shift, 0.0) as health_shift,
    coalesce(case_notice_day, $never) as case_notice_day,
    coalesce(case_last_day, $never) as case_last_day,
    coalesce(case_return_day, $never) as case_return_day
from extended
