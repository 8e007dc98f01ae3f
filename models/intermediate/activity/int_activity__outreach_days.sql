-- Account × day on which a person of ours reached out. Webinars and social contacts speak to many,
-- and a machine's e-mail is nobody's act. Where the direction is not known, nobody is said to have
-- reached out.
with touchpoints as (
    select * from {{ ref('stg_crm__touchpoints') }}
),

final as (
    select
        account_id,
        cast(occurred_at as date) as activity_date,
        count(*) as touchpoints
    from touchpoints
    where direction = 'outbound'
        and kind in ('meeting', 'email', 'call')
        and not is_automated
    group by account_id, cast(occurred_at as date)
)

select * from final
