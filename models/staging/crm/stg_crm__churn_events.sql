with base as (
    select * from {{ ref('base_crm__churn_events') }}
),

links as (
    {{ links_to_others() }}
),

mergers as (
    select * from {{ ref('base_crm__mergers') }}
    where is_applied
),

lifecycle as (
    select * from {{ ref('stg_scorecard__lifecycle') }}
),

final as (
    select
        {{ counted_key('base', 'churn_event_id') }} as churn_event_id,
        {{ counted_account('base') }} as account_id,
        base.notice_given_on,
        base.ends_on,
        base.reason_code,
        -- Who gave up a number because it became another one did not leave.
        coalesce(
            base.notice_given_on < mergers.merged_on
            and (
                base.ends_on is null
                or {{ add_days('base.ends_on', 'lifecycle.reactivation_gap_days + 1') }}
                >= mergers.merged_on
            ),
            false
        ) as is_merger,
        base.loaded_at
    from base
    -- Whether a gap is too long is said by the setting of its first day.
    inner join lifecycle
        on least(
            {{ add_days('coalesce(base.ends_on, base.notice_given_on)', 1) }},
            cast('9999-12-31' as date)
        ) between lifecycle.valid_from and lifecycle.valid_to
    left join mergers on base.account_id = mergers.account_id
    {{ join_links('base', 'base.notice_given_on') }}
    where base.row_fate = 'staged'
)

select * from final
