{#- A text without outer blanks; an empty one is null. -#}
{% macro clean_text(column) -%}
    nullif({{ without_outer_blanks('cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')') }}, '')
{%- endmacro %}


{#- A word of a fixed list: cleaned and lower-cased. -#}
{% macro clean_word(column) -%}
    lower({{ clean_text(column) }})
{%- endmacro %}


{#-
    Numbers and dates of which something can be made: not NaN, not infinite, of at most 12 digits
    before the point (so that sums fit), of the years 1900 to 9999. Any other is like none given.
-#}
{% macro clean_number(column, data_type) -%}
    {#- Engines round 1.005 in floating point to 1.00 or to 1.01, and as a decimal to 1.01. -#}
    {%- set number = 'cast(' ~ column ~ ' as decimal(24, 12))'
        if data_type.startswith('decimal') else column -%}
    cast(
        case
            when {{ is_a_number(column) }} and {{ column }} between -999999999999 and 999999999999
                then {{ number }}
        end as {{ data_type }}
    )
{%- endmacro %}


{#-
    Whether it is neither NaN nor infinite. Engines hold both for larger than any number, so that a
    range leaves them out. But DuckDB leaves out the range where the statistics of a Parquet file,
    which know no NaN, say that all values lie in it.
-#}
{% macro is_a_number(column) -%}
    {{ return(adapter.dispatch('is_a_number', 'customer_health')(column)) }}
{%- endmacro %}

{% macro default__is_a_number(column) -%}
    true
{%- endmacro %}

{% macro duckdb__is_a_number(column) -%}
    isfinite(cast({{ column }} as double))
{%- endmacro %}

{% macro clean_date(column) -%}
    {{ known_time(column, 'date') }}
{%- endmacro %}

{% macro clean_time(column) -%}
    {{ known_time(column, 'timestamp') }}
{%- endmacro %}

{% macro known_time(column, data_type) -%}
    case
        when
            cast({{ column }} as date)
            between cast('1900-01-01' as date) and cast('9999-12-31' as date)
            then cast({{ column }} as {{ data_type }})
    end
{%- endmacro %}


{#-
    Why a raw row cannot be used, or null. The rules and their order are those of docs/scoring.md:
    keys and the date come first, then what only this table knows.

    keys        columns that may not be null
    date        the row's date or time; loaded_at and the data clock bound it unless dated_ahead
    owner       a column of the joined owner (account, ticket, invoice) that is null where none is
                staged
    product     the product of the joined catalogue, where there is a catalogue
    invalid     conditions, any of which makes the row invalid
    amounts     columns that may not be negative
-#}
{% macro reject_reason(
    keys, date=none, dated_ahead=false, owner=none, product=none, invalid=[], amounts=[]
) -%}
case
            {%- for key in keys %}
            when {{ key }} is null then 'missing_key'
            {%- endfor %}
            {%- if date %}
            when {{ date }} is null then 'missing_date'
            {%- endif %}
            {%- if date and not dated_ahead %}
            when
                cast({{ date }} as date)
                > coalesce(cast(typed.loaded_at as date), data_clock.clock_day)
                then 'future_date'
            {%- endif %}
            {%- if owner %}
            when {{ owner }} is null then 'unknown_account'
            {%- endif %}
            {%- if product %}
            when typed.product_id is not null and {{ product }} is null then 'unknown_product'
            {%- endif %}
            {%- for condition in invalid %}
            when {{ condition }} then 'invalid_value'
            {%- endfor %}
            {%- for amount in amounts %}
            when {{ amount }} < 0 then 'negative_amount'
            {%- endfor %}
        end
{%- endmacro %}


{#-
    1 for the row that survives among the usable rows of one key: the last loaded, then the largest
    values column by column, so that the choice never depends on the order of the rows.
-#}
{% macro duplicate_rank(keys, columns) -%}
row_number() over (
            partition by
                case when reject_reason is null then 0 else 1 end,
                {{ keys | join(',\n                ') }}
            order by
                case when loaded_at is null then 1 else 0 end,
                loaded_at desc,
            {%- for column in columns %}
                case when {{ column }} is null then 1 else 0 end,
                {{ column }} desc{{ ',' if not loop.last }}
            {%- endfor %}
        )
{%- endmacro %}


{% macro staged_rows(base) -%}
    select * from {{ base }}
    where reject_reason is null and duplicate_rank = 1
{%- endmacro %}
