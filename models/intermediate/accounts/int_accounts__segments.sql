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
        min(priority) as priority,
        min(scorecard_id) as scorecard_id
    from candidates
    group by account_id, starts_on, segment_id
    having
        min(
            case
                when attribute = 'any' then 1
                when operator = 'is' and word = value then 1
                when operator = 'is_not' and word != value then 1
                when
                    operator = 'in'
                    and {{ dbt.position("'|' || word || '|'", "'|' || value || '|'") }} > 0
                    then 1
                when operator = 'at_least' and number >= bound then 1
                when operator = 'below' and number < bound then 1
                else 0
            end
        ) = 1
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
