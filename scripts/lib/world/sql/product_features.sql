select
    product_id,
    feature_key,
    module,
    is_key_feature,
    is_advanced,
    loaded_after(date '$first_day' - 1, 1) as loaded_at
from features
