-- depends_on: {{ ref('stg_scorecard__errors') }}

with ticket_severities as (
    select * from {{ ref('ticket_severities') }}
),

final as (
    select
        severity,
        {{ try_date('valid_from') }} as valid_from,
        {{ holds_until('severity') }} as valid_to,
        is_severe = 'true' as is_severe
    from ticket_severities
)

select * from final
