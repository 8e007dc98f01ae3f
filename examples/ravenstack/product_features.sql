-- The catalogue is what was ever used. is_key_feature stays out (null: not a key feature):
-- nothing in the files says which features carry the price, all forty are used equally often, and
-- choosing them by what was used later would let the future into past scores. is_beta_feature
-- says something about a row and not about a feature: about a tenth of the rows of every feature
-- have it.
select
    'ravenstack' as product_id,
    feature_name as feature_key
from ravenstack_feature_usage
group by feature_name
