-- A notice, for everybody who gave one. Whoever leaves without a trace gives it on the day they ask
-- to stop. A trial that does not convert is no notice.
select
    'chn_' || lives.account_no || '_' || lives.spell as churn_event_id,
    account_traits.account_id,
    on_day(lives.notice_day) as notice_given_on,
    on_day(lives.last_day) as ends_on,
    case
        when lives.is_traceless
            then pick(['acquired', 'budget', 'closed'], uniform(lives.account_no, 'reason'))
        else pick(
            ['low_adoption', 'price', 'missing_feature', 'support', 'competitor', null],
            uniform(lives.account_no, 'reason')
        )
    end as reason_code,
    loaded_after(on_day(lives.notice_day), 14) as loaded_at
from lives
inner join account_traits on lives.account_no = account_traits.account_no
where lives.notice_day < $days
