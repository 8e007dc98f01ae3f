select
    product_id,
    product_name,
    loaded_after(date '$first_day' - 1, 1) as loaded_at
from (
    values
    ('workspace', 'Workspace'),
    ('insights', 'Insights'),
    ('automate', 'Automate')
) as products (product_id, product_name)
