{#-
    Who may read what is said by `grants` in dbt_project.yml, which dbt applies to tables and views.
    What dbt leaves out is here: a role also needs the schema, and one that is not there is one
    message.
-#}

{#- Roles that any model or seed, or those of one schema, are granted to. -#}
{% macro grantees(schema=none) -%}
    {%- set roles = [] -%}
    {%- for node in graph.nodes.values()
        if node.resource_type in ('model', 'seed') and schema in (none, node.schema) -%}
        {%- do roles.extend(node.config.grants.get('select', [])) -%}
    {%- endfor -%}
    {{ return(roles | unique | sort) }}
{%- endmacro %}


{#- Runs before every build. -#}
{% macro check_grantees() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed') and grantees() -%}
        {%- do adapter.dispatch('check_roles', 'customer_health')(grantees()) -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__check_roles(roles) -%}{%- endmacro %}

{% macro postgres__check_roles(roles) -%}
    {%- for role in roles -%}
        {%- if not modules.re.match('^[a-z_][a-z0-9_]*$', role) -%}
            {%- do exceptions.raise_compiler_error(
                "The role `" ~ role ~ "` that HEALTH_ROLE_… names is not a plain name. Mend: name a"
                ~ " role of small letters, digits and underscores.") -%}
        {%- endif -%}
        {%- if not run_query("select 1 from pg_roles where rolname = '" ~ role ~ "'").rows -%}
            {%- do exceptions.raise_compiler_error(
                "The role `" ~ role ~ "` that HEALTH_ROLE_… names does not exist on the server."
                ~ " Mend: create role " ~ role ~ " (docs/security.md), or leave the variable"
                ~ " empty.") -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- A setting that does nothing must not look as if it protected anything. -#}
{% macro duckdb__check_roles(roles) -%}
    {%- do exceptions.warn(
        "HEALTH_ROLE_… names " ~ roles | join(', ') ~ ", and DuckDB has no roles: who may read the"
        ~ " file may read all of it. Mend: protect the file, or build on PostgreSQL.") -%}
{%- endmacro %}


{#- Runs after every build, for the schemas that it wrote. -#}
{% macro grant_schema_usage(schemas) -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed') -%}
        {%- for schema in schemas if grantees(schema) -%}
            {%- do adapter.dispatch('grant_usage', 'customer_health')(schema, grantees(schema)) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__grant_usage(schema, roles) -%}
    {%- do run_query("grant usage on schema " ~ schema ~ " to " ~ roles | join(', ')) -%}
{%- endmacro %}

{% macro duckdb__grant_usage(schema, roles) -%}{%- endmacro %}


{#- dbt warns of grants on DuckDB even where they name nobody. -#}
{% macro duckdb__apply_grants(relation, grant_config, should_revoke=true) -%}{%- endmacro %}
