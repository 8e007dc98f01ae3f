"""A warehouse that is built as its data arrive ends in the rows of one that is built at once."""

import multiprocessing
import os
import random
import re
import shutil
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from lib.benchmark.seeds import write_seeds
from support.arrivals import Edit, as_of_evening, differing_marts
from support.dbt import PROJECT, raw_tables, run_dbt
from support.seeds import seeds_with
from support.worlds import MODELS_ONLY, generate_world

START = date(2026, 5, 31)
CARD = "standard,3,2026-06-02,{status},standard,2,0.4,0.4,2,7,5,tests,begins midway"
WEIGHTS = ("standard,3,usage,24", "standard,3,engagement,30")
# The shipped scorecards, with a version that begins midway, or with a shadow that weighs another signal.
SEEDS = {
    "shipped": {},
    "version": {"scorecards": (CARD.format(status="live"),), "dimensions": WEIGHTS},
    "shadow": {
        "scorecards": (CARD.format(status="shadow"),),
        "scorecard_signals": (
            "standard,3,satisfaction,csat_latest,40,csat", "standard,3,satisfaction,nps,10,nps",
        ),
    },
    "four bands": {
        "scorecards": (CARD.format(status="live"),),
        "bands": (
            "standard,3,critical,0,40", "standard,3,at_risk,40,60", "standard,3,fair,60,80",
            "standard,3,healthy,80,100",
        ),
    },
}

# What may happen to rows that had arrived already.
EDITS: dict[str, tuple[Edit, ...]] = {
    "events loaded late": (
        ("usage_events", "delete from rows where hash(event_id) % 9 = 0 and loaded_at > '2026-05-10'"),
    ),
    "events corrected": (
        (
            "usage_events",
            "update rows set quantity = quantity + 1, occurred_at = occurred_at - interval 3 day"
            " where hash(event_id) % 41 = 1",
        ),
    ),
    "events loaded twice": (
        ("usage_events", "insert into rows from rows where hash(event_id) % 13 = 2"),
        (
            "usage_events",
            "insert into rows select * replace (loaded_at + interval 1 hour as loaded_at, 7 as quantity)"
            " from rows where hash(event_id) % 13 = 3",
        ),
    ),
    "rows deleted": (
        ("usage_events", "delete from rows where hash(event_id) % 17 = 4"),
        ("support_tickets", "delete from rows where hash(ticket_id) % 5 = 0"),
        ("payments", "delete from rows where hash(payment_id) % 7 = 0"),
        ("churn_events", "delete from rows"),
        ("accounts", "delete from rows where account_id = 'acc_000003'"),
    ),
    "tickets corrected": (
        ("support_tickets", "update rows set severity = 'high', kind = 'defect' where hash(ticket_id) % 2 = 0"),
        ("survey_responses", "update rows set score = 0 where hash(response_id) % 4 = 0"),
    ),
    "people change": (
        ("users", "update rows set is_internal = true where hash(user_id) % 19 = 5"),
        ("users", "update rows set is_champion = true, role = 'admin' where hash(user_id) % 19 = 6"),
    ),
    "contracts change": (
        ("subscriptions", "update rows set seats = seats + 40 where hash(subscription_id) % 3 = 0"),
        ("subscriptions", "update rows set ends_on = '2026-05-20' where hash(subscription_id) % 11 = 1"),
        ("accounts", "update rows set plan = 'enterprise' where hash(account_id) % 6 = 2"),
        ("entitlements", "delete from rows where hash(entitlement_id) % 8 = 3"),
    ),
    "accounts count for others": (
        (
            "accounts",
            "update rows set merged_into_account_id = 'acc_000028', merged_on = date '2026-05-25'"
            " where account_id = 'acc_000027'",
        ),
        ("subscriptions", "delete from rows where account_id = 'acc_000030'"),
        ("accounts", "update rows set parent_account_id = 'acc_000026' where account_id = 'acc_000030'"),
    ),
    "catalogue and calendar change": (
        ("product_features", "update rows set is_key_feature = not is_key_feature where hash(feature_key) % 3 = 0"),
        (
            "calendar_days",
            "insert into rows select * replace (date '2026-06-03' as calendar_date) from rows limit 1",
        ),
    ),
}  # fmt: skip
LATE_SOURCES = ("survey_responses", "pulses")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("arriving")
    return generate_world(folder / "raw", seed=11, weeks=26, accounts=30, events=10000)


class Warehouse:
    """One warehouse, built again and again from what has arrived."""

    def __init__(self, folder: Path, raw: Path) -> None:
        self.folder, self.raw, self.arrived = folder, raw, folder
        self.database = folder / "warehouse.duckdb"
        self.seeds: Path | None = None
        self.models: Path | None = None
        self.built_with: tuple[Path | None, list[str]] | None = None
        self.builds = 0

    def arrive(
        self, day: int, edits: Sequence[str] = (), without: Sequence[str] = (), seeds: str = "shipped"
    ) -> None:
        """The raw tables, and the scorecards, as they stand some days after START."""
        self.builds += 1
        chosen = [edit for name in edits for edit in EDITS[name]]
        self.arrived = as_of_evening(
            self.raw, self.folder / f"raw_{self.builds}", START + timedelta(days=day), chosen, without
        )
        self.seeds = self.folder / f"seeds_{seeds}" if seeds != "shipped" else PROJECT / "seeds"
        if not self.seeds.exists():
            seeds_with(self.seeds, SEEDS[seeds], shipped=True)

    def build(self, *args: str, database: Path | None = None, **vars: str) -> Path:
        database = database or self.database
        # With the same seeds and sources, views and seeds say what they said: a third of the nodes.
        settings = (self.seeds, raw_tables(self.arrived))
        known: tuple[str, ...] = ()
        if database == self.database:
            if settings == self.built_with:
                known = ("--exclude", "config.materialized:view", "resource_type:seed")
            self.built_with = settings
        run_dbt(
            (*MODELS_ONLY, *known, *args),
            raw=self.arrived,
            target_path=self.folder / "target",
            db=database,
            seeds=self.seeds,
            models=self.models,
            vars=vars,
        )
        return database

    def built_at_once(self) -> Path:
        """Another warehouse, built from nothing."""
        database = self.folder / "at_once" / self.database.name
        database.parent.mkdir(exist_ok=True)
        database.unlink(missing_ok=True)
        return self.build(database=database)


def touched_dates(database: Path) -> int:
    with duckdb.connect(str(database), read_only=True) as connection:
        query = "select count(*) from intermediate.int_changes__touched_dates"
        return connection.execute(query).fetchall()[0][0]


def test_day_by_day_and_week_by_week_ends_as_at_once(company: Path, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path, company)
    edits: list[str] = ["events loaded late"]
    warehouse.arrive(0, edits, without=LATE_SOURCES)
    warehouse.build()
    whole = touched_dates(warehouse.database)

    warehouse.arrive(1, edits, without=LATE_SOURCES)
    warehouse.build()
    # A day like any other is not an excuse to compute the history again.
    assert 0 < touched_dates(warehouse.database) < whole / 4

    edits = ["events loaded twice", "events corrected", "tickets corrected", "people change"]
    warehouse.arrive(2, edits, without=LATE_SOURCES)
    warehouse.build()
    # The third day is skipped; then two days come at once, with deletions and a new source.
    edits += ["rows deleted", "contracts change", "accounts count for others"]
    warehouse.arrive(4, edits)
    warehouse.build()
    assert differing_marts(warehouse.database, warehouse.built_at_once()) == []

    warehouse.arrive(5, edits, seeds="version")
    warehouse.build()
    # A week at once, and all that had been deleted is there again.
    warehouse.arrive(12, ["catalogue and calendar change"], seeds="version")
    warehouse.build()
    warehouse.arrive(19, ["catalogue and calendar change"], seeds="version")
    warehouse.build()
    at_once = warehouse.built_at_once()
    assert differing_marts(warehouse.database, at_once) == []

    # Nothing has arrived: there is nothing to compute, and what is right stays so.
    warehouse.build()
    assert touched_dates(warehouse.database) == 0
    assert differing_marts(warehouse.database, at_once) == []


STEP = st.tuples(
    st.integers(0, 4),
    st.sets(st.sampled_from(sorted(EDITS)), max_size=3),
    st.booleans(),
    st.sampled_from(["shadow", "shipped", "version"]),
    st.sampled_from(["day", "week"]),
)


@given(steps=st.lists(STEP, min_size=2, max_size=4))
@settings(
    max_examples=int(os.environ.get("INCREMENTAL_EXAMPLES", "2")),
    deadline=None,
    database=None,
    derandomize=True,
    # What fails takes a minute to run: no search for the smallest example.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_any_schedule_ends_as_at_once(
    company: Path,
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[int, set[str], bool, str, str]],
) -> None:
    """Days pass, or none; edits come and are taken back; so are sources, versions and the cadence."""
    warehouse = Warehouse(tmp_path_factory.mktemp("schedule"), company)
    day = 0
    note(f"{steps}")
    for days, edits, has_all, seeds, cadence in steps:
        day += days
        warehouse.arrive(day, sorted(edits), () if has_all else LATE_SOURCES, seeds)
        warehouse.build(health__score_cadence=cadence)
    database = warehouse.folder / "at_once" / warehouse.database.name
    database.parent.mkdir()
    warehouse.build(database=database, health__score_cadence=cadence)
    assert differing_marts(warehouse.database, database) == []


@pytest.fixture(scope="module")
def settled(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A finished build of what had arrived by the fourth day."""
    warehouse = Warehouse(tmp_path_factory.mktemp("settled"), company)
    warehouse.arrive(4)
    warehouse.build()
    return warehouse


def copied(settled: Warehouse, folder: Path) -> Warehouse:
    folder.mkdir(exist_ok=True)
    warehouse = Warehouse(folder, settled.raw)
    shutil.copy(settled.database, warehouse.database)
    warehouse.arrived, warehouse.seeds = settled.arrived, settled.seeds
    warehouse.built_with = settled.built_with
    return warehouse


def test_a_change_that_is_taken_back_after_half_a_build_leaves_nothing(
    settled: Warehouse, tmp_path: Path
) -> None:
    """What a build wrote before it ended is written again, though its data are as they were before."""
    warehouse = copied(settled, tmp_path)
    warehouse.arrive(4, ["events corrected", "contracts change"], seeds="version")
    warehouse.build("--select", "+int_scoring__points")
    warehouse.arrive(4)
    warehouse.build()
    assert differing_marts(warehouse.database, settled.database) == []


@pytest.fixture(scope="module")
def edited(settled: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The same days with much of them changed and deleted, built from nothing."""
    warehouse = Warehouse(tmp_path_factory.mktemp("edited"), settled.raw)
    warehouse.arrive(4, ["contracts change", "events corrected", "people change", "rows deleted"])
    warehouse.build()
    assert len(differing_marts(warehouse.database, settled.database)) > 5
    return warehouse


@pytest.mark.parametrize(
    "left_out",
    ["int_accounts__as_of", "int_signals__usage_measures", "int_changes__touched_accounts+1"],
)
def test_a_build_that_left_a_table_out_is_finished_by_the_next_one(
    left_out: str, settled: Warehouse, edited: Warehouse, tmp_path: Path
) -> None:
    """Whether the table is incremental, or what incremental models are made of."""
    warehouse = copied(settled, tmp_path)
    warehouse.arrived = edited.arrived
    warehouse.build("--exclude", left_out)
    warehouse.build()
    assert differing_marts(warehouse.database, edited.database) == []


def test_a_build_that_did_not_ask_what_changed_leaves_nothing(
    settled: Warehouse, edited: Warehouse, tmp_path: Path
) -> None:
    warehouse = copied(settled, tmp_path)
    warehouse.arrive(5)
    warehouse.build()
    # Computes the days that the last run computed, of other data.
    warehouse.arrived = edited.arrived
    warehouse.build("--exclude", "int_changes__changed_days", "int_changes__event_days")
    warehouse.arrived = settled.arrived
    warehouse.build()
    assert differing_marts(warehouse.database, settled.database) == []


def test_a_first_build_of_a_part_holds_nothing_back(edited: Warehouse, tmp_path: Path) -> None:
    """What has gone since then is gone, though no finished build knew of it."""
    warehouse = Warehouse(tmp_path, edited.raw)
    warehouse.arrive(4)
    warehouse.build("--select", "+int_scoring__points")
    warehouse.arrived, warehouse.built_with = edited.arrived, None
    warehouse.build()
    assert differing_marts(warehouse.database, edited.database) == []


def test_a_later_version_with_more_bands_changes_nothing_before_it(
    settled: Warehouse, tmp_path: Path
) -> None:
    """Nor what a later run rests on."""
    warehouse = copied(settled, tmp_path)
    warehouse.arrive(4, seeds="four bands")
    warehouse.build()
    at_once = warehouse.built_at_once()
    assert differing_marts(warehouse.database, at_once) == []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse.database}' as one (read_only)")
        connection.execute(f"attach '{at_once}' as other (read_only)")
        bands = "intermediate.int_scoring__bands"
        assert connection.execute(f"from one.{bands} where band = 'fair'").fetchall() != []
        differing = f"from one.{bands} except all from other.{bands}"
        assert connection.execute(differing).fetchall() == []


def test_a_seed_is_read_by_the_names_of_its_columns(settled: Warehouse, tmp_path: Path) -> None:
    """In whatever order they stand, and whatever else stood there when it was last read."""
    warehouse = copied(settled, tmp_path)
    warehouse.seeds = tmp_path / "seeds_reordered"
    shutil.copytree(settled.seeds, warehouse.seeds)
    scorecard = warehouse.seeds / "scorecard"
    with duckdb.connect() as connection:
        for columns in ("*, 'x' as remark", "* exclude (remark)"):
            for seed in ("bands", "scorecards"):
                file = scorecard / f"{seed}.csv"
                rows = connection.sql(f"select {columns} from read_csv('{file}', all_varchar = true)")
                rows.select(*reversed(rows.columns)).write_csv(str(file))
            warehouse.built_with = None
            warehouse.build()
            assert differing_marts(warehouse.database, settled.database) == []


def test_a_window_is_rebuilt_on_demand(settled: Warehouse, tmp_path: Path) -> None:
    warehouse = copied(settled, tmp_path)
    of_the_window = "where as_of_date between date '2026-04-01' and date '2026-04-10'"
    with duckdb.connect(str(warehouse.database)) as connection:
        for table, column in [("int_signals__measured", "numerator"), ("int_scoring__scores", "health_score")]:
            connection.execute(
                f"update intermediate.{table} set {column} = {column} + 1 {of_the_window}"
            )
        connection.execute(f"delete from marts.account_health_daily {of_the_window}")
    warehouse.build()
    assert differing_marts(warehouse.database, settled.database) != []
    warehouse.build(health__rebuild_from="2026-04-01", health__rebuild_to="2026-04-10")
    assert differing_marts(warehouse.database, settled.database) == []


def test_a_table_that_is_gone_is_built_whole(
    settled: Warehouse, edited: Warehouse, tmp_path: Path
) -> None:
    """Measures hold what the windows of a run look at, which is everything where windows are gone."""
    warehouse = copied(settled, tmp_path)
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("drop table intermediate.int_signals__windows")
    warehouse.build()
    assert differing_marts(warehouse.database, settled.database) == []
    # Together with an account.
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("drop table intermediate.int_signals__windows")
    warehouse.arrived = edited.arrived
    warehouse.build()
    assert differing_marts(warehouse.database, edited.database) == []


@pytest.mark.parametrize(
    "part", [("--select", "int_signals__windows"), ("--exclude", "int_signals__usage_measures")]
)
def test_full_refresh_of_a_part_is_refused(
    part: tuple[str, str], settled: Warehouse, tmp_path: Path
) -> None:
    """Also where what is left out is not incremental, but holds only what the last run needed."""
    warehouse = copied(settled, tmp_path)
    with pytest.raises(AssertionError, match="incremental models rest on each other. Mend: leave out"):
        warehouse.build("--full-refresh", *part)
    assert differing_marts(warehouse.database, settled.database) == []


def test_a_table_that_is_gone_is_not_made_of_a_part(settled: Warehouse, tmp_path: Path) -> None:
    """What it is made of may hold only what the last run needed, as in a schema that defers to another."""
    warehouse = copied(settled, tmp_path)
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("drop table intermediate.int_signals__measured")
    refused = r"int_signals__measured has no table .* Mend: .* select \+int_signals__measured"
    for part in ("int_signals__measured", "int_signals__measured+"):
        with pytest.raises(AssertionError, match=refused):
            warehouse.build("--select", part)
    # As dbt clone leaves it.
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("create view intermediate.int_signals__measured as select 1 as one")
    with pytest.raises(AssertionError, match=refused):
        warehouse.build("--select", "int_signals__measured")
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("drop view intermediate.int_signals__measured")
    warehouse.build("--select", "+int_signals__measured")
    warehouse.build()
    assert differing_marts(warehouse.database, settled.database) == []


def test_a_model_that_is_made_ephemeral_is_not_left_out(settled: Warehouse, tmp_path: Path) -> None:
    """It is part of what reads it: a build without it as a table is a whole one."""
    warehouse = copied(settled, tmp_path)
    warehouse.models = tmp_path / "models"
    shutil.copytree(PROJECT / "models", warehouse.models)
    checked = warehouse.models / "staging/product/base/base_product__checked_usage_events.sql"
    text = checked.read_text(encoding="utf-8")
    checked.write_text(text.replace("materialized='view'", "materialized='ephemeral'"), encoding="utf-8")
    # A model was edited: views are built once more.
    warehouse.built_with = None
    warehouse.build()
    assert touched_dates(warehouse.database) > 0
    warehouse.build()
    assert touched_dates(warehouse.database) == 0


def test_days_that_went_and_came_back_are_built_after_a_full_refresh_without_them(
    settled: Warehouse, tmp_path: Path
) -> None:
    warehouse = copied(settled, tmp_path)
    warehouse.arrive(1)
    warehouse.build("--full-refresh")
    assert differing_marts(warehouse.database, settled.database) != []
    warehouse.arrive(4)
    warehouse.build()
    assert differing_marts(warehouse.database, settled.database) == []


def test_features_are_told_apart_once_something_asks_for_them(
    settled: Warehouse, tmp_path: Path
) -> None:
    """The first stage of a scorecard does not, so that days of events are rolled up without them."""
    warehouse = copied(settled, tmp_path)
    warehouse.seeds = write_seeds(tmp_path / "seeds_crawl", "crawl")
    warehouse.build()
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        query = "select count(*), count(feature_key) from intermediate.int_activity__usage_days"
        [(rows, with_feature)] = connection.execute(query).fetchall()
    assert rows > 0 and with_feature == 0
    warehouse.seeds = settled.seeds
    warehouse.build()
    assert differing_marts(warehouse.database, settled.database) == []


def test_tests_look_at_the_days_that_were_written(settled: Warehouse, tmp_path: Path) -> None:
    warehouse = copied(settled, tmp_path)
    warehouse.arrive(5)
    warehouse.build()
    # Of accounts of which nothing but the new day was written.
    again = """
        insert into marts.account_health_daily
        select daily.* from marts.account_health_daily as daily
        semi join (
            select account_id from intermediate.int_changes__touched_dates
            group by account_id having count(*) = 1
        ) using (account_id)
        where as_of_date = {}
    """

    def spoil(days: int) -> None:
        with duckdb.connect(str(warehouse.database)) as connection:
            connection.execute(again.format(f"date '{START}' + {days}"))

    def look(fails: bool, **vars: object) -> None:
        run_dbt(
            ("test", "--select", "account_health_daily,test_name:unique_combination"),
            raw=warehouse.arrived,
            target_path=warehouse.folder / "target",
            db=warehouse.database,
            vars=vars,
            fails=fails,
        )

    spoil(days=-90)
    look(fails=False)
    look(fails=True, health__test_all_days=True)
    spoil(days=4)
    look(fails=True)


def in_a_process_of_its_own(build: Callable[[], object]) -> multiprocessing.Process:
    process = multiprocessing.get_context("fork").Process(target=build, daemon=True)
    process.start()
    return process


def what_differs(interrupted: Path, one: Path, other: Path) -> set[str]:
    """Marts that are neither those of one warehouse nor those of another."""
    return {mart for mart, *_ in differing_marts(interrupted, one, is_interrupted=True)} & {
        mart for mart, *_ in differing_marts(interrupted, other, is_interrupted=True)
    }


@pytest.fixture(scope="module")
def undisturbed(
    settled: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Warehouse, float]:
    """Days later and corrected, built in one go; with the seconds that it took."""
    warehouse = copied(settled, tmp_path_factory.mktemp("undisturbed"))
    warehouse.arrive(7, ["events corrected", "tickets corrected"], seeds="version")
    started = time.monotonic()
    build = in_a_process_of_its_own(warehouse.build)
    build.join()
    assert build.exitcode == 0
    assert differing_marts(warehouse.database, settled.database) != []
    return warehouse, time.monotonic() - started


@pytest.mark.parametrize("number", range(4))
def test_killed_at_any_moment_the_next_run_ends_as_an_undisturbed_one(
    number: int,
    settled: Warehouse,
    undisturbed: tuple[Warehouse, float],
    tmp_path: Path,
) -> None:
    done, seconds = undisturbed
    warehouse = copied(settled, tmp_path)
    warehouse.arrived, warehouse.seeds = done.arrived, done.seeds
    moments = random.Random(number)
    killed = 0
    while killed < 5:
        build = in_a_process_of_its_own(warehouse.build)
        build.join(moments.uniform(0.05, 0.95) * seconds)
        if build.is_alive():
            build.kill()
            build.join()
            killed += 1
        # It opens, and whoever looks sees a mart as it was or as it is going to be.
        assert what_differs(warehouse.database, settled.database, done.database) == set()
        if build.exitcode == 0:
            shutil.copy(settled.database, warehouse.database)
    warehouse.build()
    assert differing_marts(warehouse.database, done.database) == []


def test_of_two_builds_at_once_the_second_refuses(
    settled: Warehouse, undisturbed: tuple[Warehouse, float], tmp_path: Path
) -> None:
    done, _ = undisturbed
    warehouse = copied(settled, tmp_path)
    warehouse.arrived, warehouse.seeds = done.arrived, done.seeds
    second = Warehouse(tmp_path / "second", warehouse.raw)
    second.database, second.arrived, second.seeds = warehouse.database, done.arrived, done.seeds
    first = in_a_process_of_its_own(warehouse.build)
    # Looking into the file would lock it, too.
    log = warehouse.folder / "target" / "logs" / "dbt.log"
    while first.is_alive() and not (log.exists() and " START " in log.read_text()):
        time.sleep(0.05)
    with pytest.raises(AssertionError, match="Could not set lock on file .*warehouse.duckdb"):
        second.build()
    first.join()
    assert first.exitcode == 0
    assert differing_marts(warehouse.database, done.database) == []


def test_all_that_an_account_as_of_a_day_takes_from_its_period_is_fingerprinted() -> None:
    """The end of a period is said apart, so that its columns are named one by one."""
    models = PROJECT / "models" / "intermediate"
    as_of = (models / "accounts" / "int_accounts__as_of.sql").read_text(encoding="utf-8")
    fingerprints = (models / "changes" / "int_changes__fingerprints.sql").read_text(encoding="utf-8")
    named = re.search(r"set period_columns = \[(.*?)\]", fingerprints, re.DOTALL).group(1)
    taken = set(re.findall(r"\bperiods\.(\w+)", as_of)) - {"account_id", "starts_on", "ends_on"}
    assert "seats" in taken
    assert taken <= set(re.findall(r"'(\w+)'", named))


def test_nothing_that_incremental_models_read_escapes_the_fingerprints(tmp_path: Path) -> None:
    """Else a change of it would go unseen: every input is incremental, said by a fingerprint, or made of such."""
    manifest = run_dbt(("parse",), raw=tmp_path, target_path=tmp_path).result
    models = {
        node.name: node for node in manifest.nodes.values() if node.resource_type.value == "model"
    }
    parents = {
        name: {manifest.expect(parent).name for parent in node.depends_on_nodes}
        for name, node in models.items()
    }
    incremental = {
        name for name, node in models.items() if node.config.materialized == "incremental"
    }
    assert len(incremental) > 15
    said = parents["int_changes__fingerprints"]
    # Which spell an account is in is said by its periods.
    said |= {"int_accounts__paid_stretches"}
    # Roll-ups of events read what the fingerprints of the days of events are made of.
    by_day = {
        name
        for name in incremental
        if models[name].config.get("incremental_strategy") == "event_days"
    }
    assert by_day == {
        "int_activity__usage_days", "int_activity__user_days", "int_activity__feature_days",
    }  # fmt: skip
    assert "stg_scorecard__feature_use" in parents["int_changes__event_days"]
    assert parents["base_product__usage_event_days"] == {
        "base_product__usage_events", "stg_crm__people", "stg_crm__account_links",
    }  # fmt: skip
    assert parents["stg_product__usage_events"] == {
        "base_product__usage_events", "stg_crm__account_links",
    }  # fmt: skip
    rolled_up = {"stg_product__usage_events", "stg_crm__people", "stg_scorecard__feature_use"}

    def escapes(name: str) -> set[str]:
        if name in incremental | said or name.startswith("int_changes__"):
            return set()
        if name not in models or not parents[name]:
            return {name}
        return set().union(*(escapes(parent) for parent in parents[name]))

    escaped = {
        model: found
        for model in sorted(incremental)
        if (
            found := set().union(
                *(
                    escapes(parent)
                    for parent in parents[model] - (rolled_up if model in by_day else set())
                )
            )
        )
    }
    assert escaped == {}


def test_a_mart_that_is_a_view_rests_on_tables_that_no_build_replaces(tmp_path: Path) -> None:
    """PostgreSQL drops a view together with a table that it reads, and readers would miss it for a while."""
    manifest = run_dbt(("parse",), raw=tmp_path, target_path=tmp_path).result

    def replaced(node_id: str) -> set[str]:
        node = manifest.expect(node_id)
        if node.config.materialized == "incremental":
            return set()
        return (
            set().union(*(replaced(parent) for parent in node.depends_on_nodes))
            if node.config.materialized == "view"
            else {node.name}
        )

    views = [
        node
        for node in manifest.nodes.values()
        if node.resource_type.value == "model" and "marts" in node.fqn and node.config.materialized == "view"
    ]
    assert [view.name for view in views] == ["health_contributions"]
    assert replaced(views[0].unique_id) == set()
