-- Account × period: the segment it belongs to, which decides the scorecard.
{%- set attributes = segment_attributes() %}

with periods as (
    select * from {{ ref('int_accounts__periods') }}
),

segments as (
    select * from {{ ref('stg_scorecard__segments') }}
),

candidates as (
    select
        periods.account_id,
        periods.starts_on,
        segments.segment_id,
        segments.priority,
        segments.scorecard_id,
        segments.attribute,
        segments.operator,
        segments.value,
        segments.bound,
        segments.conditions,
        lower(
            case segments.attribute
                {%- for attribute in attributes.text %}
                when '{{ attribute }}' then periods.{{ attribute }}
                {%- endfor %}
            end
        ) as word,
        case segments.attribute
            {%- for attribute in attributes.number %}
            when '{{ attribute }}' then cast(periods.{{ attribute }} as decimal(18, 2))
            {%- endfor %}
        end as number
    from periods
    inner join segments on periods.starts_on between segments.valid_from and segments.valid_to
),

matches as (
    select
        account_id,
        starts_on,
        segment_id,
        priority,
        scorecard_id
    from candidates
    where
        attribute = 'any'
        or (operator = 'is' and word = value)
        or (operator = 'is_not' and word != value)
        or (operator = 'in' and {{ dbt.position("'|' || word || '|'", "'|' || value || '|'") }} > 0)
        or (operator = 'at_least' and number >= bound)
        or (operator = 'below' and number < bound)
    group by
        account_id,
        starts_on,
        segment_id,
        priority,
        scorecard_id,
        conditions
    having count(*) = conditions
),

ranked as (
    select
        account_id,
        starts_on,
        segment_id,
        scorecard_id,
        row_number() over (
            partition by account_id, starts_on
            order by priority, segment_id
        ) as choice
    from matches
),

final as (
    select
        account_id,
        starts_on,
        segment_id,
        scorecard_id
    from ranked
    where choice = 1
)

select * from final
