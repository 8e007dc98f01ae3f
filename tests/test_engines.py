"""The same models on PostgreSQL: every mart equal to DuckDB's, row by row, in both directions."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from support.arrivals import as_of_evening
from support.dbt import PROJECT, failure_text, run_dbt
from support.postgres import connect, new_database
from support.worlds import MODELS_ONLY, World

EARLIER = date(2026, 6, 21)
EVERYTHING = ("build", "--select", "fqn:*")
MARTS = """
    select table_name from information_schema.tables
    where table_schema = 'marts' order by table_name
"""
COLUMNS = """
    select column_name from information_schema.columns
    where table_schema = 'marts' and table_name = '{}' order by column_name
"""


def duckdb_rows(database: Path, query: str) -> Counter:
    with duckdb.connect(str(database), read_only=True) as connection:
        return Counter(connection.execute(query).fetchall())


def postgres_rows(settings: dict[str, str], query: str) -> Counter:
    with connect(settings) as cursor:
        cursor.execute(query)
        return Counter(cursor.fetchall())


def mart_differences(database: Path, settings: dict[str, str]) -> list[str]:
    """What is on one engine and not on the other: marts, columns, and rows as often as they occur."""
    found = []
    marts = duckdb_rows(database, MARTS)
    if marts != postgres_rows(settings, MARTS):
        found.append("the engines have different marts")
    for (mart,) in sorted(marts):
        columns = duckdb_rows(database, COLUMNS.format(mart))
        if columns != postgres_rows(settings, COLUMNS.format(mart)):
            found.append(f"{mart}: the engines have different columns")
            continue
        query = f"select {', '.join(sorted(name for (name,) in columns))} from marts.{mart}"
        here, there = duckdb_rows(database, query), postgres_rows(settings, query)
        found += [f"{mart}: only on DuckDB {row}" for row in (here - there)]
        found += [f"{mart}: only on PostgreSQL {row}" for row in (there - here)]
    return found


def load(raw: Path, settings: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, str(PROJECT / "scripts" / "load_raw.py"), "--from", str(raw)],
        env={**os.environ, **settings}, check=True, capture_output=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def on_postgres(
    postgres: dict[str, str],
    worlds: Callable[[str], World],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """Settings of a database in which the dark world arrived in two parts and was built after each.

    With dbt tests, unit tests among them, in the end. On DuckDB it is built at once, so that both ways are compared as well.
    """
    world = worlds("dark")
    settings = new_database(postgres, "dark")
    folder = tmp_path_factory.mktemp("postgres")
    earlier = as_of_evening(world.raw, folder / "earlier", EARLIER)
    for raw, command in [(earlier, MODELS_ONLY), (world.raw, EVERYTHING)]:
        load(raw, settings)
        run_dbt(
            command,
            raw=raw,
            seeds=world.seeds,
            target="postgres",
            target_path=folder / "target",
            env=settings,
        )
    return settings


def test_marts_are_equal_on_both_engines(
    worlds: Callable[[str], World], on_postgres: dict[str, str]
) -> None:
    database = worlds("dark").database
    (row_count,) = next(iter(duckdb_rows(database, "select count(*) from marts.health_contributions")))
    assert row_count > 10_000, "the world is too small to show anything"
    found = mart_differences(database, on_postgres)
    assert not found, f"{len(found)} differences, such as:\n" + "\n".join(found[:10])


def test_a_difference_between_engines_is_found(
    worlds: Callable[[str], World], on_postgres: dict[str, str]
) -> None:
    """The comparison above can fail: one score that is off by its last place is named on both sides."""
    change = (
        "update marts.account_health set health_score = health_score {} 0.0001 "
        "where account_id = (select min(account_id) from marts.account_health"
        " where health_score is not null)"
    )
    with connect(on_postgres) as cursor:
        cursor.execute(change.format("+"))
    try:
        found = mart_differences(worlds("dark").database, on_postgres)
    finally:
        with connect(on_postgres) as cursor:
            cursor.execute(change.format("-"))
    assert [text.split(" (")[0] for text in found] == [
        "account_health: only on DuckDB", "account_health: only on PostgreSQL",
    ]


def test_a_second_build_refuses_while_another_one_is_at_work(
    on_postgres: dict[str, str], worlds: Callable[[str], World], tmp_path: Path
) -> None:
    world = worlds("dark")
    command = {
        "raw": world.raw, "target": "postgres", "target_path": tmp_path, "env": on_postgres,
    }  # fmt: skip
    with connect(on_postgres) as cursor:
        cursor.execute("set application_name = 'customer_health'")
        with pytest.raises(AssertionError, match="Another build is at work in the database `dark`"):
            run_dbt(("run", "--select", "stg_product__products"), **command)
    run_dbt(("run", "--select", "stg_product__products"), **command)


def test_days_that_csv_has_no_word_for_are_loaded_as_none(
    postgres: dict[str, str], tmp_path: Path
) -> None:
    settings = new_database(postgres, "odd_days")
    days = "('infinity'), ('-infinity'), ('0044-03-15 (BC)'), ('2024-02-29')"
    duckdb.sql(
        "select cast(day as date) as on_day, cast(day as timestamp) as at_time, 1234567.89::float as amount"
        f" from (values {days}) as days (day)"
    ).write_parquet(str(tmp_path / "accounts.parquet"))
    load(tmp_path, settings)
    query = "select on_day::text, at_time::text, amount::text from raw.accounts"
    nothing = (None, None, "1234567.875")
    assert postgres_rows(settings, query) == Counter(
        {nothing: 3, ("2024-02-29", "2024-02-29 00:00:00", "1234567.875"): 1}
    )


def test_times_with_a_zone_are_refused_in_a_session_of_another_zone(
    postgres: dict[str, str], worlds: Callable[[str], World], tmp_path: Path
) -> None:
    """Else days would begin when the server's do."""
    settings = new_database(postgres, "zoned")
    load(worlds("dark").raw, settings)
    with connect(settings) as cursor:
        cursor.execute("alter table raw.users alter column created_at type timestamp with time zone")

    def build(fails: bool) -> str:
        result = run_dbt(
            ("build", "--select", "stg_crm__users", "--exclude-resource-type", "test"),
            raw=worlds("dark").raw, target="postgres", target_path=tmp_path, env=settings, fails=fails,
        )  # fmt: skip
        return failure_text(result)

    # What the staging model reads is not there, but the raw tables are as they should be.
    assert "is timestamp with time zone" not in build(fails=True)
    with connect(settings) as cursor:
        cursor.execute("alter database zoned set timezone = 'America/New_York'")
    said = build(fails=True)
    assert "raw.users.created_at is timestamp with time zone" in said
    assert "zone America/New_York: alter role postgres set timezone = 'UTC'" in said


def test_a_locale_that_knows_ascii_alone_is_warned_of(
    postgres: dict[str, str], worlds: Callable[[str], World], tmp_path: Path
) -> None:
    with connect(postgres) as cursor:
        cursor.execute("create database ascii_alone template template0 locale_provider libc locale 'C'")
    command = ("run", "--select", "stg_product__products", "--warn-error")
    ascii_alone = {**postgres, "HEALTH_PG_DBNAME": "ascii_alone"}
    for settings, is_warned_of in ((ascii_alone, True), (new_database(postgres, "letters"), False)):
        # There are no raw tables, which is what is said where nothing else is.
        result = run_dbt(
            command, raw=worlds("dark").raw, target="postgres", target_path=tmp_path, env=settings,
            fails=True,
        )  # fmt: skip
        assert ("knows small letters of ASCII alone" in failure_text(result)) is is_warned_of
