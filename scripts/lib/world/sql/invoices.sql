select
    invoice_id,
    account_id,
    on_day(issued_day) as issued_on,
    on_day(due_day) as due_on,
    amount,
    currency,
    loaded_after(on_day(issued_day), 20) as loaded_at
from billing
