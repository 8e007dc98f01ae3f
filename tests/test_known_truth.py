"""Is the validation honest? Real built worlds whose true risk is known, and leaks planted in them.

By default one world of a size that is quickly built; `make check-worlds` takes both worlds at full size
and prints what it measured (docs/validation.md).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from lib.validation import limits
from lib.validation.baselines import CEILING
from support.dbt import PROJECT, run_dbt
from support.truth import against_truth
from support.validating import change, leak, validate
from support.worlds import MODELS_ONLY, World, built_world

HORIZONS = ("quarter", "half_year")
SMALL = dict(accounts=1_000, events=500_000)
FULL = dict(accounts=3_000, events=2_000_000)
# By whether it is the full size.
BOOTSTRAPS = {False: 100, True: limits.BOOTSTRAPS}
# How far the score may rank below boosting on its own signals: what boosting adds in honest data.
NEAR = 0.06


@dataclass(frozen=True)
class Judged:
    """A built world, and validation.json by horizon."""

    name: str
    world: World
    found: dict[str, dict]

    @property
    def truth(self) -> Path:
        return self.world.raw.parent / "truth"

    def auc(self, horizon: str = "quarter") -> dict[str, float]:
        """AUC of the score within date, with its interval."""
        return self.found[horizon]["discrimination"]["auc_within_date"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "judged" in metafunc.fixturenames:
        full = metafunc.config.getoption("--full-worlds")
        names = ("default", "shifted") if full else ("default",)
        metafunc.parametrize("judged", names, indirect=True, scope="module")


@pytest.fixture(scope="module")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether both worlds are judged at full size."""
    return request.config.getoption("--full-worlds")


@pytest.fixture(scope="module")
def judged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, full: bool
) -> Judged:
    size = FULL if full else SMALL
    folder = tmp_path_factory.mktemp(request.param)
    world = built_world(request.param, seed=7, weeks=104, cadence="week", shape=request.param, **size)
    found = {
        horizon: validate(
            world.database, folder / horizon, "--horizon", horizon, bootstraps=BOOTSTRAPS[full]
        )[1]
        for horizon in HORIZONS
    }
    return Judged(request.param, world, found)


@pytest.fixture
def copied(judged: Judged, tmp_path: Path) -> Path:
    """A copy of the warehouse, to be spoilt."""
    return shutil.copy(judged.world.database, tmp_path / "warehouse.duckdb")


@pytest.mark.parametrize("horizon", HORIZONS)
def test_the_score_predicts_less_than_the_truth_and_nearly_what_its_signals_allow(
    judged: Judged, horizon: str, full: bool, capsys
) -> None:
    found = judged.found[horizon]
    assert found["verdict"]["exit_status"] == 0
    assert not any(found["integrity"].values())
    known = against_truth(judged.world.database, judged.truth, horizon, BOOTSTRAPS[full])
    # The truth is the truth of these very rows: as many leave as it expects.
    assert known.left_out < 0.05 * found["counts"]["judged"]
    assert known.expected == pytest.approx(known.observed, rel=0.15)
    assert known.score.difference_within_date.high < 0

    [ceiling] = [row for row in found["baselines"] if row["baseline"] == CEILING] or [None]
    if full:
        assert found["counts"]["churned_accounts"] >= 200
        assert ceiling["difference_within_date"]["value"] > -NEAR
        assert known.boosting.difference_within_date.low > 0
        with capsys.disabled():
            print(measured(judged, horizon, ceiling, known.score.baseline_auc_within_date))


def measured(judged: Judged, horizon: str, ceiling: dict, truth: object) -> str:
    """One row of the table in docs/validation.md."""
    figures = [
        judged.auc(horizon), vars(truth), ceiling["score_auc_within_date"],
        ceiling["baseline_auc_within_date"], ceiling["difference_within_date"],
    ]  # fmt: skip
    shown = [f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})" for row in figures]
    found = judged.found[horizon]
    churned = f"{found['counts']['churned_accounts']:,}"
    status = str(found["verdict"]["exit_status"])
    return "\n| " + " | ".join([judged.name, horizon, churned, status, *shown]) + " |"


# Planted leaks. --------------------------------------------------------------------------------------


def test_contract_end_as_label_in_the_model_is_refused(
    judged: Judged, copied: Path, tmp_path: Path, capsys
) -> None:
    """The outcome models built with one line changed, so that all marts agree with each other."""
    models = shutil.copytree(PROJECT / "models", tmp_path / "models")
    model = models / "intermediate" / "outcomes" / "int_outcomes__churn_dates.sql"
    begun, final = model.read_text().split("final as (")
    final = final.replace("decided.churned_on,", "decided.last_paid_on as churned_on,")
    final = final.replace("decided.churned_on <=", "decided.last_paid_on <=")
    model.write_text(begun + "final as (" + final)
    run_dbt(
        ("run", "--select", "int_outcomes__churn_dates+"),
        raw=judged.world.raw, target_path=tmp_path / "target", db=copied, models=models,
        vars=judged.world.vars,
    )  # fmt: skip
    counts = leak(copied, tmp_path / "refused", capsys)
    assert counts.pop("churns_dated_after_notice") > 30
    assert not any(counts.values())

    # Why it has to be: what was scored after the notice knows of it.
    change(copied, "update marts.churn_dates set notice_given_on = null")
    status, found = validate(copied, tmp_path / "flattered")
    assert status == 0
    assert found["discrimination"]["auc_within_date"]["value"] > judged.auc()["value"] + 0.03
    assert any("on the last paid day" in warning for warning in found["warnings"])


def test_contract_end_as_notice_in_the_raw_tables_is_said(
    judged: Judged, tmp_path: Path, full: bool
) -> None:
    """A company that knows of no notice: no churn events, and subscriptions that just end."""
    if not full:
        pytest.skip("builds another warehouse: make check-worlds")
    raw = shutil.copytree(judged.world.raw, tmp_path / "raw")
    (raw / "churn_events.parquet").unlink()
    duckdb.sql(
        f"""
        copy (
            select * replace (cast(null as date) as notice_given_on)
            from '{judged.world.raw}/subscriptions.parquet'
        ) to '{raw}/subscriptions.parquet'
        """
    )
    database = tmp_path / "warehouse.duckdb"
    run_dbt(
        MODELS_ONLY, raw=raw, target_path=tmp_path / "target", db=database,
        vars=judged.world.vars,
    )  # fmt: skip
    _, found = validate(database, tmp_path / "out")
    assert set(found["counts"]["churns_by_basis"]) == {"end"}
    assert any("on the last paid day" in warning for warning in found["warnings"])
    # Use fades after a notice, so the later label looks better than it is.
    assert found["discrimination"]["auc_within_date"]["value"] > judged.auc()["value"]


LAST_SCORES = """
    create table last_scores as
    select account_id, spell_number, arg_max(health_score, as_of_date) as health_score
    from marts.account_health_daily
    inner join marts.churn_dates using (account_id, spell_number)
    where as_of_date <= last_paid_on and health_score is not null
    group by account_id, spell_number
"""
SCORED_AT_THE_END = """
    update marts.account_health_daily as daily set health_score = last_scores.health_score
    from last_scores
    where
        daily.account_id = last_scores.account_id
        and daily.spell_number = last_scores.spell_number
        and daily.health_score is not null
"""
OBSERVED_AS_SCORED = """
    update marts.health_outcomes as outcomes set health_score = daily.health_score
    from {} as daily
    where outcomes.account_id = daily.account_id and outcomes.observation_date = daily.as_of_date
"""


def test_scores_taken_at_the_end_in_the_outcomes_are_refused(
    copied: Path, tmp_path: Path, capsys
) -> None:
    spoilt = OBSERVED_AS_SCORED.format("later")
    counts = leak(
        copied, tmp_path, capsys,
        "create table later as from marts.account_health_daily",
        LAST_SCORES, SCORED_AT_THE_END.replace("marts.account_health_daily", "later"), spoilt,
    )  # fmt: skip
    assert counts["scores_unlike_that_day"] > 30


def test_scores_taken_at_the_end_in_all_marts_are_suspected(
    copied: Path, tmp_path: Path, full: bool
) -> None:
    """No count can tell. What can: a score that ranks better than boosting on its own signals."""
    if not full:
        pytest.skip("too few leavers to fit boosting on: make check-worlds")
    change(
        copied, LAST_SCORES, SCORED_AT_THE_END,
        OBSERVED_AS_SCORED.format("marts.account_health_daily"),
    )  # fmt: skip
    _, found = validate(copied, tmp_path / "out")
    assert any("better than boosting on its own signals" in text for text in found["warnings"])


def test_leavers_observed_at_their_own_end_are_refused(
    copied: Path, tmp_path: Path, capsys
) -> None:
    """Stayers on the last judged date, leavers on their last scored day, each with its true score."""
    counts = leak(
        copied, tmp_path, capsys,
        """
        create table own_days as
        select outcomes.account_id, outcomes.horizon_id, max(daily.as_of_date) as own_day
        from marts.health_outcomes as outcomes
        inner join marts.account_health_daily as daily
            on outcomes.account_id = daily.account_id
            and outcomes.churned_on - outcomes.gap_days > daily.as_of_date
        where outcomes.is_churned
        group by outcomes.account_id, outcomes.horizon_id
        """,
        """
        delete from marts.health_outcomes as outcomes
        where not coalesce(is_churned, false) and observation_date <> (
            select max(observation_date) from marts.health_outcomes as others
            where not is_censored and others.horizon_id = outcomes.horizon_id
        )
        """,
        """
        create or replace table marts.health_outcomes as
        select outcomes.* replace (
            coalesce(own_day, observation_date) as observation_date,
            coalesce(daily.health_score, outcomes.health_score) as health_score,
            coalesce(daily.band, outcomes.band) as band
        )
        from marts.health_outcomes as outcomes
        left join own_days
            on outcomes.account_id = own_days.account_id
            and outcomes.horizon_id = own_days.horizon_id
            and outcomes.is_churned
        left join marts.account_health_daily as daily
            on own_days.account_id = daily.account_id and own_days.own_day = daily.as_of_date
        qualify row_number() over (
            partition by outcomes.account_id, outcomes.horizon_id, observation_date
            order by outcomes.observation_date desc
        ) = 1
        """,
    )  # fmt: skip
    assert counts["accounts_left_out_of_a_date"] > 30
