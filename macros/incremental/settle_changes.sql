{#- The fingerprints of the last finished build, as a relation; none before the first one. -#}
{% macro settled_relation() -%}
    {%- if execute -%}
        {%- set fingerprints = model_named('int_changes__fingerprints') -%}
        {{ return(adapter.get_relation(
            database=fingerprints.database, schema=fingerprints.schema,
            identifier='int_changes__settled'
        )) }}
    {%- endif -%}
{%- endmacro %}


{#-
    The same; none, too, where a table that was built then is gone, as if nothing had been built.
-#}
{% macro settled_fingerprints() -%}
    {%- set missing = [] -%}
    {%- for node in incremental_models()
        if not adapter.get_relation(
            database=node.database, schema=node.schema, identifier=node.alias
        ) -%}
        {%- do missing.append(node.name) -%}
    {%- endfor -%}
    {{ return(none if missing else settled_relation()) }}
{%- endmacro %}


{% macro model_named(name) -%}
    {{ return(graph.nodes.values()
        | selectattr('resource_type', 'equalto', 'model')
        | selectattr('name', 'equalto', name) | first) }}
{%- endmacro %}

{% macro incremental_models() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'model' and node.config.materialized == 'incremental' -%}
            {%- do found.append(node) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{#-
    Models and every model that one of them is made of; what is ephemeral is part of those that read
    it, and no run can leave it out.
-#}
{% macro with_what_they_take(nodes) -%}
    {%- set found = nodes | list -%}
    {%- set ids = found | map(attribute='unique_id') | list -%}
    {#- Both lists grow while they are walked. -#}
    {%- for node in found -%}
        {%- for id in node.depends_on.nodes if id.startswith('model.') and id not in ids -%}
            {%- do ids.append(id) -%}
            {%- do found.append(graph.nodes[id]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found | rejectattr('config.materialized', 'equalto', 'ephemeral') | list) }}
{%- endmacro %}


{#-
    Runs before every build. A model that is written whole, because of --full-refresh or because it
    has no table, needs whole inputs, and some hold only what the changes of a run need.
-#}
{% macro check_whole_models() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set whole = [] -%}
        {%- for node in incremental_models() if node.unique_id in selected_resources -%}
            {%- set relation = adapter.get_relation(
                database=node.database, schema=node.schema, identifier=node.alias
            ) -%}
            {%- if flags.FULL_REFRESH or not relation or relation.type != 'table' -%}
                {%- do whole.append(node) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set needed = incremental_models() if whole and flags.FULL_REFRESH else whole -%}
        {%- set left_out = [] -%}
        {%- for node in with_what_they_take(needed)
            if node.unique_id not in selected_resources and node.config.materialized != 'view' -%}
            {%- do left_out.append(node.name) -%}
        {%- endfor -%}
        {%- if left_out and flags.FULL_REFRESH -%}
            {%- do exceptions.raise_compiler_error(
                "--full-refresh is asked for " ~ whole[0].name ~ " without " ~ left_out[0]
                ~ ", and incremental models rest on each other. Mend: leave out --select and"
                ~ " --exclude, or --full-refresh.") -%}
        {%- elif left_out -%}
            {%- do exceptions.raise_compiler_error(
                whole[0].name ~ " has no table and would be written whole, and this run leaves out "
                ~ left_out[0] ~ ", of which there may be only what the last run needed. Mend: leave"
                ~ " out --select and --exclude, or select +" ~ whole[0].name ~ ".") -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#-
    Before anything is computed from what changed, as a list of input, level, account and day:
    nothing equals an open fingerprint.
-#}
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
    The same before a run that computes days without asking what changed, because models that say so
    were left out: the days of the last run.
-#}
{% macro mark_what_is_computed_unasked() -%}
    {%- if execute and flags.WHICH in ('build', 'run') and settled_relation()
        and incremental_models() | selectattr('unique_id', 'in', selected_resources) | list -%}
        {%- for name, columns in [
            ('int_changes__event_days', '*'),
            ('int_changes__changed_days', '*'),
            ('int_changes__touched_accounts',
                "'touched' as input_id, 'signals' as level_id, account_id,"
                ~ " least(scores_from, coalesce(rebuild_from, scores_from)) as change_date")
        ] -%}
            {%- set changes = model_named(name) -%}
            {%- set relation = adapter.get_relation(
                database=changes.database, schema=changes.schema, identifier=changes.alias
            ) -%}
            {%- if relation and changes.unique_id not in selected_resources -%}
                {%- call statement('mark', auto_begin=true) -%}
                {{ mark_as_open('(select ' ~ columns ~ ' from ' ~ relation ~ ') as unasked') }}
                {%- endcall -%}
                {%- do adapter.commit() -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{#- What differs: both say it alike where it is there twice, and is not open. -#}
{% macro differs() -%}
        count(*) = 1
        or min(fingerprint) != max(fingerprint)
        or max(case when fingerprint = -1 then 1 else 0 end) = 1
{%- endmacro %}


{#-
    After a run that built all incremental models and all that they are made of: from now on only
    what differs from these fingerprints is computed. A run that was killed, that failed or that
    left a model out settles nothing, so that the next one computes once more what it may have left
    half done. Views may be left out where no model was edited, since they hold nothing.
-#}
{% macro settle_changes(results) -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set built = results | selectattr('status', 'equalto', 'success')
            | map(attribute='node.unique_id') | list -%}
        {%- set left_out = with_what_they_take(incremental_models())
            | rejectattr('unique_id', 'in', built) | list -%}
        {%- set tables = left_out | rejectattr('config.materialized', 'equalto', 'view') | list -%}
        {%- if not tables and (not left_out or models_are_as_settled()) -%}
            {%- set schema = model_named('int_changes__fingerprints').schema -%}
            {%- set said = schema ~ '.int_changes__fingerprints' -%}
            {%- set settled = schema ~ '.int_changes__settled' -%}
            {#- In one transaction, so that nothing that was settled is forgotten. -#}
            {%- call statement('settle', auto_begin=true) -%}
                {%- if settled_relation() %}
                delete from {{ settled }}
                where
                    input_id not in ('{{ events_rolled_up() | join("', '") }}')
                    or change_date in (
                        select change_date from {{ schema }}.int_changes__event_days
                    );
                insert into {{ settled }} select * from {{ said }}
                {%- else %}
                create table {{ settled }} as select * from {{ said }}
                {%- endif %}
            {%- endcall -%}
            {%- do adapter.commit() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro models_are_as_settled() -%}
    {%- set found = run_query(
        "select 1 as found from " ~ settled_relation() ~ " where input_id = 'models'"
        ~ " and fingerprint = " ~ models_fingerprint()
    ) if settled_relation() else none -%}
    {{ return(found and found.rows | length > 0) }}
{%- endmacro %}
