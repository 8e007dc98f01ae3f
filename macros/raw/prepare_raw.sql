{#-
    Runs before every build: makes the raw tables readable and holds them against the contract, so
    that a missing file or column is one clear message and not an error of some later model.
-#}
{% macro prepare_raw() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'snapshot', 'test') -%}
        {%- do check_vars() -%}
        {%- do adapter.dispatch('check_database', 'customer_health')() -%}
        {%- do check_health_sources() -%}
        {%- do adapter.dispatch('attach_raw', 'customer_health')() -%}
        {%- do check_raw_contract() -%}
    {%- endif -%}
{%- endmacro %}


{% macro check_health_sources() -%}
    {%- set known = health_contract() | map(attribute='name') | list -%}
    {%- for name in health_sources() if name not in known -%}
        {%- do exceptions.raise_compiler_error(
            "health__sources (or HEALTH_SOURCES) names `" ~ name ~ "`, which is no table of the raw"
            ~ " contract. Mend: use one of " ~ known | join(', ') ~ ".") -%}
    {%- endfor -%}
    {%- for table in health_contract() if table.meta.required and not source_is_on(table.name) -%}
        {%- do exceptions.raise_compiler_error(
            "The source `" ~ table.name ~ "` is switched off, and without it there is nothing to"
            ~ " score. Mend: add it to health__sources (or HEALTH_SOURCES).") -%}
    {%- endfor -%}
{%- endmacro %}


{% macro default__check_database() -%}{%- endmacro %}


{#- DuckDB names a database after its file and could not tell marts.account_health from a table. -#}
{% macro duckdb__check_database() -%}
    {%- set schemas = ['main', var('health__raw_schema') | lower] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed') -%}
        {%- do schemas.append(node.schema | lower) -%}
    {%- endfor -%}
    {%- if target.database | lower in schemas -%}
        {%- do exceptions.raise_compiler_error(
            "HEALTH_DB (make: DB) names the file " ~ target.path ~ ", and `" ~ target.database
            ~ "` is also a schema, which DuckDB cannot tell apart. Mend: choose another file name,"
            ~ " such as my_company.duckdb.") -%}
    {%- endif -%}
{%- endmacro %}


{#- Words are compared without case, which some locales know of ASCII alone. -#}
{% macro postgres__check_database() -%}
    {%- if not run_query("select lower(chr(196)) = chr(228)").rows[0][0] -%}
        {%- do exceptions.warn(
            "The locale of the database `" ~ target.dbname ~ "` knows small letters of ASCII alone,"
            ~ " so that Ä and ä are two words. Mend: create it as docs/security.md says.") -%}
    {%- endif -%}
{%- endmacro %}


{#- Raw tables are tables of the warehouse: nothing to do. -#}
{% macro default__attach_raw() -%}{%- endmacro %}


{#-
    On DuckDB raw data are Parquet files, one or a folder of parts a table, shown as views of the
    schema raw. A folder may be called like a file, as Spark does, and hold folders. Parts that
    differ have all columns together, in types that hold what is in all of them, so that the
    contract is held against every part and not against the first.
-#}
{% macro duckdb__attach_raw() -%}
    {%- set folder = var('health__raw_dir') or env_var('HEALTH_RAW', 'data/raw') -%}
    {%- if folder == 'none' -%}{{ return('') }}{%- endif -%}
    {%- set quoted = folder | replace("'", "''") | replace('[', '[[]') | replace('*', '[*]')
        | replace('?', '[?]') -%}
    {%- do run_query("create schema if not exists " ~ var('health__raw_schema')) -%}
    {%- set tables = health_contract() | selectattr('name', 'in', health_sources()) | list -%}
    {%- set looked_up = [] -%}
    {%- for table in tables -%}
        {%- for ending in ['.parquet', '.parquet/**/*.parquet', '/**/*.parquet'] -%}
            {%- do looked_up.append(
                "select '" ~ table.name ~ "' as name, '" ~ ending ~ "' as ending from (select 1"
                ~ " from glob('" ~ quoted ~ '/' ~ table.name ~ ending ~ "') limit 1)") -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set there = run_query(looked_up | join(' union all ')).rows -%}
    {%- set missing = [] -%}
    {%- for table in tables -%}
        {%- set endings = there | selectattr('name', 'equalto', table.name)
            | map(attribute='ending') | list -%}
        {#- What is a folder is no file, whatever glob says where the path has a bracket. -#}
        {%- if '.parquet/**/*.parquet' in endings -%}
            {%- set endings = endings | reject('equalto', '.parquet') | list -%}
        {%- endif -%}
        {%- if endings | length > 1 -%}
            {%- do exceptions.raise_compiler_error(
                "In " ~ folder ~ " there is " ~ table.name ~ ".parquet and a folder " ~ table.name
                ~ " of Parquet files. Mend: keep one of them.") -%}
        {%- elif endings -%}
            {#- A folder above called key=value is no column. -#}
            {%- do run_query(
                "create or replace view " ~ table.schema ~ "." ~ table.name
                ~ " as select * from read_parquet('" ~ quoted ~ '/' ~ table.name ~ endings[0]
                ~ "', union_by_name = true, hive_partitioning = false)") -%}
        {%- else -%}
            {%- do missing.append(table.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if missing | length == health_sources() | length -%}
        {%- do exceptions.raise_compiler_error(
            "No raw table is in " ~ folder ~ ". Mend: name the folder of the Parquet files"
            ~ " (HEALTH_RAW; docs/raw_contract.md).") -%}
    {%- elif missing -%}
        {%- set present = health_sources() | reject('in', missing) | list -%}
        {%- do exceptions.raise_compiler_error(
            "No Parquet file in " ~ folder ~ " for: " ~ missing | join(', ') ~ ". Mend: write "
            ~ folder ~ "/" ~ missing[0] ~ ".parquet (docs/raw_contract.md), or switch what you do"
            ~ " not have off: HEALTH_SOURCES=" ~ present | join(',')) -%}
    {%- endif -%}
{%- endmacro %}


{#- Every column of the contract is there, in a type that casts without loss of meaning. -#}
{% macro check_raw_contract() -%}
    {%- set problems = [] -%}
    {%- for table in health_contract() if source_is_on(table.name) -%}
        {%- set relation = api.Relation.create(
            database=table.database, schema=table.schema, identifier=table.identifier) -%}
        {%- set found = {} -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do found.update({column.name | lower: column.dtype | lower}) -%}
        {%- endfor -%}
        {%- if not found -%}
            {%- do problems.append(
                table.schema ~ "." ~ table.name
                ~ " does not exist: load it, or switch the source off in health__sources") -%}
        {%- else -%}
            {%- for column in table.columns.values() if column.name not in found -%}
                {%- do problems.append(
                    table.schema ~ "." ~ table.name ~ " lacks the column " ~ column.name
                    ~ " (" ~ column.data_type ~ "): add it"
                    ~ ("" if column.meta.required else ", all null if you do not have it")) -%}
            {%- endfor -%}
            {%- for column in table.columns.values()
                if found.get(column.name) == 'timestamp with time zone'
                and session_zone() not in ('UTC', 'Etc/UTC', 'Etc/UCT', 'UCT', 'Zulu', 'GMT') -%}
                {%- do problems.append(
                    table.schema ~ "." ~ table.name ~ "." ~ column.name
                    ~ " is " ~ found[column.name]
                    ~ ", which would be read in the session's zone " ~ session_zone()
                    ~ ": alter role " ~ target.user ~ " set timezone = 'UTC'") -%}
            {%- endfor -%}
            {#- A column that is all null may have no type. -#}
            {%- for column in table.columns.values() if column.name in found
                and type_family(found[column.name])
                not in ('"null"', type_family(column.data_type)) -%}
                {%- do problems.append(
                    table.schema ~ "." ~ table.name ~ "." ~ column.name
                    ~ " is " ~ found[column.name] ~ ", the contract says " ~ column.data_type
                    ~ ": cast it where you load it") -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error(
            "The raw tables do not keep the contract (docs/raw_contract.md):\n  "
            ~ problems | join('\n  ')) -%}
    {%- endif -%}
{%- endmacro %}


{#- The zone in which a session reads a time with a zone; DuckDB's is set by its profile. -#}
{% macro session_zone() -%}
    {{ return(adapter.dispatch('session_zone', 'customer_health')()) }}
{%- endmacro %}

{% macro default__session_zone() -%}
    {{ return('UTC') }}
{%- endmacro %}

{% macro postgres__session_zone() -%}
    {{ return(run_query("select current_setting('TimeZone')").rows[0][0]) }}
{%- endmacro %}


{#-
    Types whose values mean the same belong to one family; staging sees to those that do not fit. A
    type that is in no list is a family of its own, and so never the contract's.
-#}
{% macro type_family(data_type) -%}
    {%- if data_type.endswith(']') -%}{{ return('array') }}{%- endif -%}
    {%- set name = (data_type | lower).split('(')[0] | trim -%}
    {%- set families = {
        'text': [
            'string', 'text', 'varchar', 'character varying', 'char', 'character', 'bpchar', 'uuid',
            'enum'
        ],
        'number': [
            'tinyint', 'smallint', 'integer', 'int', 'bigint', 'hugeint', 'utinyint', 'usmallint',
            'uinteger', 'ubigint', 'uhugeint', 'decimal', 'numeric', 'real', 'float', 'double',
            'double precision', 'byte', 'short', 'long'
        ],
        'boolean': ['bool', 'boolean'],
        'timestamp': ['datetime'],
    } -%}
    {%- for family, names in families.items() if name in names -%}
        {{ return(family) }}
    {%- endfor -%}
    {{ return('timestamp' if name.startswith('timestamp') else name) }}
{%- endmacro %}
