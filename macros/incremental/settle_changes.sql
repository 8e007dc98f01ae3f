{#- The fingerprints of the last finished build, as a relation; none before the first one. -#}
{% macro settled_relation() -%}
    {{ return(adapter.get_relation(
        database=this.database, schema=this.schema, identifier='int_changes__settled'
    )) }}
{%- endmacro %}


{#-
    The same; none, too, where a table that was built then is gone, as if nothing had been built.
-#}
{% macro settled_fingerprints() -%}
    {%- set missing = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'model' and node.config.materialized == 'incremental'
            and not adapter.get_relation(
                database=node.database, schema=node.schema, identifier=node.alias
            ) -%}
            {%- do missing.append(node.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(none if missing else settled_relation()) }}
{%- endmacro %}


{#-
    Runs before every build. A model that is written whole needs whole inputs, and some hold only
    what the changes of this run need.
-#}
{% macro check_full_refresh() -%}
    {%- if execute and flags.WHICH in ('build', 'run') and flags.FULL_REFRESH -%}
        {%- set left_out = [] -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'model' and node.unique_id not in selected_resources
            and (node.config.materialized == 'incremental' or 'int_changes__' in node.name) -%}
            {%- do left_out.append(node.name) -%}
        {%- endfor -%}
        {%- set chosen = [] -%}
        {%- for node in graph.nodes.values()
            if node.unique_id in selected_resources and node.resource_type == 'model'
            and node.config.materialized == 'incremental' -%}
            {%- do chosen.append(node.name) -%}
        {%- endfor -%}
        {%- if chosen and left_out -%}
            {%- do exceptions.raise_compiler_error(
                "--full-refresh is asked for " ~ chosen[0] ~ " without " ~ left_out[0] ~ ", and"
                ~ " incremental models rest on each other. Mend: leave out --select and --exclude,"
                ~ " or --full-refresh.") -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- Before anything is computed from what changed: nothing equals an open fingerprint. -#}
{% macro mark_as_open(changed_days) -%}
    {%- if settled_relation() -%}
    insert into {{ settled_relation() }} (
        input_id, level_id, account_id, change_date, fingerprint
    )
    select input_id, level_id, account_id, change_date, cast(-1 as decimal(38, 0))
    from {{ changed_days }}
    {%- endif -%}
{%- endmacro %}


{#-
    After a run that built all incremental models from fingerprints of its own: from now on only
    what differs from these is computed. A run that was killed, that failed or that left a model out
    settles nothing, so that the next one computes once more what it may have left half done.
-#}
{% macro settle_changes(results) -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set built = results | selectattr('status', 'equalto', 'success')
            | map(attribute='node.unique_id') | list -%}
        {%- set wanted = [] -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- if node.config.materialized == 'incremental'
                or node.name in (
                    'int_changes__event_days', 'int_changes__fingerprints',
                    'int_changes__changed_days'
                ) -%}
                {%- do wanted.append(node.unique_id) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if wanted | reject('in', built) | list | length == 0 -%}
            {%- set fingerprints = graph.nodes.values()
                | selectattr('name', 'equalto', 'int_changes__fingerprints') | first -%}
            {%- set settled = fingerprints.schema ~ '.int_changes__settled' -%}
            {#- Killed between these two, the next run computes once more what is missing. -#}
            {%- if adapter.get_relation(
                database=fingerprints.database, schema=fingerprints.schema,
                identifier='int_changes__settled'
            ) -%}
                {%- do run_query(
                    "delete from " ~ settled ~ " where input_id not in ('"
                    ~ events_rolled_up() | join("', '") ~ "') or change_date in (select change_date"
                    ~ " from " ~ fingerprints.schema ~ ".int_changes__event_days)"
                ) -%}
                {%- do run_query(
                    "insert into " ~ settled ~ " select * from " ~ fingerprints.schema
                    ~ ".int_changes__fingerprints"
                ) -%}
            {%- else -%}
                {%- do run_query(
                    "create table " ~ settled ~ " as select * from " ~ fingerprints.schema
                    ~ ".int_changes__fingerprints"
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
