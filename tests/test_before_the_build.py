"""What is refused before anything is built. The Python environment is not made here (make -o venv)."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from dbt.cli.main import dbtRunnerResult

from lib.contract import duckdb_type, read_contract
from support.dbt import PROJECT, failure_text, run_dbt


def raw_data(raw: Path | str) -> subprocess.CompletedProcess[str]:
    settings = {name: value for name, value in os.environ.items() if not name.startswith("HEALTH_")}
    return subprocess.run(
        ["make", "--no-print-directory", "-o", "venv", "raw-data"],
        cwd=PROJECT, env={**settings, "HEALTH_RAW": str(raw)}, capture_output=True, text=True,
    )  # fmt: skip


def test_tables_in_the_database_need_no_files() -> None:
    done = raw_data("none")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_folder_without_files_is_an_error(tmp_path: Path) -> None:
    done = raw_data(tmp_path)
    assert done.returncode != 0
    assert f"error: no Parquet files in {tmp_path}" in done.stderr


@pytest.mark.parametrize(
    "raw, sources, said",
    [
        ("none", "accounts,usage_events", "accounts,usage_events"),
        ("none", "", "the whole contract"),
        ("files", "users", "accounts,invoices,payments"),
    ],
)
def test_the_sources_are_those_of_the_folder_or_those_named(
    tmp_path: Path, raw: str, sources: str, said: str
) -> None:
    """dbt and the summary are replaced by programs that tell what they were given."""
    for file in ("accounts.parquet", "invoices/part.parquet", "payments.parquet/year=2026/part.parquet"):
        path = tmp_path / "files" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("dbt", "python"):
        (tools / name).write_text(f'#!/bin/sh\necho "{name}: $HEALTH_RAW $HEALTH_SOURCES"\n')
        (tools / name).chmod(0o755)
    folder = raw if raw == "none" else str(tmp_path / raw)
    done = subprocess.run(
        ["make", "--no-print-directory", "-o", "venv", "build", f"BIN={tools}", f"RAW={folder}",
         f"DB={tmp_path / 'x.duckdb'}", "SEEDS=seeds"],
        cwd=PROJECT, env={**os.environ, "HEALTH_SOURCES": sources}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert f"   sources: {said}\n" in done.stdout
    given = sources if raw == "none" else said
    assert f"dbt: {folder} {given}\n" in done.stdout


@pytest.mark.parametrize(
    "is_generated, is_demo, asked, cadence, summary",
    [
        (True, True, "", "week", "--demo"),
        (True, True, "day", "day", "--demo"),
        # A company's own files where the demo would lie, and a generated company elsewhere.
        (False, True, "", "", ""),
        (True, False, "", "", ""),
    ],
)
def test_only_the_demo_is_scored_weekly_unasked(
    tmp_path: Path, is_generated: bool, is_demo: bool, asked: str, cadence: str, summary: str
) -> None:
    """dbt and the summary are replaced by programs that tell what they were given."""
    raw, tools = tmp_path / "raw", tmp_path / "bin"
    for folder in (raw, tools):
        folder.mkdir()
    for file in ("accounts.parquet", *(["manifest.json"] if is_generated else [])):
        (raw / file).touch()
    for name in ("dbt", "python"):
        (tools / name).write_text('#!/bin/sh\necho "$HEALTH_SCORE_CADENCE, $*"\n')
        (tools / name).chmod(0o755)
    done = subprocess.run(
        ["make", "--no-print-directory", "-o", "venv", "build", f"BIN={tools}", f"RAW={raw}",
         f"DB={tmp_path / 'x.duckdb'}", "SEEDS=seeds", *([f"DEMO_RAW={raw}"] if is_demo else [])],
        cwd=PROJECT, env={**os.environ, "HEALTH_SCORE_CADENCE": asked}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    *_, build, said = done.stdout.splitlines()
    assert build.startswith(f"{cadence}, build")
    assert said == f"{cadence}, scripts/summarise_build.py {summary}".rstrip()


@pytest.mark.parametrize(
    "env, vars, weekly",
    [("", "", False), ("week", "", True), ("week", "day", False), ("day", "week", True)],
)
def test_the_cadence_is_that_of_the_var_or_of_the_environment(
    tmp_path: Path, env: str, vars: str, weekly: bool
) -> None:
    run_dbt(
        ("compile", "--select", "int_accounts__calendar"),
        raw=tmp_path, target_path=tmp_path / "target",
        env={"HEALTH_SCORE_CADENCE": env}, vars={"health__score_cadence": vars},
    )  # fmt: skip
    [compiled] = tmp_path.rglob("compiled/**/int_accounts__calendar.sql")
    assert ("= 7" in compiled.read_text()) == weekly


@pytest.mark.parametrize("name", ["Marts", "main"])
def test_a_database_is_not_named_like_a_schema(tmp_path: Path, name: str) -> None:
    """It would first be noticed as a table that is not there, in the middle of the build."""
    database = tmp_path / f"{name}.db"
    result = run_dbt(
        ("build",), raw=tmp_path, target_path=tmp_path / "target", db=database, fails=True
    )
    said = failure_text(result)
    assert f"{database.name}, and `{name}` is also a schema" in said
    assert "Mend: choose another file name" in said


def refused(tmp_path: Path, raw: Path | None = None, **vars: object) -> str:
    """What dbt says to a build that does not begin."""
    result = run_dbt(
        ("build", "--select", "stg_crm__accounts"),
        raw=raw or tmp_path,
        target_path=tmp_path / "target",
        vars=vars,
        fails=True,
    )
    return failure_text(result)


def test_a_table_is_a_file_or_a_folder(tmp_path: Path) -> None:
    tables = ("accounts", "subscriptions", "usage_events", "users")
    for file in (*(f"{table}.parquet" for table in tables), "users/part-0.parquet"):
        path = tmp_path / "raw" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql("select 1 as user_id").write_parquet(str(path))
    said = refused(tmp_path, raw=tmp_path / "raw", health__sources=list(tables))
    assert "there is users.parquet and a folder users of Parquet files. Mend: keep one" in said


def test_a_folder_without_any_table_is_named(tmp_path: Path) -> None:
    said = refused(tmp_path, raw=tmp_path / "nowhere")
    assert f"No raw table is in {tmp_path / 'nowhere'}. Mend: name the folder" in said


def test_another_cadence_is_named(tmp_path: Path) -> None:
    said = refused(tmp_path, health__score_cadence="month")
    assert "health__score_cadence (or HEALTH_SCORE_CADENCE) is `month`. Mend: day, or week" in said


@pytest.mark.parametrize("currency", ["US", "US dollars", "$", "EUR'"])
def test_the_base_currency_is_a_code(tmp_path: Path, currency: str) -> None:
    said = refused(tmp_path, health__base_currency=currency)
    assert f"health__base_currency (or HEALTH_BASE_CURRENCY) is `{currency.upper()}`. Mend: " in said


@pytest.mark.parametrize("day", ["2026-02-29", "2026-13-01", "2026-04-31", "1899-12-31"])
def test_a_day_is_one_of_the_calendar(tmp_path: Path, day: str) -> None:
    said = refused(tmp_path, health__as_of_date=day)
    assert f"health__as_of_date is `{day}`, and there is no such day" in said


def test_scoring_does_not_begin_after_it_ends(tmp_path: Path) -> None:
    said = refused(tmp_path, health__start_date="2026-03-01", health__as_of_date="2026-02-28")
    assert "so that no day is scored" in said


def write_empty_tables(folder: Path) -> None:
    """The required raw tables, with every column of the contract and no row."""
    folder.mkdir()
    for table in read_contract(PROJECT).values():
        columns = (
            f"cast(null as {duckdb_type(column.data_type)}) as {column.name}"
            for column in table.columns
        )
        if table.required:
            rows = duckdb.sql(f"select {', '.join(columns)} where false")
            rows.write_parquet(str(folder / f"{table.name}.parquet"))


def test_a_mart_alone_in_a_new_database_is_one_message(tmp_path: Path) -> None:
    write_empty_tables(tmp_path / "raw")
    done = run_dbt(
        ("build", "--select", "account_health"),
        raw=tmp_path / "raw", target_path=tmp_path / "target", fails=True,
    )  # fmt: skip
    message = failure_text(done)
    assert "account_health reads marts.account_health_daily and " in message
    assert "Mend: run make build" in message and "--select +account_health" in message


def freshness(tmp_path: Path, table: str, named: str, fails: bool) -> dbtRunnerResult:
    return run_dbt(
        ("source", "freshness", "--select", f"source:crm.{table}"),
        raw=tmp_path, target_path=tmp_path / "target", env={"HEALTH_SOURCES": named}, fails=fails,
    )  # fmt: skip


def test_a_source_that_is_off_is_not_stale_and_one_that_is_on_has_a_table(tmp_path: Path) -> None:
    freshness(tmp_path, "pulses", "accounts,subscriptions,usage_events", fails=False)
    freshness(tmp_path, "pulses", "", fails=False)
    for table, named in (("pulses", "accounts,pulses"), ("accounts", "")):
        said = failure_text(freshness(tmp_path, table, named, fails=True))
        assert f"source {table}: " in said and "does not exist" in said


def test_a_failed_build_ends_with_what_was_used_up(tmp_path: Path) -> None:
    """dbt is replaced by a program that fails as on a full disk."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "accounts.parquet").touch()
    results = '{"results": [{"unique_id": "model.p.int_x", "message": "No space left on device"}]}'
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, script in (
        ("dbt", f"echo '{results}' > \"$DBT_TARGET_PATH/run_results.json\"; exit 2"),
        ("python", f'exec {sys.executable} "$@"'),
    ):
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    settings = {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")}
    done = subprocess.run(
        ["make", "--no-print-directory", "-o", "venv", "build", f"BIN={tools}",
         f"RAW={tmp_path / 'raw'}", f"DB={tmp_path / 'x.duckdb'}", "SEEDS=seeds"],
        cwd=PROJECT, env={**os.environ, **settings}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode != 0
    assert "error: the disk is full" in done.stderr and "stopped at int_x. Mend: " in done.stderr
