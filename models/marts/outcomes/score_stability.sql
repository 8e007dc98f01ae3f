-- Everything is counted in cells of accounts with like points first, so that the rest is small.
with observed as (
    select * from {{ ref('int_outcomes__observed_points') }}
),

limits as (
    select * from {{ ref('stg_scorecard__drift_limits') }}
),

binned as (
    select
        observed.*,
        -- What was not observed has a bin of its own, and 100 points belong to the last bin.
        case
            when observed.points is null then -1
            else
                least(
                    floor({{ as_double('observed.points * limits.bins') }} / 100),
                    limits.bins - 1
                )
        end as bin
    from observed
    cross join limits
),

cells as (
    select
        scorecard_id,
        scorecard_id as own_scorecard_id,
        scorecard_version,
        item_kind,
        item_id,
        observation_date,
        bin,
        count(*) as accounts,
        sum(points) as points
    from binned
    group by scorecard_id, scorecard_version, item_kind, item_id, observation_date, bin
),

scoped_cells as (
    select
        scorecard_id,
        own_scorecard_id,
        scorecard_version,
        item_kind,
        item_id,
        observation_date,
        bin,
        accounts,
        points
    from cells
    union all
    select
        'all' as scorecard_id,
        own_scorecard_id,
        scorecard_version,
        item_kind,
        item_id,
        observation_date,
        bin,
        accounts,
        points
    from cells
),

observed_dates as (
    select
        scorecard_id,
        item_kind,
        item_id,
        observation_date,
        row_number() over (
            partition by scorecard_id, item_kind, item_id
            order by observation_date
        ) as date_number
    from scoped_cells
    where points is not null
    group by scorecard_id, item_kind, item_id, observation_date
),

spans as (
    select
        observed_dates.scorecard_id,
        observed_dates.item_kind,
        observed_dates.item_id,
        min(observed_dates.observation_date) as first_reference_date,
        max(observed_dates.observation_date) as last_reference_date
    from observed_dates
    inner join limits on observed_dates.date_number <= limits.reference_months
    group by observed_dates.scorecard_id, observed_dates.item_kind, observed_dates.item_id
),

-- A version that the reference does not know gives other points to an account that did not change.
versions as (
    select
        scorecard_id,
        own_scorecard_id,
        scorecard_version,
        item_kind,
        item_id,
        min(observation_date) as known_from
    from scoped_cells
    group by scorecard_id, own_scorecard_id, scorecard_version, item_kind, item_id
),

spanned_cells as (
    select
        cells.*,
        cells.observation_date <= spans.last_reference_date as is_reference,
        case
            when versions.known_from > spans.last_reference_date then cells.accounts
            else 0
        end as new_version_accounts
    from scoped_cells as cells
    inner join spans
        on cells.scorecard_id = spans.scorecard_id
        and cells.item_kind = spans.item_kind
        and cells.item_id = spans.item_id
        and cells.observation_date >= spans.first_reference_date
    inner join versions
        on cells.scorecard_id = versions.scorecard_id
        and cells.own_scorecard_id = versions.own_scorecard_id
        and cells.scorecard_version = versions.scorecard_version
        and cells.item_kind = versions.item_kind
        and cells.item_id = versions.item_id
),

reference_periods as (
    select
        spans.scorecard_id,
        spans.item_kind,
        spans.item_id,
        spans.first_reference_date,
        spans.last_reference_date,
        count(distinct observed.account_id) as reference_accounts
    from spans
    inner join observed
        on spans.scorecard_id in ('all', observed.scorecard_id)
        and spans.item_kind = observed.item_kind
        and spans.item_id = observed.item_id
        and observed.observation_date between spans.first_reference_date
        and spans.last_reference_date
    group by
        spans.scorecard_id,
        spans.item_kind,
        spans.item_id,
        spans.first_reference_date,
        spans.last_reference_date
),

months as (
    select
        scorecard_id,
        item_kind,
        item_id,
        observation_date
    from spanned_cells
    where not is_reference
    group by scorecard_id, item_kind, item_id, observation_date
),

-- Each month beside the reference.
compared as (
    select
        scorecard_id,
        item_kind,
        item_id,
        observation_date,
        bin,
        accounts,
        points,
        new_version_accounts,
        0 as reference_rows,
        cast(null as decimal(9, 4)) as reference_points
    from spanned_cells
    where not is_reference
    union all
    select
        months.scorecard_id,
        months.item_kind,
        months.item_id,
        months.observation_date,
        cells.bin,
        0 as accounts,
        cast(null as decimal(9, 4)) as points,
        0 as new_version_accounts,
        cells.accounts as reference_rows,
        cells.points as reference_points
    from months
    inner join spanned_cells as cells
        on months.scorecard_id = cells.scorecard_id
        and months.item_kind = cells.item_kind
        and months.item_id = cells.item_id
    where cells.is_reference
),

bins as (
    select
        scorecard_id,
        item_kind,
        item_id,
        observation_date,
        bin,
        {{ as_double('sum(accounts)') }} as accounts,
        sum(points) as points,
        sum(new_version_accounts) as new_version_accounts,
        {{ as_double('sum(reference_rows)') }} as reference_rows,
        sum(reference_points) as reference_points
    from compared
    group by scorecard_id, item_kind, item_id, observation_date, bin
),

-- Bins that hold somebody now or in the reference get half a row more, so that none is empty.
shares as (
    select
        *,
        (accounts + 0.5) / sum(accounts + 0.5) over (
            partition by scorecard_id, item_kind, item_id, observation_date
        ) as share_now,
        (reference_rows + 0.5) / sum(reference_rows + 0.5) over (
            partition by scorecard_id, item_kind, item_id, observation_date
        ) as share_before
    from bins
),

sums as (
    select
        scorecard_id,
        item_kind,
        item_id,
        observation_date,
        sum((share_now - share_before) * ln(share_now / share_before)) as stability_index,
        count(*) - 1 as free_bins,
        sum(accounts) as accounts,
        sum(case when bin < 0 then accounts else 0 end) as not_observed,
        sum(new_version_accounts) as new_version_accounts,
        {{ as_double('sum(points)') }} as points,
        sum(reference_rows) as reference_rows,
        sum(case when bin < 0 then reference_rows else 0 end) as reference_not_observed,
        {{ as_double('sum(reference_points)') }} as reference_points
    from shares
    group by scorecard_id, item_kind, item_id, observation_date
),

measured as (
    select
        sums.observation_date,
        sums.scorecard_id,
        sums.item_kind,
        sums.item_id,
        sums.accounts,
        reference_periods.reference_accounts,
        reference_periods.first_reference_date,
        reference_periods.last_reference_date,
        {{ to_decimal('sums.stability_index', 9, 6) }} as stability_index,
        {{ to_decimal(
            'sums.free_bins * (1 / sums.accounts + 1 / '
            ~ as_double('reference_periods.reference_accounts') ~ ')', 9, 6
        ) }} as index_by_chance,
        {{ to_decimal('sums.points / nullif(sums.accounts - sums.not_observed, 0)', 9, 4) }}
            as mean_points,
        {{ to_decimal(
            'sums.reference_points / (sums.reference_rows - sums.reference_not_observed)', 9, 4
        ) }} as reference_mean_points,
        {{ to_decimal('sums.not_observed / sums.accounts', 9, 6) }} as not_observed_share,
        {{ to_decimal('sums.reference_not_observed / sums.reference_rows', 9, 6) }}
            as reference_not_observed_share,
        {{ to_decimal('sums.new_version_accounts / sums.accounts', 9, 6) }} as new_version_share
    from sums
    inner join reference_periods
        on sums.scorecard_id = reference_periods.scorecard_id
        and sums.item_kind = reference_periods.item_kind
        and sums.item_id = reference_periods.item_id
),

final as (
    select
        cast(measured.observation_date as date) as observation_date,
        cast(measured.scorecard_id as {{ dbt.type_string() }}) as scorecard_id,
        cast(measured.item_kind as {{ dbt.type_string() }}) as item_kind,
        cast(measured.item_id as {{ dbt.type_string() }}) as item_id,
        cast(
            case
                when
                    measured.stability_index
                    <= greatest(limits.question_above, measured.index_by_chance)
                    then 'stable'
                when measured.stability_index <= limits.shift_above then 'ask_why'
                else 'another_population'
            end as {{ dbt.type_string() }}
        ) as stability,
        measured.stability_index,
        measured.index_by_chance,
        cast(limits.question_above as decimal(18, 6)) as question_above,
        cast(limits.shift_above as decimal(18, 6)) as shift_above,
        cast(measured.accounts as bigint) as accounts,
        cast(measured.reference_accounts as bigint) as reference_accounts,
        cast(measured.first_reference_date as date) as first_reference_date,
        cast(measured.last_reference_date as date) as last_reference_date,
        measured.mean_points,
        measured.reference_mean_points,
        measured.not_observed_share,
        measured.reference_not_observed_share,
        measured.new_version_share
    from measured
    cross join limits
)

select * from final
