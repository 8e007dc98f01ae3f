-- Account × week as a customer: hidden health at the end of the week, and the true probability that
-- notice is given within each horizon after it. The probability is null for planted accounts, in a
-- trial and after a notice.
select
    account_id(latent_weeks.account_no) as account_id,
    on_day(7 * latent_weeks.week + 6) as as_of_date,
    latent_weeks.spell,
    latent_weeks.health,
    true_risk.* exclude (account_no, week)
from latent_weeks
left join true_risk
    on latent_weeks.account_no = true_risk.account_no
    and latent_weeks.week = true_risk.week
order by account_id, as_of_date
