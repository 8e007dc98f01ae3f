"""scripts/fit_churn_model.py: true coefficients are found again, each step has to earn its place, and
the rows that it writes give in SQL what the report says."""

from __future__ import annotations

import csv
import datetime
import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import jinja2
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

import fit_churn_model
from lib.fitting.churn_model import STEPS, Model, Proposal, propose
from lib.fitting.churn_report import released_model, seed_rows
from lib.fitting.logistic import clustered_covariance, fit_pulled, interval, log_loss
from lib.fitting.reports import INTERVAL_WORDS
from lib.fitting.rows import Dimensions
from lib.fitting.seeds import card_in_force, default_seeds
from lib.fitting.weights import Weights
from lib.validation import limits
from lib.validation.calibration import fit_logistic
from support.dbt import PROJECT, run_dbt
from support.postgres import connect, new_database
from support.seeds import seeds_with
from support.simulated import (
    ACCOUNT_MARTS,
    MARTS,
    WINDOW_DAYS,
    probability,
    rows_with_churned,
    rows_with_points,
    write_marts,
)
from support.worlds import generate_world

pytestmark = pytest.mark.quick

SEEDS = ("churn_models", "churn_model_terms", "churn_model_covariances")
TODAY = datetime.date(2026, 1, 1)
NAMES = ["first", "second", "third"]
SHARES = np.array([0.5, 0.3, 0.2])
Z = 1.96


def no_dimensions(rows: pd.DataFrame) -> Dimensions:
    return Dimensions([], np.empty((len(rows), 0)), np.empty(0))


def fitted(intercept: float, coefficients: list[float], *, highest_step: int = 2) -> Proposal:
    """The proposal for rows of three dimensions that are weighed 50, 30, 20 in the score."""
    rows, points = rows_with_points(intercept, coefficients)
    rows["score"] = points @ SHARES
    return propose(
        rows, Dimensions(NAMES, points, SHARES), WINDOW_DAYS, rows.account.nunique(), highest_step,
        bootstraps=40,
    )  # fmt: skip


def bounds(model: Model) -> list[tuple[float, float]]:
    deviation = np.sqrt(np.diag(model.covariance))
    return list(
        zip(model.coefficients - Z * deviation, model.coefficients + Z * deviation, strict=True)
    )


# The fits. -------------------------------------------------------------------------------------------


def test_step_1_finds_the_two_numbers_again() -> None:
    model = fitted(-1.0, list(-0.05 * SHARES)).model
    assert model.step == 1 and model.terms == ["intercept", "score"]
    for true, (low, high) in zip([-1.0, -0.05], bounds(model), strict=True):
        assert low < true < high


def test_its_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = 0
    for seed in range(100):
        rows, points = rows_with_points(-1.0, list(-0.05 * SHARES), accounts=300, dates=10, seed=seed)
        churned, score = rows.churned.to_numpy(), points @ SHARES
        design = np.column_stack([np.ones(len(rows)), score])
        log_odds = design @ (found := np.array(fit_logistic(score, churned)))
        covariance = clustered_covariance(design, churned, log_odds, rows.account.to_numpy())
        held += abs(found[1] + 0.05) < Z * np.sqrt(covariance[1, 1])
    assert 88 <= held <= 100  # 95 expected; fewer than 88 come by chance once in two hundred times


def test_step_2_finds_other_weights_again_and_takes_their_place() -> None:
    true = [1.5, -0.005, -0.02, -0.06]
    proposal = fitted(true[0], true[1:])
    model = proposal.model
    assert model.step == 2 and model.terms == ["intercept", *NAMES]
    assert proposal.steps[2].losses.log_loss_improvement.low > 0
    assert proposal.steps[2].ranking.difference_within_date.low > 0
    for number, (low, high) in zip(true, bounds(model), strict=True):
        assert low < number < high


def test_reference_values_are_the_means_of_the_rows_fitted_on() -> None:
    rows, points = rows_with_points(1.5, [-0.005, -0.02, -0.06])
    rows["score"] = points @ SHARES
    points[::7, 0] = np.nan  # a row without a dimension is not fitted on
    proposal = propose(rows, Dimensions(NAMES, points, SHARES), WINDOW_DAYS, 900, bootstraps=40)
    used = points[proposal.split.fit & ~np.isnan(points[:, 0])]
    written = {row["term"]: row["reference_value"] for row in model_rows(proposal.model)[SEEDS[1]]}
    assert written["intercept"] == "1"
    assert [float(written[name]) for name in NAMES] == pytest.approx(used.mean(axis=0), abs=5e-5)
    one, score = proposal.steps[1].model.means
    assert (one, score) == (1, pytest.approx(rows.score[proposal.split.fit].mean()))


def test_step_2_is_not_taken_where_the_weights_in_force_are_right() -> None:
    proposal = fitted(-1.0, list(-0.05 * SHARES))
    assert [one.is_taken for one in proposal.steps] == [True, True, False]
    assert "not shown to be better" in proposal.steps[2].why
    assert proposal.stopped_by == proposal.steps[2].why


def test_no_dimension_gets_a_negative_weight_and_one_without_weight_is_no_term() -> None:
    model = fitted(1.0, [0.02, -0.03, -0.06]).model
    assert model.step == 2 and model.terms == ["intercept", "second", "third"]
    assert (model.coefficients[1:] < 0).all()


def test_a_score_that_points_the_wrong_way_gives_only_the_average_rate() -> None:
    proposal = fitted(-5.0, list(0.04 * SHARES))
    assert proposal.model.step == 0 and proposal.model.terms == ["intercept"]
    assert "higher score went with more churn" in proposal.stopped_by


def test_a_score_that_says_nothing_gives_only_the_average_rate() -> None:
    proposal = fitted(-3.0, [0.0, 0.0, 0.0])
    assert proposal.model.step == 0
    rate = probability(proposal.model.coefficients[0])
    assert rate == pytest.approx(proposal.rate_fitted)


def test_the_covariance_is_that_of_statsmodels() -> None:
    rows, points = rows_with_points(-1.0, [-0.03, -0.01])
    design = sm.add_constant(points)
    expected = sm.Logit(rows.churned, design).fit(
        disp=False, cov_type="cluster", cov_kwds={"groups": rows.account}
    )
    found = clustered_covariance(
        design, rows.churned.to_numpy(), design @ expected.params.to_numpy(), rows.account.to_numpy()
    )
    assert found == pytest.approx(expected.cov_params().to_numpy(), rel=1e-6)


def test_without_pull_the_fit_is_that_of_scikit_learn() -> None:
    rows, points = rows_with_points(-1.0, [-0.03, -0.01, -0.02])
    found = fit_pulled(points, rows.churned.to_numpy(), SHARES, 0.05, spread=1e4)
    expected = LogisticRegression(C=np.inf, tol=1e-9, max_iter=1000).fit(points, rows.churned)
    assert -found.scale * found.shares == pytest.approx(expected.coef_[0], rel=1e-3)
    assert found.intercept == pytest.approx(expected.intercept_[0], rel=1e-3)


@pytest.mark.parametrize("scale", [0.01, 0.05])
def test_at_the_limit_of_the_pull_the_weights_in_force_remain(scale: float) -> None:
    rows, points = rows_with_points(1.0, [-0.001, -0.01, -0.06])
    churned = rows.churned.to_numpy()
    found = fit_pulled(points, churned, SHARES, scale, spread=1e-3)
    assert found.shares / found.shares.sum() == pytest.approx(SHARES, abs=0.002)
    # How steeply risk falls with the whole is not pulled at.
    alone = sm.Logit(churned, sm.add_constant(points @ SHARES)).fit(disp=False)
    assert found.scale * found.shares.sum() == pytest.approx(-alone.params[1], rel=0.02)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.floats(-0.1, 0.1), min_size=3, max_size=3),
    st.sampled_from([0.01, 0.1, 0.5]),
    st.integers(0, 99),
)
def test_shares_are_never_negative_and_never_worse_than_those_in_force(
    coefficients: list[float], spread: float, seed: int
) -> None:
    rows, points = rows_with_points(-1.0, coefficients, accounts=40, dates=6, seed=seed)
    churned = rows.churned.to_numpy(copy=True)
    churned[:2] = [0, 1]
    found = fit_pulled(points, churned, SHARES, 0.05, spread)
    assert (found.shares >= 0).all()
    rate = np.full(len(churned), np.log(churned.mean() / (1 - churned.mean())))
    assert log_loss(found.log_odds(points), churned).sum() <= log_loss(rate, churned).sum() + 1e-6


# The floors. -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to_fit", "to_judge", "step"),
    [
        (29, 0, None),
        (30, 0, 0),  # nothing to judge on: the average rate of everybody
        (99, 50, 0),
        (100, 50, 1),
        (100, 49, 0),
    ],
)
def test_floors_in_churned_accounts(to_fit: int, to_judge: int, step: int | None) -> None:
    rows = rows_with_churned(to_fit, to_judge)
    proposal = propose(rows, no_dimensions(rows), WINDOW_DAYS, 4000, 1, bootstraps=50)
    assert (proposal.model.step if proposal.model else None) == step
    if step != 1:
        assert proposal.stopped_by and proposal.refusals.refused


@pytest.mark.parametrize(("churned", "is_cautious"), [(199, True), (200, False)])
def test_weights_are_free_from_200_churned_accounts(churned: int, is_cautious: bool) -> None:
    rows = rows_with_churned(churned, 60)
    noise = np.random.default_rng(2).normal(0, 8, (len(rows), 3))
    scores = np.clip(rows.score.to_numpy()[:, None] + noise, 0, 100)
    proposal = propose(rows, Dimensions(NAMES, scores, SHARES), WINDOW_DAYS, 4000, bootstraps=50)
    assert proposal.steps[2].model.choice.is_cautious == is_cautious


def test_nothing_is_fitted_on_rows_whose_window_had_not_closed() -> None:
    rows, points = rows_with_points(-1.0, list(-0.05 * SHARES))
    rows["score"] = points @ SHARES
    proposal = propose(rows, no_dimensions(rows), WINDOW_DAYS, 900, 1, bootstraps=50)
    split = proposal.split
    assert rows.date[split.fit].max() + WINDOW_DAYS <= split.first_judging_date
    assert proposal.model.observations == split.fit.sum()
    # What happens later changes nothing but the judgement.
    rows.loc[split.judge, "churned"] = 1 - rows.churned[split.judge]
    judged_otherwise = propose(rows, no_dimensions(rows), WINDOW_DAYS, 900, 1, bootstraps=50)
    if judged_otherwise.split.first_judging_date == split.first_judging_date:
        first, second = (one.steps[1].model for one in (proposal, judged_otherwise))
        assert first.coefficients == pytest.approx(second.coefficients)


# Python and SQL. -------------------------------------------------------------------------------------


def probabilities_in_sql(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    """What int_outcomes__churn_probabilities makes of the tables in the database of the test."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    numbers = (PROJECT / "macros" / "cross_db" / "numbers.sql").read_text(encoding="utf-8")
    [macro] = re.findall(r"{% macro logistic\(.*?{%- endmacro %}", numbers, re.DOTALL)
    model = PROJECT / "models" / "intermediate" / "outcomes" / "int_outcomes__churn_probabilities.sql"
    template = environment.from_string(macro + model.read_text(encoding="utf-8"))
    sql = template.render(
        config=lambda **_: "",
        ref=lambda name: name,
        touched=lambda name: name,
        as_double=lambda text: f"cast({text} as double)",
    )
    return connection.execute(
        f"select account_id, probability, probability_low, probability_high from ({sql}) order by 1"
    ).fetchall()


def test_the_interval_is_that_of_the_sql(tmp_path: Path) -> None:
    """From the rows that would be committed, read back as text."""
    rows, points = rows_with_points(1.5, [-0.005, -0.02, -0.06])
    rows["score"] = points @ SHARES
    dimensions = Dimensions(NAMES, points, SHARES)
    model = propose(rows, dimensions, WINDOW_DAYS, 900, bootstraps=50).model
    assert model.step == 2
    with duckdb.connect() as connection:
        connection.execute("create table scores as select 1")
        for seed, cells in model_rows(model).items():
            connection.register("frame", pd.DataFrame(cells))
            connection.execute(f"create table {seed} as select * from frame")
        connection.execute("""
            create view stg_scorecard__churn_models as
            select model_id, horizon_id, cast(valid_from as date) as valid_from,
                date '9999-01-01' as valid_to, cast(interval_z as double) as interval_z, 4 as term_count
            from churn_models
        """)
        connection.execute("""
            create view stg_scorecard__churn_model_terms as
            select model_id, term, cast(coefficient as double) as coefficient from churn_model_terms
        """)
        connection.execute("""
            create view stg_scorecard__churn_model_covariances as
            select model_id, term, other_term, cast(covariance as double) as covariance
            from churn_model_covariances
        """)
        several = pd.DataFrame({"account_id": range(50), "health_score": rows.score[:50]})
        several[NAMES] = points[:50]
        connection.execute("""
            create table int_scoring__scores as
            select account_id, date '2026-02-01' as as_of_date, health_score, 'live' as status
            from several
        """)
        connection.execute("""
            create table dimension_health_daily as
            select account_id, date '2026-02-01' as as_of_date, dimension_id, dimension_score
            from (unpivot several on "first", "second", "third" into name dimension_id value dimension_score)
        """)
        found = np.array(probabilities_in_sql(connection), dtype=float)[:, 1:]
    values = np.column_stack([np.ones(50), points[:50]])
    expected = np.column_stack(interval(values, model.coefficients, model.covariance, Z))
    assert found == pytest.approx(expected, rel=1e-5)
    assert (found[:, 1] < found[:, 0]).all() and (found[:, 0] < found[:, 2]).all()


def model_rows(model: Model) -> dict[str, list[dict[str, str]]]:
    proposal = Proposal(model, None, model.churned_accounts)
    return seed_rows(proposal, "quarter_1", "quarter", TODAY, 1.959964, "tests")


# The command. ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Marts of accounts that leave by their score."""
    card = card_in_force(default_seeds(), "standard", TODAY)
    shares = Weights(card.dimensions, card.rules).shares()
    risks = {rule.signal_id: 0.3 * share for rule, share in zip(card.rules, shares, strict=True)}
    path = tmp_path_factory.mktemp("fit") / "simulated.duckdb"
    return write_marts(path, card, risks, segments=["one", "two"], base=-5.5)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, dict]]:
    """The command: its exit status and its JSON."""

    def command(database: Path | None, *arguments: str, out: Path | None = None) -> tuple[int, dict]:
        out = out or tmp_path / "out"
        named = ["--database", str(database)] if database else []
        status = fit_churn_model.main([*named, "--out", str(out), "--bootstraps", "40", *arguments])
        report = out / "churn_model_proposal.json"
        return status, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}

    return command


def lines_of(folder: Path, seed: str) -> list[str]:
    return (folder / f"{seed}.csv").read_text(encoding="utf-8").splitlines()


def test_it_writes_rows_and_reports_and_nothing_into_the_seeds(database, run, tmp_path) -> None:
    before = {path: path.read_bytes() for path in default_seeds().glob("*")}
    warehouse = database.read_bytes()
    status, report = run(database)
    assert status == 0 and report["proposed_step"] == 1
    assert {path: path.read_bytes() for path in default_seeds().glob("*")} == before
    assert database.read_bytes() == warehouse
    for seed in SEEDS:
        header = lines_of(default_seeds(), seed)[0]
        assert lines_of(tmp_path / "out", seed)[0] == header
    terms = list(csv.DictReader(lines_of(tmp_path / "out", "churn_model_terms")))
    assert [row["term"] for row in terms] == [one["term"] for one in report["coefficients"]]
    covariances = lines_of(tmp_path / "out", "churn_model_covariances")
    assert len(covariances) == 1 + len(terms) ** 2
    page = (tmp_path / "out" / "churn_model_proposal.md").read_text(encoding="utf-8")
    assert INTERVAL_WORDS in page and report["interval_means"] == INTERVAL_WORDS
    assert all(one["low"] < one["probability"] < one["high"] for one in report["examples"])
    assert report["calibration_before"] and report["calibration_after"]
    assert all(one["churned_accounts"] >= 100 for one in report["coefficients"])
    for row, one in zip(terms, report["coefficients"], strict=True):
        assert float(row["reference_value"]) == pytest.approx(one["reference_value"], abs=5e-5)


def test_the_same_arguments_give_the_same_files(database, run, tmp_path) -> None:
    run(database, out=tmp_path / "a")
    run(database, out=tmp_path / "b")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@pytest.mark.slow
def test_the_project_takes_the_rows_and_a_later_proposal_is_held_against_them(
    database, run, tmp_path
) -> None:
    run(database, "--step", "1")
    added = {seed: lines_of(tmp_path / "out", seed)[1:] for seed in SEEDS}
    seeds = seeds_with(tmp_path / "seeds", added)
    raw = generate_world(tmp_path / "raw", seed=1, weeks=26)
    run_dbt(
        ("build", "--select", "+stg_scorecard__churn_models", "+stg_scorecard__churn_model_terms",
         "+stg_scorecard__churn_model_covariances", "--exclude-resource-type", "test", "unit_test"),
        raw=raw, target_path=tmp_path / "target", seeds=seeds,
    )  # fmt: skip
    name, released = released_model(seeds / "scorecard", "quarter")
    with duckdb.connect(str(tmp_path / "target" / "warehouse.duckdb"), read_only=True) as connection:
        [(built, count)] = connection.execute(
            "select model_id, term_count from staging.stg_scorecard__churn_models"
        ).fetchall()
        coefficients = connection.execute(
            "select coefficient from staging.stg_scorecard__churn_model_terms order by term"
        ).fetchall()
    assert (built, count) == (name, 2)
    assert [one for (one,) in coefficients] == pytest.approx(list(released.coefficients))

    _, report = run(database, "--step", "1", "--seeds", str(seeds / "scorecard"))
    assert report["model_in_force"] == name
    assert report["against_model_in_force"]["log_loss_improvement"]["value"] == pytest.approx(0, abs=1e-9)
    assert report["seed_rows"]["churn_models"][0]["model_id"] == f"{name}_2"


@pytest.mark.parametrize("folder", ["seeds", "seeds/scorecard", "seeds/scorecard/new"])
def test_it_refuses_to_write_into_the_seeds(database, run, folder, capsys) -> None:
    before = sorted(path.name for path in default_seeds().glob("*"))
    status, _ = run(database, out=PROJECT / folder)
    assert status == 2 and "Mend: name another folder" in capsys.readouterr().err
    assert sorted(path.name for path in default_seeds().glob("*")) == before


def test_a_ranking_that_is_too_good_is_said(database, run, tmp_path, monkeypatch, capsys) -> None:
    _, report = run(database)
    assert report["steps"][2]["ranking"] and not report["notes"]
    assert "careful" not in capsys.readouterr().out
    monkeypatch.setattr(limits, "SUSPECT_AUC", 0.5)
    _, report = run(database)
    told = [f"the AUC of {name} is" for name in (STEPS[2], STEPS[1])]
    assert [note.partition(" is")[0] + " is" for note in report["notes"]] == told
    page = (tmp_path / "out" / "churn_model_proposal.md").read_text(encoding="utf-8")
    said = capsys.readouterr().out
    assert all(f"careful: {text}" in said and f"Careful: {text}" in page for text in told)


def test_rows_that_no_honest_history_can_hold_are_not_fitted_on(database, run, tmp_path, capsys) -> None:
    spoilt = tmp_path / "spoilt.duckdb"
    spoilt.write_bytes(database.read_bytes())
    with duckdb.connect(str(spoilt)) as connection:
        connection.execute("""
            update marts.churn_dates set churned_on = churned_on - 60
            where account_id = (select min(account_id) from marts.churn_dates)
        """)
    status, report = run(spoilt)
    assert (status, report) == (2, {})
    assert "rows_scored_after_churn" in capsys.readouterr().err


def test_too_few_churned_accounts_give_files_without_rows(database, run, tmp_path) -> None:
    few = tmp_path / "few.duckdb"
    few.write_bytes(database.read_bytes())
    with duckdb.connect(str(few)) as connection:
        connection.execute(
            "create table gone as select account_id from marts.churn_dates order by 1 offset 29"
        )
        for mart in ACCOUNT_MARTS:
            connection.execute(
                f"delete from marts.{mart} where account_id in (select account_id from gone)"
            )
    status, report = run(few)
    assert status == 2 and report["proposed_step"] is None and report["refused"]
    assert all(len(lines_of(tmp_path / "out", seed)) == 1 for seed in SEEDS)


@pytest.mark.filterwarnings("error")
def test_without_a_scored_row_nothing_is_proposed(database, run, tmp_path, capsys) -> None:
    unscored = tmp_path / "unscored.duckdb"
    unscored.write_bytes(database.read_bytes())
    with duckdb.connect(str(unscored)) as connection:
        for mart in ("health_outcomes", "account_health_daily"):
            connection.execute(f"update marts.{mart} set health_score = null")
    status, report = run(unscored)
    assert status == 2 and report["proposed_step"] is None
    assert "No model is proposed: 0 churned accounts, 30 are needed." in capsys.readouterr().out


@pytest.mark.slow
def test_postgres_gives_the_same_rows(database, run, tmp_path, postgres, monkeypatch) -> None:
    copy_marts(database, tmp_path, named := new_database(postgres, "fitted"))
    _, expected = run(database, out=tmp_path / "duckdb")
    monkeypatch.setenv("HEALTH_TARGET", "postgres")
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    _, found = run(None, out=tmp_path / "postgres")
    for one, other in zip(found["coefficients"], expected["coefficients"], strict=True):
        assert one["term"] == other["term"]
        assert one["coefficient"] == pytest.approx(other["coefficient"], rel=1e-6)
        assert one["low"] == pytest.approx(other["low"], rel=1e-6)


def copy_marts(database: Path, folder: Path, settings: dict[str, str]) -> None:
    with connect(settings) as cursor, duckdb.connect(str(database)) as connection:
        cursor.execute("create schema marts")
        for mart in MARTS:
            file = folder / f"{mart}.csv"
            connection.execute(f"copy marts.{mart} to '{file}' (header false)")
            columns = connection.execute(f"describe marts.{mart}").fetchall()
            types = ", ".join(f"{name} {kind.replace('VARCHAR', 'text')}" for name, kind, *_ in columns)
            cursor.execute(f"create table marts.{mart} ({types})")
            with file.open(encoding="utf-8") as lines:
                cursor.copy_expert(f"copy marts.{mart} from stdin (format csv)", lines)


def test_what_cannot_be_read_is_explained(run, tmp_path, capsys) -> None:
    assert run(tmp_path / "absent.duckdb") == (2, {})
    assert "Mend:" in capsys.readouterr().err
