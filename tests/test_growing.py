"""A company that begins with the first stage of a scorecard and grows: what was scored stays as it was."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from support.dbt import run_dbt
from support.seeds import seeds_with
from support.worlds import World, built_world

GROWS_ON = date(2026, 4, 1)
EVERYBODY = "everybody,2,any,is,any,crawl,1900-01-01,9999-12-31,all on the first stage"
CRAWL = {
    "segments": ("large,1,plan,is,enterprise,crawl,1900-01-01,9999-12-31,large", EVERYBODY),
}
# By a version of the scorecard that extends the next stage, and by a segment that changes its scorecard.
GROWN = {
    "scorecards": (f"crawl,2,{GROWS_ON},live,walk,1,0.4,0.4,2,7,5,tests,grown up",),
    "segments": (
        "large,1,plan,is,enterprise,crawl,1900-01-01,2026-03-31,large",
        f"large,1,plan,is,enterprise,run,{GROWS_ON},9999-12-31,large",
        EVERYBODY,
    ),
}
MARTS = (
    "account_health_daily", "dimension_health_daily", "health_contributions", "product_health_daily",
)  # fmt: skip


@pytest.fixture(scope="module")
def before() -> World:
    rows = tuple(CRAWL.items())
    return built_world("crawling", seed=1, weeks=26, cadence="week", rows=rows, shipped=False)


@pytest.fixture(scope="module")
def after(before: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grown")
    run_dbt(
        (
            "build", "--select", *(f"+{mart}" for mart in MARTS),
            "--exclude-resource-type", "test", "unit_test",
        ),
        raw=before.raw,
        target_path=folder,
        seeds=seeds_with(folder / "seeds", GROWN),
        vars=before.vars,
    )  # fmt: skip
    return folder / "warehouse.duckdb"


def rows(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("mart", MARTS)
def test_growing_changes_no_row_of_the_days_before(before: World, after: Path, mart: str) -> None:
    query = f"select * from marts.{mart} where as_of_date < '{GROWS_ON}' order by all"
    earlier = rows(before.database, query)
    assert len(earlier) > 200
    assert rows(after, query) == earlier


def test_the_stages_that_were_grown_into_score_from_their_day_on(after: Path) -> None:
    found = rows(
        after,
        """
        select distinct
            as_of_date >= '2026-04-01', scorecard_id, scorecard_version,
            count(distinct signal_id) filter (contribution_kind in ('signal', 'pulse'))
        from marts.health_contributions
        group by all order by all
        """,
    )
    stages = [(grown, card, version) for grown, card, version, _ in found]
    assert stages == [(False, "crawl", 1), (True, "crawl", 2), (True, "run", 1)]
    signals = [count for *_, count in found]
    assert signals[0] == 3 < signals[1] < signals[2]
