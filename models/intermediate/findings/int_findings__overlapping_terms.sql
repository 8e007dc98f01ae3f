-- Terms of one subscription item that overlap: the later one ended the earlier. Where most ends
-- are the first day of the next term, the source means the day before.
with subscriptions as (
    {{ staged_rows(ref('base_billing__subscriptions')) }}
),

ends as (
    select
        sum(case when ends_on_next_start then 1 else 0 end) as meant_as_exclusive,
        sum(case when is_cut_short or ends_before_next_start then 1 else 0 end) as followed
    from subscriptions
),

cut_short as (
    select
        subscriptions.account_id,
        subscriptions.ends_on_next_start
        and 2 * ends.meant_as_exclusive > ends.followed as looks_exclusive
    from subscriptions
    cross join ends
    where subscriptions.is_cut_short
),

things as (
    select
        'ends_look_exclusive' as finding_id,
        'subscriptions' as source_id,
        1 as row_count,
        account_id,
        account_id as example
    from cut_short
    where looks_exclusive
    union all
    select
        'terms_overlap' as finding_id,
        'subscriptions' as source_id,
        1 as row_count,
        account_id,
        account_id as example
    from cut_short
    where not looks_exclusive
),

final as (
    {{ findings_of('things') }}
)

select * from final
