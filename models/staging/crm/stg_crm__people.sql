{{ config(materialized='table', post_hook="{{ refresh_statistics(this) }}") }}

-- People of the accounts that they count for. Where their account becomes another one, or its
-- parent pays, they leave the one and come to the other; what they did before stays behind.
with users as (
    select * from {{ ref('stg_crm__users') }}
),

links as (
    select * from {{ ref('stg_crm__account_links') }}
),

counted as (
    select
        links.counts_for_account_id as account_id,
        {{ counted_user('users') }} as user_id,
        users.account_id as account_of_row,
        users.role,
        users.is_executive_sponsor,
        users.is_champion,
        users.is_internal,
        case
            when
                links.valid_from = cast('1900-01-01' as date)
                or cast(users.created_at as date) >= links.valid_from
                then users.created_at
            else cast(links.valid_from as timestamp)
        end as created_at,
        case
            when
                links.valid_to = cast('9999-12-31' as date)
                or cast(users.left_at as date) <= links.valid_to
                then users.left_at
            else cast({{ add_days('links.valid_to', 1) }} as timestamp)
        end as left_at,
        users.loaded_at
    from users
    inner join links
        on users.account_id = links.account_id
        and coalesce(cast(users.created_at as date), links.valid_from) <= links.valid_to
        and coalesce(cast(users.left_at as date), links.valid_to) >= links.valid_from
),

-- One person under two numbers of an account: the row under the present one counts, and the person
-- came when the first row says.
ranked as (
    select
        *,
        row_number() over (
            partition by account_id, user_id
            order by
                case when account_of_row = account_id then 0 else 1 end,
                case when loaded_at is null then 1 else 0 end,
                loaded_at desc,
                account_of_row
        ) as choice,
        count(*) over (partition by account_id, user_id) as row_count,
        count(created_at) over (partition by account_id, user_id) as dated_row_count,
        min(created_at) over (partition by account_id, user_id) as first_created_at
    from counted
),

-- One of our own people belongs to no account. Where accounts count for another one, their people
-- have other keys, and so has the member of our own staff.
staff as (
    select * from users
    where account_id is null
),

staff_keys as (
    select
        staff.user_id as key_of_row,
        staff.user_id
    from staff
    union
    select
        staff.user_id as key_of_row,
        {{ counted_user('staff') }} as user_id
    from staff
    cross join links
),

final as (
    select
        account_id,
        user_id,
        role,
        is_executive_sponsor,
        is_champion,
        is_internal,
        case when dated_row_count = row_count then first_created_at end as created_at,
        left_at
    from ranked
    where choice = 1
    union all
    select
        staff.account_id,
        staff_keys.user_id,
        staff.role,
        staff.is_executive_sponsor,
        staff.is_champion,
        staff.is_internal,
        staff.created_at,
        staff.left_at
    from staff_keys
    inner join staff on staff_keys.key_of_row = staff.user_id
)

select * from final
