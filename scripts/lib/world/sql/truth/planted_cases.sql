select
    account_id(case_no) as account_id,
    case_name,
    about
from planted
order by account_id
