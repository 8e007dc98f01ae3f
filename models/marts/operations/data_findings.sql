{#- Each is a model int_findings__<subject> with the columns named below. -#}
{%- set subjects = [
    'currencies',
    'rejected_rows',
    'ticket_merges',
    'units',
    'account_links',
    'unmatched',
    'conflicts',
    'overlapping_terms',
    'shared_ids',
    'late_sources',
] %}

with found as (
    {% for subject in subjects -%}
    select
        finding_id,
        source_id,
        row_count,
        account_count,
        example
    from {{ ref('int_findings__' ~ subject) }}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

wordings as (
    select * from {{ ref('stg_scorecard__finding_wordings') }}
),

-- A finding without a wording has a row all the same, and a test that fails.
final as (
    select
        cast(found.finding_id as {{ dbt.type_string() }}) as finding_id,
        cast(found.source_id as {{ dbt.type_string() }}) as source_id,
        cast(wordings.position as integer) as position,
        {%- for words in ['says', 'mend'] %}
        cast({{ with_figures('wordings.' ~ words, 'found') }} as {{ dbt.type_string() }})
            as {{ words }},
        {%- endfor %}
        cast(found.row_count as bigint) as row_count,
        cast(found.account_count as bigint) as account_count,
        cast(found.example as {{ dbt.type_string() }}) as example
    from found
    left join wordings on found.finding_id = wordings.finding_id
)

select * from final
