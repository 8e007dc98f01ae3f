"""Helpers that tests share: running dbt in-process, and a PostgreSQL server of the session's own."""
