"""README.md keeps its word: its example company builds, and its queries are those of analyses/."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

import import_raw
import summarise_build
from support.dbt import PROJECT, run_dbt

pytestmark = pytest.mark.quick

README = (PROJECT / "README.md").read_text(encoding="utf-8")
DAYS = 150


def files_in_readme() -> dict[str, str]:
    """Text by path of every file that the README shows: a path on a line, then a block."""
    return dict(re.findall(r"^`([\w/]+\.(?:csv|sql))`\n\n```\w+\n(.*?)^```$", README, re.M | re.S))


def more_clicks() -> list[str]:
    """Half a year of weekdays on which twelve people of customer 1001 come, and one row too many."""
    first = date(2026, 1, 6)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    weekdays = [day for day in days if day.weekday() < 5]
    clicks = [
        f"{day:%m%d}{person},1001,u-{person},{day}T09:{person}:00Z,open_report"
        for day in weekdays
        for person in range(10, 22)
    ]
    return [*clicks, "99,no such customer,u-1,2026-02-02T10:00:00Z,open_report"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The README's files, the clicks continued for long enough to be scored."""
    folder = tmp_path_factory.mktemp("readme")
    for name, text in files_in_readme().items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with (folder / "exports/clicks.csv").open("a", encoding="utf-8") as clicks:
        clicks.write("\n".join(more_clicks()) + "\n")
    return folder


def test_the_readme_shows_three_files_and_their_mapping():
    assert {
        "exports/customers.csv", "exports/contracts.csv", "exports/clicks.csv",
        "my_company/accounts.sql", "my_company/subscriptions.sql", "my_company/usage_events.sql",
    } <= files_in_readme().keys()  # fmt: skip
    for option in ("--mapping my_company", "--from exports", "--to data/my_company"):
        assert option in README


@pytest.mark.slow
def test_the_example_company(folder, capsys):
    """Import and build; one customer is scored, the silent one is critical, the bad row is counted."""
    raw, database = folder / "raw", folder / "warehouse.duckdb"
    places = ["--mapping", folder / "my_company", "--from", folder / "exports", "--to", raw]
    assert import_raw.main([str(place) for place in places]) == 0, capsys.readouterr().err
    run_dbt(
        ["build", "--select", "+account_health", "+source_health", "+data_findings",
         "--exclude-resource-type", "test", "unit_test"],
        raw=raw, target_path=folder / "target", db=database,
    )  # fmt: skip

    with duckdb.connect(str(database), read_only=True) as connection:
        accounts = connection.sql(
            "select account_name, band, health_score, seats, recurring_revenue, owner_id"
            " from marts.account_health order by account_id"
        ).fetchall()
        [(rejected, reason)] = connection.sql(
            "select rows_rejected, rejected_unknown_account from marts.source_health"
            " where source_id = 'usage_events' order by as_of_date desc limit 1"
        ).fetchall()
    scored, silent = accounts
    assert scored[0] == "Harbour Logistics" and scored[1] not in ("unknown", "critical")
    assert 0 < scored[2] < 100
    assert (scored[3], float(scored[4]), scored[5]) == (40, 1800.0, "ode")
    # Who came once and never again is known to the product: silence is observed, and scores nothing.
    assert silent[:3] == ("Fenwick & Daughters", "critical", 0)
    assert (rejected, reason) == (1, 1)

    capsys.readouterr()
    assert summarise_build.main(["--database", str(database)]) == 0
    said = capsys.readouterr().out
    assert "1. Fenwick & Daughters (1002): score 0.0, critical" in said
    assert "2. Harbour Logistics (1001): score " in said and "unknown_account 1" in said


def test_the_queries_are_those_of_the_analyses():
    shown = re.findall(r"\]\((analyses/\w+\.sql)\)\)\n\n.*?```sql\n(.*?)```", README, re.S)
    assert len(shown) == 5
    for path, query in shown:
        text = (PROJECT / path).read_text(encoding="utf-8")
        code = "".join(line + "\n" for line in text.splitlines() if not line.startswith("--"))
        assert re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"marts.\1", code) == query, path


def test_every_path_that_the_readme_names_is_there():
    links = re.findall(r"\]\(((?!https?:)[^)#]+)", README)
    named = re.findall(r"`((?:analyses|scripts|seeds|models|docs|examples|tests)/[\w./]*)`", README)
    missing = {path for path in [*links, *named] if not (PROJECT / path).exists()}
    assert not missing


def test_the_readme_names_every_variable_and_seed():
    profiles = (PROJECT / "profiles.yml").read_text(encoding="utf-8")
    for variable in re.findall(r"env_var\('(HEALTH_\w+)'", profiles):
        # The server's settings stand in one row, the first in full.
        assert variable in README or f"`_{variable.removeprefix('HEALTH_PG_')}`" in README, variable
    project = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    for var in re.findall(r"^  (health__\w+):", project, re.M):
        assert var in README, var
    # What nobody tunes: the words of the registry, and what a script writes.
    not_tuned = {"measures", "scorecard_releases"}
    for path in (PROJECT / "seeds/scorecard").glob("*.csv"):
        assert path.stem in not_tuned or f"`{path.name}`" in README, path.name
