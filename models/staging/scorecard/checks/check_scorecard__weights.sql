-- Weights are never negative and make 100: dimensions in a version, signals in each of its
-- dimensions.
with dimensions as (
    select * from {{ ref('base_scorecard__dimensions') }}
),

signals as (
    select * from {{ ref('base_scorecard__signals') }}
),

product_weights as (
    select * from {{ ref('base_scorecard__product_weights') }}
),

registry as (
    select * from {{ ref('signals') }}
),

negative as (
    select
        'dimensions' as seed,
        {{ row_key(['scorecard_id', 'scorecard_version', 'dimension_id']) }} as row_key,
        'the weight is negative' as problem,
        'write 0 to take the dimension out' as mend
    from {{ ref('dimensions') }}
    where {{ try_decimal('weight') }} < 0
    union all
    select
        'scorecard_signals' as seed,
        {{ row_key(['scorecard_id', 'scorecard_version', 'signal_id']) }} as row_key,
        'the weight is negative' as problem,
        'write 0 to take the signal out' as mend
    from {{ ref('scorecard_signals') }}
    where {{ try_decimal('weight') }} < 0
    union all
    select
        'product_weights' as seed,
        {{ row_key(['scorecard_id', 'scorecard_version', 'product_id', 'signal_id']) }} as row_key,
        'the weight is negative' as problem,
        'write 0 to take the signal out for the product' as mend
    from {{ ref('product_weights') }}
    where {{ try_decimal('weight') }} < 0
),

dimension_sums as (
    select
        'dimensions' as seed,
        scorecard_id || '/' || scorecard_version as row_key,
        'the dimension weights sum to '
        || cast(cast(sum(weight) as decimal(18, 4)) as {{ dbt.type_string() }})
        || ', inherited ones included' as problem,
        'make them sum to 100' as mend
    from dimensions
    group by scorecard_id, scorecard_version
    having sum(weight) != 100
),

signal_sums as (
    select
        'scorecard_signals' as seed,
        signals.scorecard_id || '/' || signals.scorecard_version
        || '/' || signals.dimension_id as row_key,
        'the signal weights of the dimension sum to '
        || cast(cast(sum(signals.weight) as decimal(18, 4)) as {{ dbt.type_string() }})
        || ', inherited ones included' as problem,
        'make them sum to 100' as mend
    from signals
    inner join dimensions
        on signals.scorecard_id = dimensions.scorecard_id
        and signals.scorecard_version = dimensions.scorecard_version
        and signals.dimension_id = dimensions.dimension_id
    where dimensions.weight > 0
    group by signals.scorecard_id, signals.scorecard_version, signals.dimension_id
    having sum(signals.weight) != 100
),

unweighed as (
    select
        'product_weights' as seed,
        product_weights.scorecard_id || '/' || product_weights.scorecard_version
        || '/' || product_weights.product_id || '/' || product_weights.signal_id as row_key,
        'the version gives the signal no weight, or measures it per account' as problem,
        'name a signal of the grain product that scorecard_signals.csv weighs' as mend
    from product_weights
    inner join registry on product_weights.signal_id = registry.signal_id
    left join signals
        on product_weights.scorecard_id = signals.scorecard_id
        and product_weights.scorecard_version = signals.scorecard_version
        and product_weights.signal_id = signals.signal_id
        and signals.weight > 0
    where signals.signal_id is null or registry.grain != 'product'
),

-- A product may weigh its signals its own way, but not weigh more than another product.
product_changes as (
    select
        product_weights.scorecard_id,
        product_weights.scorecard_version,
        product_weights.product_id,
        signals.dimension_id,
        sum(product_weights.weight - signals.weight) as change
    from product_weights
    inner join signals
        on product_weights.scorecard_id = signals.scorecard_id
        and product_weights.scorecard_version = signals.scorecard_version
        and product_weights.signal_id = signals.signal_id
    group by
        product_weights.scorecard_id,
        product_weights.scorecard_version,
        product_weights.product_id,
        signals.dimension_id
),

product_sums as (
    select
        'product_weights' as seed,
        scorecard_id || '/' || scorecard_version || '/' || product_id as row_key,
        'in the dimension ' || dimension_id || ' the weights of the product differ by '
        || cast(cast(change as decimal(18, 4)) as {{ dbt.type_string() }})
        || ' from those of scorecard_signals.csv' as problem,
        'let them sum to the same' as mend
    from product_changes
    where change != 0
),

empty_dimensions as (
    select
        'dimensions' as seed,
        dimensions.scorecard_id || '/' || dimensions.scorecard_version
        || '/' || dimensions.dimension_id as row_key,
        'the dimension has weight and no signal' as problem,
        'add signals to scorecard_signals.csv or write weight 0' as mend
    from dimensions
    left join signals
        on dimensions.scorecard_id = signals.scorecard_id
        and dimensions.scorecard_version = signals.scorecard_version
        and dimensions.dimension_id = signals.dimension_id
    where dimensions.weight > 0 and signals.signal_id is null
),

no_dimensions as (
    select
        'scorecards' as seed,
        {{ row_key(['scorecard_id', 'scorecard_version'], 'scorecards') }} as row_key,
        'the version has no dimension' as problem,
        'add rows to dimensions.csv or extend a version that has them' as mend
    from {{ ref('scorecards') }} as scorecards
    left join dimensions
        on scorecards.scorecard_id = dimensions.scorecard_id
        and scorecards.scorecard_version = dimensions.scorecard_version
    where dimensions.dimension_id is null
),

final as (
    select seed, row_key, problem, mend from negative
    union all
    select seed, row_key, problem, mend from dimension_sums
    union all
    select seed, row_key, problem, mend from signal_sums
    union all
    select seed, row_key, problem, mend from unweighed
    union all
    select seed, row_key, problem, mend from product_sums
    union all
    select seed, row_key, problem, mend from empty_dimensions
    union all
    select seed, row_key, problem, mend from no_dimensions
)

select * from final
