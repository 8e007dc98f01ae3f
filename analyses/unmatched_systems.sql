-- What is in one system and not in the others: how many ids, how many rows, and the latest of them.
select
    problem,
    system_id,
    count(*) as ids,
    sum(row_count) as row_count,
    max(last_on) as last_on,
    min(record_id) as first_id,
    max(record_id) as last_id
from {{ ref('unmatched') }}
group by problem, system_id
order by problem, system_id
