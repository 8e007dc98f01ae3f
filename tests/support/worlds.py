"""Small generated companies, each built once for all tests that want it."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import duckdb

from support.cache import kept
from support.dbt import PROJECT, run_dbt
from support.seeds import seeds_with

MODELS_ONLY = (
    "build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test",
)


# The world of make quick: judged, capped, with churn models and sources that fall silent.
QUICK = "dark"


@dataclass(frozen=True)
class World:
    """A generated company and the DuckDB warehouse built from it."""

    raw: Path
    database: Path
    target: Path
    cadence: str
    seeds: Path
    start_date: date | None = None
    base_currency: str | None = None

    @property
    def vars(self) -> dict[str, str]:
        """What dbt is told of it; what it takes anyway is not said, so that it parses the project once."""
        said = {
            "health__score_cadence": None if self.cadence == "day" else self.cadence,
            "health__start_date": self.start_date and str(self.start_date),
            "health__base_currency": self.base_currency,
        }
        return {name: value for name, value in said.items() if value is not None}


def generate_world(
    out: Path,
    *,
    seed: int,
    weeks: int,
    accounts: int = 30,
    events: int = 15000,
    shape: str = "default",
) -> Path:
    """Write a generated company to `out` and return it; its truth lies beside it."""
    subprocess.run(
        [
            sys.executable, str(PROJECT / "scripts" / "generate_raw.py"), "--quiet",
            "--accounts", str(accounts), "--weeks", str(weeks), "--events", str(events),
            "--seed", str(seed), "--world", shape, "--out", str(out),
        ],
        check=True,
    )
    return out


DATED = {
    "usage_events": "occurred_at", "support_tickets": "opened_at", "ticket_events": "occurred_at",
    "survey_responses": "responded_at", "invoices": "issued_on", "payments": "occurred_on",
    "pulses": "set_at", "touchpoints": "occurred_at",
}  # fmt: skip


def fall_silent(raw: Path, table: str, since: str, until: str) -> None:
    """Take out the rows of a raw table that are dated from one day to another."""
    file = raw / f"{table}.parquet"
    kept = file.with_suffix(".kept")
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * from '{file}' where {DATED[table]} is null or"
            f" cast({DATED[table]} as date) not between '{since}' and '{until}')"
            f" to '{kept}' (format parquet)"
        )
    kept.replace(file)


def come_every(raw: Path, table: str, days: int) -> None:
    """Date the rows of a raw table by the first day of the period of so many days that they fall in."""
    file = raw / f"{table}.parquet"
    moved = file.with_suffix(".moved")
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * replace (time_bucket(interval {days} days, {DATED[table]})::timestamp"
            f" as {DATED[table]}) from '{file}') to '{moved}' (format parquet)"
        )
    moved.replace(file)


def edit(raw: Path, table: str, statement: str) -> None:
    """Change a raw table by a statement about the relation `rows`."""
    file = raw / f"{table}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table rows as from '{file}'")
        connection.execute(statement)
        connection.execute(f"copy rows to '{file}' (format parquet)")


@cache
def built_world(
    name: str,
    *,
    seed: int,
    weeks: int,
    cadence: str = "day",
    off: tuple[str, ...] = (),
    rows: tuple[tuple[str, tuple[str, ...]], ...] = (),
    silences: tuple[tuple[str, str, str], ...] = (),
    rhythms: tuple[tuple[str, int], ...] = (),
    edits: tuple[tuple[str, str], ...] = (),
    shipped: bool = True,
    start_date: date | None = None,
    base_currency: str | None = None,
    **size: int | str,
) -> World:
    """Generate a company and build its models on DuckDB, or find it built in an earlier run.

    `name` is for people. `off` are raw tables to leave out, `rows` pairs of a scorecard seed and the CSV
    lines to add to it, `silences` tables with the days, from and to, of which they have no row,
    `rhythms` tables with the number of days from one delivery to the next, `edits` tables and statements
    that change their `rows`; `shipped` says whether the scorecards are those of the project or only their first versions; `start_date` is the first day to
    score, `base_currency` the currency that needs no rate; `size` goes to generate_world. Who only
    reads may read a world at once; who writes copies what it changes.
    """
    asked = dict(locals())
    own = rows or not shipped

    def world_in(folder: Path) -> World:
        return World(
            folder / "raw",
            folder / "warehouse.duckdb",
            folder / "target",
            cadence,
            folder / "seeds" if own else PROJECT / "seeds",
            start_date,
            base_currency,
        )

    def fill(folder: Path) -> None:
        world = world_in(folder)
        generate_world(world.raw, seed=seed, weeks=weeks, **size)
        for table in off:
            (world.raw / f"{table}.parquet").unlink()
        for silence in silences:
            fall_silent(world.raw, *silence)
        for rhythm in rhythms:
            come_every(world.raw, *rhythm)
        for one_edit in edits:
            edit(world.raw, *one_edit)
        if own:
            seeds_with(world.seeds, dict(rows), shipped)
        run_dbt(
            MODELS_ONLY,
            raw=world.raw,
            target_path=world.target,
            db=world.database,
            seeds=world.seeds if own else None,
            vars=world.vars,
        )

    return world_in(kept(name, asked, fill))


def built_again(
    world: World, folder: Path, *selected: str, raw: Path | None = None, seeds: Path | None = None
) -> Path:
    """A copy of a world's warehouse in which what is selected is built from other seeds or raw tables."""
    database = shutil.copy(world.database, folder / world.database.name)
    run_dbt(
        (*MODELS_ONLY, "--select", *selected),
        raw=raw or world.raw,
        target_path=folder / "target",
        db=database,
        seeds=seeds or world.seeds,
        vars=world.vars,
    )
    return database
