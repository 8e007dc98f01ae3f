"""Rows that hold from a day on: what begins later leaves every day before it as it was."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from reference.scorer import score
from support.arrivals import differing_marts
from support.dbt import run_dbt
from support.every_signal import every_signal
from support.seeds import seeds_with
from support.worlds import MODELS_ONLY, generate_world
from test_reference import differences

SINCE = "2026-05-20"
# By the week, so that spells lie in the scored days, of which milestones are told.
START = date(2025, 6, 1)
VARS = {"health__start_date": str(START), "health__score_cadence": "week"}
# One change of each from a day on.
LATER = {
    "milestones": (
        f"first_use,{SINCE},any,all,1,First use,feature,any,none,at_least,400,7,false",
        f"lasting_use,{SINCE},none,all,5,Use on twelve days,none,none,active_days,at_least,12,90,false",
        f"busy_use,{SINCE},any,all,6,Busy,feature,any,none,at_least,900,1,false",
    ),
    "lifecycle": (
        f"onboarding_days,{SINCE},200,days,longer",
        f"reactivation_gap_days,{SINCE},3,days,shorter",
        f"seat_average_days,{SINCE},5,days,shorter",
        f"renewal_window_days,{SINCE},300,days,longer",
    ),
    "adoption": (f"any,{SINCE},1,1,5",),
    "ticket_severities": (f"low,{SINCE},true", f"urgent,{SINCE},false"),
    "survey_groups": (f"nps,{SINCE},low,0,0", f"nps,{SINCE},high,3,2"),
    "pulse_levels": (f"red,{SINCE},1.5", f"green,{SINCE},0.5"),
    # Nobody is asked often enough for a source of which a row is missed on the first day.
    "sources": (
        f"support_tickets,{SINCE},support_tickets,1,0,7,0,0.9,0",
        f"usage_events,{SINCE},usage_events,3,20,14,0.5,0.9,2",
    ),
}
DAILY = {
    "account_health_daily", "dimension_health_daily", "health_contributions", "product_health_daily",
}  # fmt: skip


class Warehouse:
    """A company that is scored by every signal, built from the seeds that are named."""

    def __init__(self, folder: Path, raw: Path) -> None:
        self.raw, self.folder, self.database = raw, folder, folder / "warehouse.duckdb"

    def build(self, seeds: Path) -> Path:
        run_dbt(
            MODELS_ONLY, raw=self.raw, target_path=self.folder, db=self.database, seeds=seeds, vars=VARS
        )
        return self.database


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Warehouses before the rows were added, after them, and after them from nothing."""
    folder = tmp_path_factory.mktemp("dated_rows")
    raw = generate_world(folder / "raw", seed=8, weeks=60, accounts=30, events=20000)
    rows = dict(every_signal())
    before = seeds_with(folder / "before", rows, shipped=True)
    after = seeds_with(folder / "after", {**rows, **LATER}, shipped=True)
    growing, anew = Warehouse(folder / "growing", raw), Warehouse(folder / "anew", raw)
    for one in (growing, anew):
        one.folder.mkdir()
    kept = folder / "before.duckdb"
    kept.write_bytes(growing.build(before).read_bytes())
    return {
        "raw": raw, "seeds": after, "before": kept,
        "after": growing.build(after), "anew": anew.build(after),
    }  # fmt: skip


def daily_marts(database: Path) -> list[str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "select table_name from information_schema.columns"
            " where table_schema = 'marts' and column_name = 'as_of_date'"
            " group by table_name order by table_name"
        ).fetchall()
        # A mart of the last day alone tells of no day before.
        return [
            name
            for (name,) in found
            if connection.execute(f"select count(distinct as_of_date) from marts.{name}").fetchone()[0] > 1
        ]


def differing_days(built: dict[str, Path], mart: str) -> list[str]:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{built['before']}' as earlier (read_only)")
        connection.execute(f"attach '{built['after']}' as later (read_only)")
        one, other = (f"select * from {name}.marts.{mart}" for name in ("earlier", "later"))
        return [
            str(day)
            for (day,) in connection.execute(
                f"select distinct as_of_date from (({one} except all {other})"
                f" union all ({other} except all {one})) order by 1"
            ).fetchall()
        ]


def test_every_day_before_stays_as_it_was(built):
    marts = daily_marts(built["before"])
    assert set(marts) >= DAILY
    assert not {mart: days for mart in marts if (days := [d for d in differing_days(built, mart) if d < SINCE])}
    for mart in DAILY:
        assert differing_days(built, mart), mart


def test_each_change_of_a_row_is_seen_from_its_day_on(built):
    """Whatever is changed changes a signal or a stage; else the other tests would show nothing of it."""
    seen = {
        "milestones": "milestone_pace", "adoption": "adopted_features", "pulse_levels": "pulse",
        "ticket_severities": "severe_ticket_share", "survey_groups": "nps", "sources": "ticket_rate",
    }  # fmt: skip
    values = "select account_id, as_of_date, product_id, value from marts.health_contributions where signal_id = "
    stages = "select account_id, as_of_date, lifecycle_stage from marts.account_health_daily"
    with (
        duckdb.connect(str(built["before"]), read_only=True) as earlier,
        duckdb.connect(str(built["anew"]), read_only=True) as later,
    ):
        queries = {seed: f"{values} '{signal}'" for seed, signal in seen.items()} | {"lifecycle": stages}
        alike = [
            seed
            for seed, query in queries.items()
            if sorted(earlier.execute(query).fetchall(), key=str)
            == sorted(later.execute(query).fetchall(), key=str)
        ]
    assert not alike


def test_built_on_is_built_anew(built):
    assert differing_marts(built["after"], built["anew"]) == []


def test_the_reference_reads_them_alike(built):
    reference = score(built["raw"], built["seeds"] / "scorecard", start_date=START, cadence="week")
    found = differences(reference, built["anew"])
    assert not found, "\n".join(found[:20])
