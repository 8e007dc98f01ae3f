-- Kinds of surveys whose scores look as if they were on another scale than the contract's. Those
-- that happen to lie on it mean something else, too, so that no answer of the kind can be used.
with source as (
    {{ raw_rows('support', 'survey_responses') }}
),

scores as (
    select
        'survey_responses' as source_id,
        'score' as column_name,
        {{ clean_word('kind') }} as kind,
        {{ clean_number('score', 'decimal(18, 2)') }} as amount
    from source
),

final as (
    {{ other_units('scores') }}
)

select * from final
