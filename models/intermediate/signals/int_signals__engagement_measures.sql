-- Contacts and relationships as measure facts (columns: int_signals__usage_measures).
{%- set daily_sums = {
    'two_way_contacts': 'is_two_way',
    'sponsor_contacts': 'is_two_way and is_with_sponsor',
    'meetings_held': 'is_held_meeting',
    'invitations': 'attended is not null',
    'invitations_attended': 'attended',
    'marketing_interactions': "is_engaged and kind in ('email', 'webinar', 'social')",
} %}
{%- set people = {'sponsors': 'is_executive_sponsor', 'champions': 'is_champion'} %}

with touchpoints as (
    select * from {{ ref('int_activity__touchpoints') }}
),

users as (
    select
        account_id,
        user_id,
        is_executive_sponsor,
        is_champion,
        coalesce(cast(created_at as date), cast('1900-01-01' as date)) as present_from,
        -- Who leaves on a day is gone at its end.
        cast(left_at as date) as left_on
    from {{ ref('stg_crm__people') }}
    where not is_internal
),

advocacy_events as (
    select
        account_id,
        kind,
        cast(occurred_at as date) as occurred_on
    from {{ ref('stg_crm__advocacy_events') }}
    where polarity = 'positive'
),

contact_days as (
    select
        account_id,
        {%- for measure, condition in daily_sums.items() %}
        sum(case when {{ condition }} then 1 else 0 end) as {{ measure }},
        {%- endfor %}
        occurred_on
    from touchpoints
    group by account_id, occurred_on
),

person_days as (
    select
        account_id,
        user_id,
        occurred_on
    from touchpoints
    where is_engaged and user_id is not null
    group by account_id, user_id, occurred_on
),

role_days as (
    select
        account_id,
        role,
        occurred_on
    from touchpoints
    where is_engaged and role is not null
    group by account_id, role, occurred_on
),

-- Use that goes on as ever says nothing about the relationship; somebody or something new does.
signs_of_life as (
    select
        account_id,
        occurred_on
    from touchpoints
    where is_engaged
    union all
    select
        account_id,
        opened_on as occurred_on
    from {{ ref('int_activity__tickets') }}
    union all
    select
        account_id,
        min(activity_date) as occurred_on
    from {{ ref('int_activity__user_days') }}
    where user_id is not null
    group by account_id, user_id
    union all
    select
        account_id,
        min(activity_date) as occurred_on
    from {{ ref('int_activity__feature_days') }}
    group by account_id, product_id, feature_key
),

life_days as (
    select
        account_id,
        occurred_on
    from signs_of_life
    group by account_id, occurred_on
),

-- Whoever left, and since when another of the same standing has been there.
{%- for people_name, flag in people.items() %}
{{ people_name }}_who_left as (
    select
        leavers.account_id,
        leavers.user_id,
        leavers.left_on,
        min(
            case
                when successors.present_from > leavers.left_on then successors.present_from
                when successors.user_id is not null then leavers.left_on
            end
        ) as followed_on
    from users as leavers
    left join users as successors
        on leavers.account_id = successors.account_id
        and successors.{{ flag }}
        and (
            successors.left_on is null
            or (
                successors.left_on > leavers.left_on
                and successors.left_on > successors.present_from
            )
        )
    where leavers.{{ flag }} and leavers.left_on is not null
    group by leavers.account_id, leavers.user_id, leavers.left_on
),
{% endfor %}
final as (
    {%- for measure in daily_sums %}
    select
        '{{ measure }}' as measure_id,
        account_id,
        'all' as product_id,
        occurred_on as fact_date,
        occurred_on as aging_date,
        cast(null as date) as until_date,
        cast({{ measure }} as decimal(18, 2)) as quantity
    from contact_days
    where {{ measure }} > 0

    union all
    {% endfor %}
    select
        'engaged_contacts' as measure_id,
        account_id,
        'all' as product_id,
        occurred_on as fact_date,
        occurred_on as aging_date,
        lead(occurred_on) over (
            partition by account_id, user_id
            order by occurred_on
        ) as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from person_days

    union all

    select
        'engaged_roles' as measure_id,
        account_id,
        'all' as product_id,
        occurred_on as fact_date,
        occurred_on as aging_date,
        lead(occurred_on) over (
            partition by account_id, role
            order by occurred_on
        ) as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from role_days

    union all

    select
        'signs_of_life' as measure_id,
        account_id,
        'all' as product_id,
        occurred_on as fact_date,
        occurred_on as aging_date,
        cast(null as date) as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from life_days

    union all

    select
        'advocacy_events' as measure_id,
        account_id,
        'all' as product_id,
        occurred_on as fact_date,
        occurred_on as aging_date,
        cast(null as date) as until_date,
        cast(count(*) as decimal(18, 2)) as quantity
    from advocacy_events
    group by account_id, occurred_on

    union all

    select
        'referrals' as measure_id,
        account_id,
        'all' as product_id,
        occurred_on as fact_date,
        occurred_on as aging_date,
        cast(null as date) as until_date,
        cast(count(*) as decimal(18, 2)) as quantity
    from advocacy_events
    where kind = 'referral'
    group by account_id, occurred_on

    union all

    select
        'sponsors_on_record' as measure_id,
        account_id,
        'all' as product_id,
        present_from as fact_date,
        cast(null as date) as aging_date,
        left_on as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from users
    where is_executive_sponsor
    {%- for people_name in people %}

    union all

    select
        '{{ people_name }}_left' as measure_id,
        account_id,
        'all' as product_id,
        left_on as fact_date,
        left_on as aging_date,
        cast(null as date) as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from {{ people_name }}_who_left

    union all

    select
        '{{ people_name }}_gone' as measure_id,
        account_id,
        'all' as product_id,
        left_on as fact_date,
        cast(null as date) as aging_date,
        followed_on as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from {{ people_name }}_who_left
    {%- endfor %}
)

select * from final
