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
    ambiguous   a condition under which nobody knows which of several owners is meant
    product     the product of the joined catalogue, where there is a catalogue
    invalid     conditions, any of which makes the row invalid
    amounts     columns that may not be negative
-#}
{% macro reject_reason(
    keys, date=none, dated_ahead=false, owner=none, ambiguous=none, product=none, invalid=[],
    amounts=[]
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
            {%- if ambiguous %}
            when {{ ambiguous }} then 'ambiguous_account'
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
    What becomes of each checked row: `row_fate` is rejected, staged, duplicate or conflict. Of the
    usable rows of a key one is staged: the last loaded, then the one with the largest values column
    by column, so that the choice never depends on the order of the rows. Of rows that say the same
    all but one are duplicates; what says something else than the staged row is in conflict with it.

    Where loads do not tell which of several rows is the last, they disagree and nobody knows which
    is right: the row is staged without the columns of `unknown` (column: columns of which one
    disagrees makes it unknown), and not at all where a column of `refused` disagrees.

    conflict_reason  superseded   a row that was loaded later is used
                     refused      no row of the key is used
                     in_part      one row is used, without what disagrees
                     one_kept     one row is used
-#}
{% macro with_fates(keys, columns, unknown={}, refused=[], relation='checked') -%}
    {%- if unknown == 'each' -%}
        {%- set unknown = dict(zip(columns, columns | batch(1))) -%}
    {%- endif -%}
    {%- set watched = (unknown.values() | sum(start=[]) + refused) | unique | list -%}
    {%- set of_key = 'partition by is_usable, ' ~ keys | join(', ') -%}
    select
        {%- for column in keys + columns %}
        {%- if column in unknown %}
        case
            when row_fate != 'staged' then {{ column }}
            when {{ agree(unknown[column]) }} then {{ column }}
        end as {{ column }},
        {%- else %}
        {{ column }},
        {%- endif %}
        {%- endfor %}
        loaded_at,
        reject_reason,
        row_fate,
        case
            when row_fate != 'conflict' then null
            {%- if refused %}
            when not ({{ agree(refused) }}) then 'refused'
            {%- endif %}
            when not is_last_load then 'superseded'
            {%- if unknown %}
            when not ({{ agree(unknown.values() | sum(start=[]) | unique) }}) then 'in_part'
            {%- endif %}
            else 'one_kept'
        end as conflict_reason
    from (
        select
            *,
            case
                when reject_reason is not null then 'rejected'
                when content_copy > 1 then 'duplicate'
                {%- if refused %}
                when not ({{ agree(refused) }}) then 'conflict'
                {%- endif %}
                when copy_number = 1 then 'staged'
                else 'conflict'
            end as row_fate
        from (
            select
                *,
                {%- for column in watched %}
                case count(case when is_last_load then {{ column }} end) over ({{ of_key }})
                    when 0 then true
                    when count(case when is_last_load then 1 end) over ({{ of_key }})
                        then
                            min(case when is_last_load then {{ column }} end) over ({{ of_key }})
                            = max(case when is_last_load then {{ column }} end) over ({{ of_key }})
                    else false
                end as {{ column }}_agrees,
                {%- endfor %}
                row_number() over ({{ of_key }}, content_number order by copy_number)
                    as content_copy
            from (
                select
                    *,
                    loaded_at is null
                    or coalesce(loaded_at = max(loaded_at) over ({{ of_key }}), true)
                        as is_last_load,
                    row_number() over (
                        {{ of_key }}
                        order by
                            case when loaded_at is null then 1 else 0 end,
                            loaded_at desc,
                            {{ largest_first(columns) }}
                    ) as copy_number,
                    dense_rank() over (
                        {{ of_key }}
                        order by {{ largest_first(columns) }}
                    ) as content_number
                from (
                    select
                        *,
                        case when reject_reason is null then 1 else 0 end as is_usable
                    from {{ relation }}
                ) as told
            ) as ordered
        ) as compared
    ) as judged
{%- endmacro %}

{% macro agree(columns) -%}
    {%- for column in columns -%}
        {{ column }}_agrees{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro largest_first(columns) -%}
    {%- for column in columns -%}
        case when {{ column }} is null then 1 else 0 end,
        {{- ' ' ~ column }} desc{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro staged_rows(base) -%}
    select * from {{ base }}
    where row_fate = 'staged'
{%- endmacro %}


{#- Raw rows that are not used, as typed, with the reason: reject_reason or conflict_reason. -#}
{% macro rows_left_out(source_name, table_name, reason, base=none) -%}
    {%- set relation = ref(base or 'base_' ~ source_name ~ '__' ~ table_name) -%}
    select
        {%- for table in health_contract() if table.name == table_name %}
        {%- for column in table.columns %}
        {{ column }},
        {%- endfor %}
        {%- endfor %}
        {{ reason }}
    from {{ relation }}
    where {{ reason }} is not null
{%- endmacro %}
