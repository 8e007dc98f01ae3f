with source as (
    {{ raw_rows('crm', 'calendar_days') }}
),

typed as (
    select
        {{ clean_text('region') }} as region,
        {{ clean_date('calendar_date') }} as calendar_date,
        {{ clean_word('kind') }} as kind,
        coalesce({{ clean_text('name') }}, 'unnamed') as name,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.region', 'typed.calendar_date', 'typed.name'],
            invalid=[
                "typed.kind is null or typed.kind not in ('holiday', 'season')"
            ]
        ) }} as reject_reason
    from typed
),

final as (
    {{ with_fates(
        keys=['region', 'calendar_date', 'name'],
        columns=[
            'kind'
        ]
    ) }}
)

select * from final
