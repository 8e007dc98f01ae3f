-- The traits of each account that no table shows.
select
    account_id,
    case_name,
    is_annual,
    is_api_heavy,
    is_keen,
    usage_level,
    active_share,
    breadth,
    session_size,
    ticket_level,
    reply_trait,
    late_trait
from account_traits
order by account_id
