-- Referrals, references and reviews. Happy customers refer; reviews are written by the angry too.
with candidates as (
    select
        account_weeks.account_no,
        account_weeks.health,
        account_weeks.active_users,
        account_traits.account_id,
        account_traits.first_day,
        kinds.kind,
        week_key(account_weeks.account_no, account_weeks.week) as week_key,
        7 * account_weeks.week + account_weeks.last_dow as day
    from account_weeks
    inner join account_traits on account_weeks.account_no = account_traits.account_no
    cross join (values ('referral'), ('reference'), ('review')) as kinds (kind)
    where not account_traits.is_silent
),

happened as (
    select
        *,
        $review_mood_per_health * health + normal(week_key, kind || ' mood') as mood
    from candidates
    where
        uniform(week_key, kind) < $advocacy_rate * exp(
            $advocacy_per_health * case kind when 'review' then abs(health) else health end
        )
),

told as (
    select
        'adv_' || kind || '_' || week_key as advocacy_event_id,
        account_id,
        case when uniform(week_key, kind || ' who') < 0.8 then holder_id(
            account_no,
            1 + floor(active_users * uniform(week_key, kind || ' whom'))::int,
            first_day,
            day
        ) end as user_id,
        kind,
        case
            when kind <> 'review' or mood > 0.3 then 'positive'
            when mood > -0.5 then 'neutral'
            else 'negative'
        end as polarity,
        at_work(day, uniform(week_key, kind || ' time')) as occurred_at,
        loaded_after(on_day(day), 37) as loaded_at
    from happened
),

planted_review as (
    select
        'adv_review_' || account_no || '_planted' as advocacy_event_id,
        account_id,
        user_id(account_no, 1, 0) as user_id,
        'review' as kind,
        'negative' as polarity,
        at_work($days - 30, 0.5) as occurred_at,
        loaded_after(on_day($days - 30), 37) as loaded_at
    from account_traits
    where case_name = 'negative_review'
)

select * from told
union all by name
select * from planted_review
