-- Subscription × stretch of unchanged terms. One subscription per account, spell and product; a new
-- row begins with the paid term, at each anniversary, and where seats or the plan change. Nothing
-- changes between a notice and the end.
with spells as (
    select
        account_traits.*,
        lives.spell,
        lives.first_day as spell_first_day,
        lives.paid_from_day,
        lives.notice_day,
        lives.last_day
    from lives
    inner join account_traits on lives.account_no = account_traits.account_no
),

-- What an added product covers of a spell.
product_spells as (
    select *, 'workspace' as product_id, spell_first_day as from_day, last_day as to_day
    from spells
    union all by name
    select
        *,
        'insights' as product_id,
        greatest(insights_from_day, spell_first_day) as from_day,
        least(insights_to_day, last_day) as to_day
    from spells
    where insights_from_day is not null and paid_from_day is not null
    union all by name
    select
        *,
        'automate' as product_id,
        greatest(automate_from_day, spell_first_day) as from_day,
        least(automate_to_day, last_day) as to_day
    from spells
    where automate_from_day is not null and paid_from_day is not null
),

-- A product that would be added after the notice is not added.
sold as (
    select *
    from product_spells
    where
        from_day < $days
        and from_day <= coalesce(to_day, $never)
        and from_day <= coalesce(notice_day, $never)
),

cuts as (
    select account_no, spell, product_id, from_day as cut_day
    from sold
    union
    select account_no, spell, product_id, paid_from_day as cut_day
    from sold
    where paid_from_day is not null
    union
    select
        account_no,
        spell,
        product_id,
        paid_from_day
        + 365 * unnest(range(1, ($existing_max_age_days + $days) // 365 + 2)) as cut_day
    from sold
    where paid_from_day is not null
    union
    select sold.account_no, sold.spell, sold.product_id, seat_steps.day as cut_day
    from sold
    inner join seat_steps
        on sold.account_no = seat_steps.account_no and sold.spell = seat_steps.spell
    union
    select account_no, spell, product_id, plan_change_day as cut_day
    from sold
    where plan_after <> plan and paid_from_day <= plan_change_day
),

periods as (
    select
        sold.*,
        cuts.cut_day as period_first_day,
        coalesce(
            lead(cuts.cut_day) over (
                partition by cuts.account_no, cuts.spell, cuts.product_id order by cuts.cut_day
            ) - 1,
            $never
        ) as day_before_next
    from cuts
    inner join sold
        on cuts.account_no = sold.account_no
        and cuts.spell = sold.spell
        and cuts.product_id = sold.product_id
    where
        cuts.cut_day >= sold.from_day
        and cuts.cut_day <= coalesce(sold.to_day, $never)
        and cuts.cut_day <= coalesce(sold.notice_day, $never)
        -- A monthly contract has no future term; an annual one ends where its next would begin.
        and cuts.cut_day < $days + case when sold.is_annual then 366 else 0 end
),

ended as (
    select
        *,
        nullif(least(day_before_next, coalesce(to_day, $never)), $never) as period_last_day
    from periods
    where
        period_first_day < $days
        and least(day_before_next, coalesce(to_day, $never)) >= 0
),

seated as (
    select
        ended.*,
        coalesce(seat_steps.seats, ended.seats) as account_seats
    from ended
    asof left join seat_steps
        on ended.account_no = seat_steps.account_no
        and ended.spell = seat_steps.spell
        and ended.period_first_day >= seat_steps.day
),

priced as (
    select
        *,
        period_first_day < coalesce(paid_from_day, $never) as is_trial,
        coalesce(period_last_day, $never) >= least(coalesce(to_day, $never), $days) as is_last,
        case when period_first_day >= plan_change_day then plan_after else plan end as plan_then,
        case product_id
            when 'workspace' then account_seats
            when 'insights' then ceil(account_seats * 0.5)
            else ceil(account_seats * 0.25)
        end::bigint as product_seats
    from seated
)

select
    account_no,
    account_id,
    spell,
    product_id,
    'sub_' || account_no || '_' || spell || '_' || product_id as subscription_id,
    case_name,
    is_annual,
    is_trial,
    period_first_day,
    period_last_day,
    product_seats as seats,
    currency,
    case when is_trial then 0 else
        round(
            product_seats
            * case product_id
                when 'workspace'
                    then case plan_then when 'basic' then 12 when 'pro' then 24 else 38 end
                when 'insights'
                    then case plan_then when 'basic' then 6 when 'pro' then 10 else 14 end
                else case plan_then when 'basic' then 8 when 'pro' then 12 else 18 end
            end
            * (1 - discount)
            -- The price list goes up at each anniversary.
            * pow(1.03, (period_first_day - paid_from_day) // 365)
            * case currency
                when 'USD' then 1.1 when 'GBP' then 0.87 when 'JPY' then 160 when 'AUD' then 1.65
                else 1
            end,
            case when currency = 'JPY' then 0 else 2 end
        )
    end::decimal(18, 2) as monthly_recurring_revenue,
    case
        when is_trial then coalesce(paid_from_day, period_last_day + 1)
        when is_annual then paid_from_day + 365 * ((period_first_day - paid_from_day) // 365 + 1)
    end as renewal_day,
    not is_annual or uniform(account_no, 'renews by itself') < 0.8 as auto_renews,
    -- The notice stands on the terms that it ends; an added product that is dropped has none.
    case
        when notice_day < $days and is_last and to_day = last_day then notice_day
    end as notice_day
from priced
