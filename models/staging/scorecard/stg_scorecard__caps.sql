-- depends_on: {{ ref('stg_scorecard__errors') }}

-- The risk caps of each version, inheritance resolved. A cap at 100 takes nothing away: that is how
-- a version leaves out one that it inherits.
with caps as (
    select * from {{ ref('base_scorecard__risk_caps') }}
),

signals as (
    select
        signal_id,
        family
    from {{ ref('signals') }}
),

-- A band ends where the next one begins: its highest score is the last one before that.
band_tops as (
    select
        scorecard_id,
        scorecard_version,
        band_id,
        case
            when
                upper_bound = max(upper_bound) over (
                    partition by scorecard_id, scorecard_version
                )
                then upper_bound
            else upper_bound - 0.0001
        end as top
    from {{ ref('base_scorecard__bands') }}
),

resolved as (
    select
        caps.scorecard_id,
        {{ try_integer('caps.scorecard_version') }} as scorecard_version,
        caps.cap_id,
        caps.signal_id,
        signals.family = 'judgement' as is_judgement,
        caps.operator,
        caps.value as bound,
        cast(
            case
                when band_tops.top < caps.max_score then band_tops.top
                else caps.max_score
            end as decimal(9, 4)
        ) as max_score,
        caps.label,
        caps.rule_level
    from caps
    inner join signals on caps.signal_id = signals.signal_id
    left join band_tops
        on caps.scorecard_id = band_tops.scorecard_id
        and caps.scorecard_version = band_tops.scorecard_version
        and caps.max_band = band_tops.band_id
),

final as (
    select * from resolved
    where max_score < 100
)

select * from final
