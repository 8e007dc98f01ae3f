"""scripts/summarise_build.py: what it says of a small hand-made warehouse, and its errors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import summarise_build
from lib.validation.verdict import Decision, Status, Verdict
from support.postgres import connect, new_database

pytestmark = pytest.mark.quick

# Five accounts with a score, one of them without name, revenue and owner, and one without a score.
ACCOUNT_HEALTH = """
    create table marts.account_health as
    select
        account_id, account_name, cast('2026-06-27' as date) as as_of_date, health_score, band,
        cast(band_since as date) as band_since, recurring_revenue, owner_id, reason_1, reason_2,
        reason_3, queue_rank,
        case when health_score is null then 'insufficient_data' end as score_reason
    from (
        values
        ('a1', 'Ash', 35.21, 'critical', '2026-06-16', 4000.00, 'csm_1', 'Active days: 2',
         'Oldest: 40', 'c', 1),
        ('a2', null, 62.50, 'at_risk', '2026-06-27', null, null, 'Active days: 5', null, null, 5),
        ('a3', 'Cedar', 50.00, 'at_risk', '2026-05-29', 3000.00, 'csm_2', 'a', 'b', 'c', 2),
        ('a4', 'Elm', 90.00, 'healthy', '2026-03-30', 2000.00, 'csm_2', 'a', 'b', 'c', 3),
        ('a5', 'Fir', 95.00, 'healthy', '2026-03-30', 1000.00, 'csm_2', 'a', 'b', 'c', 4),
        ('a6', 'Oak', cast(null as decimal(9, 4)), 'unknown', '2026-06-25', 10.00, 'csm_1',
         'Not scored: 20 % of the scorecard was observed', null, null, null)
    ) as accounts (
        account_id, account_name, health_score, band, band_since, recurring_revenue, owner_id,
        reason_1, reason_2, reason_3, queue_rank
    )
"""
ACCOUNT_HEALTH_DAILY = """
    create table marts.account_health_daily as
    select account_id, as_of_date from marts.account_health
    union all
    select 'gone' as account_id, cast('2026-06-26' as date) as as_of_date
"""
SOURCE_HEALTH = """
    create table marts.source_health as
    select
        source_id, cast(as_of_date as date) as as_of_date, is_on, is_late, rows_raw,
        rows_raw - rows_duplicate - rows_conflict - missing_key - unknown_account - invalid_value
            as rows_staged,
        rows_duplicate, rows_conflict, missing_key + unknown_account + invalid_value as rows_rejected,
        missing_key as rejected_missing_key, unknown_account as rejected_unknown_account,
        invalid_value as rejected_invalid_value, rows_outside_subscription
    from (
        values
        ('usage_events', '2026-06-26', true, false, 99999, 9, 9, 9, 9, 9, 9),
        ('usage_events', '2026-06-27', true, true, 100000, 40, 3, 5, 100, 7, 12),
        ('accounts', '2026-06-27', true, false, 6, 0, 0, 0, 0, 0, 0),
        ('trainings', '2026-06-27', true, false, 0, 0, 0, 0, 0, 0, 0),
        ('pulses', '2026-06-27', false, false, 0, 0, 0, 0, 0, 0, 0)
    ) as counted (
        source_id, as_of_date, is_on, is_late, rows_raw, rows_duplicate, rows_conflict, missing_key,
        unknown_account, invalid_value, rows_outside_subscription
    )
"""
DATA_FINDINGS = """
    create table marts.data_findings as
    select * from (
        values
        (2, 'b_second', 'invoices', '7 rows of invoices disagree', 'send one of them'),
        (1, 'z_first', 'subscriptions', 'EUR has no rate', 'add a row to exchange_rates'),
        (2, 'b_second', 'accounts', '1 row of accounts disagrees', 'send one of them')
    ) as found (position, finding_id, source_id, says, mend)
"""

TO_MEND = "== what to mend in the data"
MARTS = (ACCOUNT_HEALTH, ACCOUNT_HEALTH_DAILY, SOURCE_HEALTH, DATA_FINDINGS)
PREDICTION = "== does the score predict who leaves?"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "built.duckdb"
    with duckdb.connect(str(path)) as connection:
        for statement in ("create schema marts", *MARTS):
            connection.execute(statement)
    return path


def change(database: Path, statement: str) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(statement)


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """What the command prints, without outer blanks and with single ones inside."""
    status = summarise_build.main(list(arguments))
    printed = capsys.readouterr()
    assert (status, printed.err) == (0, ""), printed.err
    return [" ".join(line.split()) for line in printed.out.splitlines()]


def error(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one message, after making sure that nothing else was printed."""
    status = summarise_build.main(list(arguments))
    printed = capsys.readouterr()
    assert (status, printed.out) == (1, "")
    assert printed.err.startswith("error: ") and "Traceback" not in printed.err
    assert "Mend: " in printed.err
    return printed.err


def test_says_what_was_built_and_who_needs_attention(database, capsys):
    said = lines(capsys, "--database", str(database))
    assert said[0] == "== customer health at the end of 2026-06-27"
    assert f"database: {database}" in said
    assert "scored each day from 2026-06-26 on" in said
    assert "accounts: 6, 5 of them scored, 1 unknown (insufficient_data)" in said
    # The best band first, whatever it is called, and unknown last.
    first = said.index("band accounts revenue a month accounts of unknown revenue")
    assert said[first + 1 : first + 5] == [
        "healthy 2 33 % 3,000 30 % .",
        "at_risk 2 33 % 3,000 30 % 1",
        "critical 1 17 % 4,000 40 % .",
        "unknown 1 17 % 10 0 % .",
    ]
    assert said[first + 5] == "revenue is known of 5 of 6 accounts; the others are ranked by the median"
    assert "sources: 3 of 4 on" in said
    assert {"off: pulses", "late: usage_events", "on and empty: trainings"} <= set(said)
    # Only the last day counts, and only sources of which there is something to say.
    assert (
        "usage_events 100,000 99,845 12 40 3 112 unknown_account 100, invalid_value 7, …" in said
    )
    assert not any(line.startswith("accounts 6") for line in said)
    assert "marts.account_health 6" in said and "marts.source_health 5" in said

    queue = said[said.index("== accounts that need attention most") : said.index(PREDICTION) - 1]
    assert queue[2:6] == [
        "1. Ash (a1): score 35.2, critical since 2026-06-16, 4,000 a month, owner csm_1",
        "- Active days: 2",
        "- Oldest: 40",
        "- c",
    ]
    assert queue[-2:] == [
        "5. a2: score 62.5, at_risk since 2026-06-27, revenue not known, owner not known",
        "- Active days: 5",
    ]


def test_what_to_mend_comes_first_and_in_order(database, capsys):
    said = lines(capsys, "--database", str(database))
    first = said.index(TO_MEND)
    assert first < said.index("band accounts revenue a month accounts of unknown revenue")
    assert said[first + 1 : first + 8] == [
        "1. EUR has no rate",
        "Mend: add a row to exchange_rates",
        "2. 1 row of accounts disagrees",
        "Mend: send one of them",
        "3. 7 rows of invoices disagree",
        "Mend: send one of them",
        "",
    ]


def test_nothing_to_mend_is_said(database, capsys):
    change(database, "delete from marts.data_findings")
    said = lines(capsys, "--database", str(database))
    first = said.index(TO_MEND)
    assert said[first + 1 : first + 3] == ["nothing", ""]


def test_where_all_revenue_is_known_no_column_says_what_is_not(database, capsys):
    change(database, "update marts.account_health set recurring_revenue = 1 where recurring_revenue is null")
    said = lines(capsys, "--database", str(database))
    assert "band accounts revenue a month" in said and not any("median" in line for line in said)


def test_a_name_does_not_steer_the_terminal(database, capsys):
    name = "'É 日\u200d' || chr(27) || '[2J' || chr(10) || chr(8238)"
    change(database, f"update marts.account_health set account_name = {name} where queue_rank = 1")
    said = lines(capsys, "--database", str(database))
    assert any(line.startswith("1. É 日\u200d\\x1b[2J\\n\\u202e (a1): score") for line in said)


@pytest.mark.parametrize(("now", "is_scant"), [(19, True), (20, False)])
def test_a_last_day_with_hardly_any_use_is_pointed_out(database, capsys, now, is_scant):
    """A tenth of the median of four weeks: such is a day that only events dated ahead make one."""
    of_weeks = enumerate((100, 500, 100, 300, now))
    change(database, "delete from marts.source_health where source_id = 'usage_events'")
    for week, events in of_weeks:
        for day, staged in (("-1", 0), ("", events)):
            change(
                database,
                "insert into marts.source_health by name select * replace ("
                f" cast('2026-06-27' as date) - {7 * (4 - week)} {day} as as_of_date,"
                f" 'usage_events' as source_id, {1000 * week + staged} as rows_staged)"
                " from marts.source_health where source_id = 'accounts'",
            )
    said = [line for line in lines(capsys, "--database", str(database)) if "careful" in line]
    expected = f"careful: {now} usage events on that day, and about 200 on the same weekday of the 4 weeks before."
    assert said == ([expected] if is_scant else [])


def test_a_score_of_each_sunday_is_said_and_compared_by_the_week(database, capsys):
    change(database, "delete from marts.source_health where as_of_date <> '2026-06-27'")
    for week in range(1, 6):
        change(
            database,
            "insert into marts.source_health by name select * replace ("
            f" as_of_date - {7 * week} as as_of_date, {500 * (6 - week)} as rows_staged)"
            " from marts.source_health where as_of_date = '2026-06-27'",
        )
    change(
        database,
        "update marts.source_health set rows_staged = 2501"
        " where as_of_date = '2026-06-27' and source_id = 'usage_events'",
    )
    said = lines(capsys, "--database", str(database))
    assert "scored each Sunday from 2026-05-23 on" in said
    assert (
        "careful: 1 usage events in the week to that day, and about 500 in each of the 4 weeks before."
        in said
    )


@pytest.mark.parametrize("status", Status)
def test_the_demo_ends_with_what_it_shows(status: Status):
    decision = Decision(Verdict(status, "…"), pd.DataFrame(), churned_accounts=1_234)
    head, *said = (line.strip() for line in summarise_build.what_the_demo_shows(decision))
    text = " ".join(said)
    assert head == "== what this demo shows"
    assert text.startswith("1,234 customers of this invented company left. The score ")
    is_shown = status == Status.PREDICTIVE
    assert ("The score predicts it" in text) == ("examples/ravenstack" in text) == is_shown
    assert ("is not shown to predict it" in text) == (not is_shown)


def test_without_outcomes_there_is_a_summary_and_no_verdict(database, capsys):
    # What the build of a part of the models leaves behind.
    *_, head, verdict = lines(capsys, "--database", str(database))
    assert head == PREDICTION
    assert verdict.startswith("Could not be judged: ") and "the marts are not built here" in verdict
    assert "Mend: run make build" in verdict


def test_no_dirt_no_table(database, capsys):
    change(database, "delete from marts.source_health where source_id = 'usage_events'")
    said = lines(capsys, "--database", str(database))
    assert "every raw row is in use" in said
    assert not any(line.startswith("raw table") for line in said)


def test_without_a_score_nobody_is_ranked(database, capsys):
    change(
        database,
        "update marts.account_health"
        " set health_score = null, band = 'unknown', queue_rank = null,"
        " score_reason = 'insufficient_data', recurring_revenue = null",
    )
    said = lines(capsys, "--database", str(database))
    assert "accounts: 6, 0 of them scored, 6 unknown (insufficient_data)" in said
    assert "unknown 6 100 % not known 6" in said
    assert said[said.index(PREDICTION) - 2].startswith("== no account has a score")


def test_the_settings_choose_the_database(database, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("HEALTH_TARGET", raising=False)
    monkeypatch.setenv("HEALTH_DB", str(database))
    assert f"database: {database}" in lines(capsys)
    monkeypatch.setenv("HEALTH_DB", str(tmp_path / "none.duckdb"))
    assert "none.duckdb: there is no such database" in error(capsys)
    assert f"database: {database}" in lines(capsys, "--database", str(database))
    monkeypatch.setenv("HEALTH_TARGET", "spark")
    assert "HEALTH_TARGET=spark" in error(capsys)


def test_schema_prefix(database, capsys):
    change(database, "create schema ada_marts")
    for mart in ("account_health", "account_health_daily", "source_health", "data_findings"):
        change(database, f"create table ada_marts.{mart} as select * from marts.{mart}")
        change(database, f"drop table marts.{mart}")
    assert "account_health" in error(capsys, "--database", str(database))
    said = lines(capsys, "--database", str(database), "--schema", "ada_marts")
    assert "ada_marts.account_health 6" in said


def test_no_database_file(tmp_path, capsys):
    message = error(capsys, "--database", str(tmp_path / "no.duckdb"))
    assert "no.duckdb: there is no such database" in message and "make build" in message


def test_not_a_database(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be looked at\n" * 400)
    message = error(capsys, "--database", str(tmp_path / "notes.txt"))
    assert "notes.txt: cannot be opened as a DuckDB database" in message


def test_nothing_built(tmp_path, capsys):
    database = tmp_path / "empty.duckdb"
    change(database, "create schema raw")
    message = error(capsys, "--database", str(database))
    assert "empty.duckdb: the marts are not built here" in message and "make build" in message


def test_built_by_another_version(database, capsys):
    change(database, "alter table marts.account_health drop column queue_rank")
    message = error(capsys, "--database", str(database))
    assert "built by another version" in message and "queue_rank" in message


def test_where_everybody_has_left_nobody_is_shown_as_a_customer(database, capsys):
    change(database, "delete from marts.account_health")
    change(database, "delete from marts.account_health_daily where account_id <> 'gone'")
    said = lines(capsys, "--database", str(database))
    assert said[0] == "== customer health at the end of 2026-06-27"
    [nobody] = [line for line in said if "nobody is a customer" in line]
    assert nobody.endswith("the last scored day with a customer is 2026-06-26.")
    assert not any("revenue a month" in line or "attention" in line for line in said)
    assert "sources: 3 of 4 on" in said and "marts.account_health 0" in said and PREDICTION in said


def test_built_and_nothing_scored(database, capsys):
    for mart in ("account_health", "account_health_daily"):
        change(database, f"delete from marts.{mart}")
    message = error(capsys, "--database", str(database))
    assert "the build made no score" in message and "subscriptions" in message
    # What keeps everybody from a score is among what has to be mended.
    assert message.splitlines()[1:3] == [TO_MEND, "   1. EUR has no rate"]


def test_database_in_use(database, capsys):
    # A process of its own: the lock is between processes.
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()",
            str(database),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline()
        message = error(capsys, "--database", str(database))
    finally:
        holder.communicate(b"\n")
    assert "built.duckdb: another program is writing to it" in message
    assert f"PID {holder.pid}" in message


@pytest.mark.slow
def test_postgres(database, postgres: Mapping[str, str], capsys, monkeypatch):
    settings = new_database(postgres, "summarise_build")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HEALTH_TARGET", "postgres")
    assert "the marts are not built here" in error(capsys)
    with connect(settings) as cursor:
        cursor.execute("create schema marts")
        for statement in MARTS:
            cursor.execute(statement)
    on_postgres = lines(capsys)
    on_duckdb = lines(capsys, "--database", str(database))
    own_words = ("database: ", "Could not be judged: ")
    assert [line for line in on_postgres if not line.startswith(own_words)] == [
        line for line in on_duckdb if not line.startswith(own_words)
    ]
    monkeypatch.setenv("HEALTH_PG_DBNAME", "no_such_database")
    assert "no_such_database" in error(capsys)


def test_help_names_the_settings(capsys):
    with pytest.raises(SystemExit) as end:
        summarise_build.main(["--help"])
    assert end.value.code == 0
    printed = capsys.readouterr().out
    assert "HEALTH_DB" in printed and "HEALTH_PG_" in printed
