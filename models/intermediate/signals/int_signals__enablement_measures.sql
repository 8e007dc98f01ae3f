-- What people have learned as measure facts (columns: int_signals__usage_measures).
with trainings as (
    select * from {{ ref('stg_crm__trainings') }}
),

-- A course that the same person completes anew takes the place of the earlier completion (of two at
-- the same moment, of the one that expires first); without a person nobody knows whether it was the
-- same. Who leaves takes along what was learned.
completions as (
    select
        trainings.account_id,
        cast(trainings.completed_at as date) as completed_on,
        cast(trainings.expires_at as date) as expired_on,
        cast(people.left_at as date) as left_on,
        cast(lead(trainings.completed_at) over (
            partition by
                trainings.account_id,
                trainings.user_id,
                trainings.course,
                case when trainings.user_id is null then trainings.training_id end
            order by
                trainings.completed_at,
                case when trainings.expires_at is null then 1 else 0 end,
                trainings.expires_at,
                trainings.training_id
        ) as date) as next_completed_on
    from trainings
    {{ join_people('trainings') }}
    where not {{ is_our_own() }}
),

final as (
    select
        'trainings_valid' as measure_id,
        account_id,
        'all' as product_id,
        completed_on as fact_date,
        cast(null as date) as aging_date,
        least(expired_on, left_on, next_completed_on) as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from completions
)

select * from final
