{#-
    Account × day × fingerprint of an input (int_changes__fingerprints).

    input                    name of the model
    columns                  what of it is read
    account_id, change_date  whose the row is, and from which day on it matters, as expressions
    level                    signals, or scores where signals are measured without it
    rows                     what is read instead of the model's own rows
-#}
{% macro fingerprints_of(
    input, change_date, columns=['*'], account_id='account_id', level='signals', rows=none
) -%}
    select
        '{{ input }}' as input_id,
        '{{ level }}' as level_id,
        touched_account_id as account_id,
        change_date,
        cast(sum({{ row_fingerprint('said') }}) as decimal(38, 0)) as fingerprint
    from (
        select
            {{ account_id }} as touched_account_id,
            {{ change_date }} as change_date,
            {{ columns | join(', ') }}
        from {{ rows or ref(input) }}
        where {{ change_date }} is not null
    ) as said
    group by touched_account_id, change_date
{%- endmacro %}


{#-
    The same of rows that end: that a row begins is said without its end, and that it ends is said
    on the first day on which it no longer holds, so that an end changes nothing before it.
-#}
{% macro fingerprints_of_stretches(
    input, change_date, end_date, columns, account_id='account_id', level='signals', rows=none
) -%}
    {{ fingerprints_of(input, change_date, columns, account_id, level, rows) }}
    union all
    {{ fingerprints_of(input ~ '.end', end_date, columns, account_id, level, rows or ref(input)) }}
{%- endmacro %}


{#- In place of an account, where something is said of all: no key begins with a blank. -#}
{% macro everybody() -%}
    ' all accounts'
{%- endmacro %}
