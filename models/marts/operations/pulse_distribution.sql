with pulses as (
    select * from {{ ref('int_activity__pulses') }}
),

pulse_levels as (
    select value from {{ ref('stg_scorecard__pulse_levels') }}
    group by value
),

daily as (
    select * from {{ ref('account_health_daily') }}
),

-- With a score a week, the judgement stands beside the score that was there when it was made.
scored_before as (
    select
        calendar_date,
        max(case when is_scored then calendar_date end) over (
            order by calendar_date
        ) as last_scored_on
    from {{ ref('int_accounts__calendar') }}
),

judgements as (
    select
        pulses.author_id,
        pulses.value,
        pulses.account_id,
        daily.data_score
    from pulses
    left join scored_before on pulses.set_on = scored_before.calendar_date
    left join daily
        on pulses.account_id = daily.account_id
        and scored_before.last_scored_on = daily.as_of_date
),

authors as (
    select
        author_id,
        count(*) as author_pulses
    from judgements
    group by author_id
),

company as (
    select
        value,
        count(*) as value_pulses
    from judgements
    group by value
),

everybody as (
    select count(*) as all_pulses from judgements
),

counts as (
    select
        author_id,
        value,
        count(*) as pulses,
        count(distinct account_id) as accounts,
        count(data_score) as scored_pulses,
        avg({{ as_double('data_score') }}) as mean_data_score
    from judgements
    group by author_id, value
),

-- A value that an author never gives is a finding, and has a row.
final as (
    select
        cast(authors.author_id as {{ dbt.type_string() }}) as author_id,
        cast(pulse_levels.value as {{ dbt.type_string() }}) as pulse_value,
        cast(coalesce(counts.pulses, 0) as bigint) as pulses,
        cast(coalesce(counts.accounts, 0) as bigint) as accounts,
        {{ to_decimal(
            as_double('coalesce(counts.pulses, 0)') ~ ' / authors.author_pulses', 9, 4
        ) }} as share,
        {{ to_decimal(
            as_double('coalesce(company.value_pulses, 0)') ~ ' / everybody.all_pulses', 9, 4
        ) }} as company_share,
        cast(coalesce(counts.scored_pulses, 0) as bigint) as scored_pulses,
        {{ to_decimal('counts.mean_data_score', 9, 2) }} as mean_data_score
    from authors
    cross join pulse_levels
    cross join everybody
    left join company on pulse_levels.value = company.value
    left join counts
        on authors.author_id = counts.author_id
        and pulse_levels.value = counts.value
)

select * from final
