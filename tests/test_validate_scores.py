"""scripts/validate_scores.py: each measure against a value that was computed otherwise, the rules of
evidence at their limits, and the verdict on worlds whose truth is known."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from statsmodels.duration.survfunc import survdiff

import summarise_build
import validate_scores
from lib.validation import limits
from lib.validation.bands import band_rates, ordered_trend, worst_against_best
from lib.validation.baselines import CEILING, ceiling_comparison, plain_comparisons
from lib.validation.bootstrap import Interval, Resamples
from lib.validation.calibration import (
    calibration,
    equal_bins,
    fit_intercept,
    fit_logistic,
    judged_probability,
    released_models,
)
from lib.validation.charts import churn_by_band
from lib.validation.history import (
    band_changes,
    entries_into_worst,
    lead_time,
    years_by_account,
)
from lib.validation.protocol import Refusals, split_by_date
from lib.validation.ranking import RankedRows
from lib.validation.reading import Horizon, choose_horizon, read_marts
from lib.validation.segments import by_segment
from lib.validation.survival import concordance, survival
from lib.validation.verdict import Status, verdict
from lib.warehouse import open_warehouse
from support.dbt import PROJECT
from support.postgres import connect, new_database
from support.validating import change, leak, validate

pytestmark = pytest.mark.quick

QUARTER = Horizon("quarter", 91, 14)
MARTS = ("health_outcomes", "account_health_daily", "churn_dates", "health_contributions")
DRIFT_MARTS = ("score_stability", "calibration_drift")
ALL_MARTS = (*MARTS, *DRIFT_MARTS, "source_health")


# Worlds whose truth is known. ------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """A DuckDB file with the marts, and the AUC that its true risks give its scores."""

    database: Path
    true_auc: float


def make_world(
    path: Path,
    *,
    link: float,
    accounts: int = 700,
    months: int = 20,
    hazard: float = 0.0008,
    seed: int = 3,
) -> World:
    """Accounts with a hazard of their own and a score that follows it (`link` 1) or does not (0).

    Scores are of the first of each month; churn comes at any day. Three segments, the last of them tiny.
    """
    random = np.random.default_rng(seed)
    first = datetime.date(2024, 1, 1)
    dates = pd.date_range(first, periods=months, freq="MS")
    last_day = (dates[-1] - pd.Timestamp(first)).days + 20
    latent = random.normal(size=accounts)
    hazards = hazard * np.exp(latent)
    left = np.ceil(random.exponential(1 / hazards))

    rows = pd.DataFrame(
        {
            "account": np.repeat(np.arange(accounts), months),
            "day": np.tile((dates - pd.Timestamp(first)).days.to_numpy(), accounts),
        }
    )
    rows = rows[left[rows.account] > rows.day].reset_index(drop=True)
    seen = link * latent[rows.account] + (1 - link) * random.normal(size=accounts)[rows.account]
    noise = random.normal(scale=0.3, size=(len(rows), 2))
    rows["score"] = np.clip(50 - 15 * (seen + noise[:, 0]), 0, 100).round(4)
    rows["other"] = np.clip(
        50 - 15 * (random.normal(size=accounts)[rows.account] + noise[:, 1]), 0, 100
    )
    rows["churned_on"] = np.where(left <= last_day, left, np.nan)[rows.account]
    rows["segment"] = np.where(rows.account < 12, "tiny", np.where(rows.account % 2, "odd", "even"))

    # Among the rows that are judged, the chance of each to be a churn is known exactly.
    judged = rows[(rows.day + 105 <= last_day) & ~(rows.churned_on <= rows.day + 14)]
    p = 1 - np.exp(-hazards[judged.account] * 91)
    true_auc = roc_auc_score(
        [1] * len(p) + [0] * len(p), np.tile(-judged.score, 2), sample_weight=np.append(p, 1 - p)
    )
    with duckdb.connect(str(path)) as connection:
        connection.register("rows", rows)
        for statement in marts_from("rows", last_day):
            connection.execute(statement)
    return World(path, true_auc)


def marts_from(rows: str, last_day: int) -> list[str]:
    """Statements that make the marts from account, day, score, other, churned_on, segment."""
    return [
        "create schema marts",
        f"""
        create table marts.health_outcomes as
        select
            'acc_' || account as account_id,
            date '2024-01-01' + cast(day as integer) as observation_date,
            'quarter' as horizon_id,
            91 as horizon_days,
            14 as gap_days,
            cast(score as decimal(9, 4)) as health_score,
            case when score < 35 then 'red' when score < 60 then 'yellow' else 'green' end as band,
            case when score < 35 then 1 when score < 60 then 2 else 3 end as band_rank,
            score >= 60 as is_best_band,
            'standard' as scorecard_id,
            1 as scorecard_version,
            segment as segment_id,
            cast(other as decimal(9, 4)) as usage_points,
            cast(100 - other as integer) as recency_days,
            cast((score + other) / 2 as decimal(9, 4)) as equal_weight_score,
            case when account % 2 = 0 then date '2024-01-01' + cast(day as integer) + 60 end
                as renewal_date,
            account % 2 = 0 as is_renewal_due,
            cast(null as text) as churn_model_id,
            cast(null as decimal(9, 6)) as churn_probability,
            cast(null as boolean) as is_acted_on,
            case when churned_on is not null then date '2024-01-01' + cast(churned_on as integer) end
                as churned_on,
            day + 105 > {last_day} as is_censored,
            churned_on is not null and churned_on <= day + 14 as is_churned_in_gap,
            case
                when day + 105 > {last_day} or churned_on is not null and churned_on <= day + 14 then null
                else churned_on is not null and churned_on <= day + 105
            end as is_churned,
            cast(coalesce(churned_on, {last_day}) as integer)
                - cast(day as integer) as days_to_event,
            churned_on is not null as is_event
        from {rows}
        """,
        """
        create table marts.account_health_daily as
        select
            account_id, observation_date as as_of_date, 1 as spell_number, health_score, band,
            band_rank, is_best_band, scorecard_id, scorecard_version, segment_id, renewal_date,
            churn_probability
        from marts.health_outcomes
        """,
        # The world's last day: somebody without a score is the last to be seen.
        f"""
        insert into marts.account_health_daily by name
        select
            'nobody' as account_id, date '2024-01-01' + {last_day} as as_of_date, 1 as spell_number,
            'unknown' as band, 'standard' as scorecard_id, 1 as scorecard_version
        """,
        f"""
        create table marts.source_health as
        select
            source_id,
            date '2024-01-01' + cast(day as integer) as as_of_date,
            cast(0 as bigint) as rejected_unknown_account
        from range({last_day} + 1) as days (day)
        cross join (values ('subscriptions'), ('churn_events'), ('usage_events')) as sources (source_id)
        """,
        """
        create table marts.churn_dates as
        select distinct
            account_id, 1 as spell_number, churned_on, 'notice' as churn_basis,
            churned_on as notice_given_on, churned_on + 60 as last_paid_on
        from marts.health_outcomes
        where churned_on is not null
        """,
        """
        create table marts.health_contributions as
        select
            account_id, observation_date as as_of_date, 'signal' as contribution_kind,
            signal_id, 'all' as product_id, points
        from (
            select *, 'the''first' as signal_id, health_score as points from marts.health_outcomes
            union all
            select *, 'second', usage_points from marts.health_outcomes
        ) as signals
        """,
        # What drift is, is not the report's to say: rows that say it.
        """
        create table marts.score_stability as
        select
            cast(observation_date as date) as observation_date,
            scorecard_id,
            item_kind,
            item_id,
            stability,
            cast(stability_index as decimal(9, 6)) as stability_index,
            cast(0.02 as decimal(9, 6)) as index_by_chance,
            cast(0.1 as decimal(18, 6)) as question_above,
            cast(0.25 as decimal(18, 6)) as shift_above,
            cast(90 as bigint) as accounts,
            cast(80 as bigint) as reference_accounts,
            date '2024-01-01' as first_reference_date,
            date '2024-03-01' as last_reference_date,
            cast(mean_points as decimal(9, 4)) as mean_points,
            cast(50 as decimal(9, 4)) as reference_mean_points,
            cast(0.25 as decimal(9, 6)) as not_observed_share,
            cast(0 as decimal(9, 6)) as reference_not_observed_share,
            cast(new_version_share as decimal(9, 6)) as new_version_share
        from (
            values
            ('2024-04-01', 'all', 'score', 'health_score', 'stable', 0.03, 51.5, 0),
            ('2024-05-01', 'all', 'score', 'health_score', 'ask_why', 0.125, 61.5, 0.5),
            ('2024-05-01', 'standard', 'score', 'health_score', 'stable', 0.0625, 50, 0),
            ('2024-05-01', 'all', 'dimension', 'use & care', 'stable', 0.01, 49, 0),
            ('2024-04-01', 'all', 'signal', 'second', 'stable', 0.09, 48, 0),
            ('2024-05-01', 'all', 'signal', 'second', 'another_population', 2.5, null, 0),
            ('2024-04-01', 'all', 'signal', 'no longer scored', 'stable', 0.01, 50, 0),
            ('2024-05-01', 'standard', 'signal', 'second', 'another_population', 2.5, null, 0)
        ) as months (
            observation_date, scorecard_id, item_kind, item_id, stability, stability_index,
            mean_points, new_version_share
        )
        """,
        """
        create table marts.calibration_drift as
        select
            cast(quarter_starts_on as date) as quarter_starts_on,
            'first' as model_id,
            'quarter' as horizon_id,
            calibration,
            cast(1000 as bigint) as accounts,
            cast(churned_accounts as bigint) as churned_accounts,
            cast(0.05 as decimal(9, 6)) as expected_rate,
            cast(churned_accounts / 1000.0 as decimal(9, 6)) as churn_rate,
            cast(churn_rate_low as decimal(9, 6)) as churn_rate_low,
            cast(churn_rate_high as decimal(9, 6)) as churn_rate_high,
            cast(churned_accounts / 1000.0 - 0.05 as decimal(9, 6)) as rate_difference
        from (
            values
            ('2024-07-01', 'as_expected', 49, 0.03723, 0.06421),
            ('2024-04-01', 'too_few_expected', 120, 0.10129, 0.14163),
            ('2024-01-01', 'as_expected', 50, 0.03810, 0.06535)
        ) as quarters (
            quarter_starts_on, calibration, churned_accounts, churn_rate_low, churn_rate_high
        )
        """,
    ]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("honest") / "world.duckdb", link=1)


@pytest.fixture(scope="module")
def honest_run(
    honest: World, tmp_path_factory: pytest.TempPathFactory
) -> tuple[int, dict, Path, str]:
    """Exit status, validation.json, folder and printed text of the honest world, judged once."""
    folder, printed = tmp_path_factory.mktemp("judged"), io.StringIO()
    with contextlib.redirect_stdout(printed):
        status, found = validate(honest.database, folder)
    return status, found, folder, printed.getvalue()


@pytest.fixture(scope="module")
def null(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("null") / "world.duckdb", link=0, accounts=350)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    """An honest world with too few churned accounts for boosting, which takes most of the time."""
    folder = tmp_path_factory.mktemp("small")
    return make_world(folder / "world.duckdb", link=1, accounts=350, hazard=0.0006)


@pytest.fixture
def copied(small: World, tmp_path: Path) -> Path:
    """A copy of the small world, to be spoilt."""
    path = tmp_path / "spoilt.duckdb"
    path.write_bytes(small.database.read_bytes())
    return path


# Ranking. --------------------------------------------------------------------------------------------


def ranked_rows() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Risk with ties, churned, account, date."""
    random = np.random.default_rng(1)
    risk = random.integers(0, 12, 300) / 4
    churned = random.random(300) < 0.1 + 0.1 * risk
    return risk, churned, random.integers(0, 40, 300), random.integers(0, 5, 300)


def test_ranking_is_that_of_scikit_learn_under_any_weights():
    risk, churned, account, _ = ranked_rows()
    for weights in (np.ones(40, dtype=int), np.random.default_rng(2).integers(0, 4, 40)):
        found = RankedRows(risk, churned, account).ranking(weights)
        row_weights = weights[account]
        assert found.auc == pytest.approx(roc_auc_score(churned, risk, sample_weight=row_weights))
        assert found.average_precision == pytest.approx(
            average_precision_score(churned, risk, sample_weight=row_weights)
        )


def test_ranking_within_groups_compares_pairs_of_a_group_only():
    risk, churned, account, date = ranked_rows()
    won = pairs = 0.0
    for first, second in combinations(range(len(risk)), 2):
        if date[first] == date[second] and churned[first] != churned[second]:
            left, stayed = (first, second) if churned[first] else (second, first)
            pairs += 1
            won += (risk[left] > risk[stayed]) + (risk[left] == risk[stayed]) / 2
    found = RankedRows(risk, churned, account, date).ranking(np.ones(40, dtype=int))
    assert found.auc == pytest.approx(won / pairs)


def test_capture_at_the_top_tenth_by_hand():
    # Twenty rows of one date: the top tenth is two rows. The riskiest left; of the three rows tied for the
    # second place one left, so that a third of it is captured. A third leaver is far below.
    risk = np.array([9, 8, 8, 8, *range(7, -9, -1)], dtype=float)
    churned = np.zeros(20, dtype=bool)
    churned[[0, 2, 15]] = True
    rows = RankedRows(risk, churned, np.arange(20), np.zeros(20))
    assert rows.ranking(np.ones(20, dtype=int)).capture == pytest.approx((1 + 1 / 3) / 3)


def test_ranking_without_leavers_is_unknown():
    rows = RankedRows(np.arange(3.0), np.zeros(3, dtype=bool), np.arange(3))
    assert np.isnan(rows.ranking(np.ones(3, dtype=int)).auc)


# Intervals. ------------------------------------------------------------------------------------------


def test_accounts_are_resampled_not_rows():
    random = np.random.default_rng(4)
    values, accounts, times = random.normal(size=400), 400, 12

    def width(repeated: int) -> float:
        account, rows = np.repeat(np.arange(accounts), repeated), np.repeat(values, repeated)
        resamples = Resamples(accounts, 1000, seed=5)
        [found] = resamples.intervals(
            "mean", lambda draws: [np.average(rows, weights=draws[account])]
        )
        assert found.value == pytest.approx(values.mean())
        return found.high - found.low

    # Twelve copies of every row tell nothing new, and the width is that of the textbook.
    assert width(times) == pytest.approx(width(1))
    assert width(1) == pytest.approx(2 * 1.96 * values.std() / np.sqrt(accounts), rel=0.1)


def test_every_resample_draws_as_many_accounts():
    counts = Resamples(50, 20, seed=1).counts
    assert (counts.sum(axis=1) == 50).all()
    assert (counts == Resamples(50, 20, seed=1).counts).all()
    assert (counts != Resamples(50, 20, seed=2).counts).any()


# Bands. ----------------------------------------------------------------------------------------------


def outcome_rows(**columns: object) -> pd.DataFrame:
    """Outcome rows with every column that measures look at; one account per row unless given."""
    rows = pd.DataFrame(columns)
    defaults = {
        "account": np.arange(len(rows)), "date": 0, "scorecard_id": "standard", "scorecard_version": 1,
        "segment_id": "all", "score": 50.0, "band": "red", "band_rank": 1.0, "churned": 0.0,
        "probability": NAN, "churn_model_id": None, "acted_on": NAN,
    }  # fmt: skip
    for name, value in defaults.items():
        if name not in rows:
            rows[name] = value
    if "is_best_band" not in rows:
        versions = rows.groupby(["scorecard_id", "scorecard_version"])
        rows["is_best_band"] = rows.band_rank == versions.band_rank.transform("max")
    return rows


def banded(churned_of: Mapping[tuple[str, float], tuple[int, int]]) -> pd.DataFrame:
    """Rows from band and rank to (churned, all)."""
    return outcome_rows(
        band=[band for (band, _), (_, every) in churned_of.items() for _ in range(every)],
        band_rank=[rank for (_, rank), (_, every) in churned_of.items() for _ in range(every)],
        churned=[
            float(number < churned)
            for churned, every in churned_of.values()
            for number in range(every)
        ],
    )


def test_band_rates_difference_and_trend_by_hand():
    rows = banded({("red", 1): (30, 100), ("yellow", 2): (20, 100), ("green", 3): (10, 100)})
    resamples = Resamples(len(rows), 400, seed=1)
    red, yellow, green = band_rates(rows, ["red", "yellow", "green"], resamples)
    assert (red.rate.value, yellow.rate.value, green.rate.value) == pytest.approx((0.3, 0.2, 0.1))
    # Wilson's interval of 10 out of 100, from a table.
    assert (green.wilson.low, green.wilson.high) == pytest.approx((0.0552, 0.1744), abs=1e-4)
    assert red.rate.low == pytest.approx(0.3 - 1.96 * np.sqrt(0.3 * 0.7 / 100), abs=0.02)
    assert (red.accounts, red.churned_accounts, red.churned_observations) == (100, 30, 30)

    compared = worst_against_best(rows, resamples)
    assert (compared.worst, compared.best) == ("red", "green")
    assert compared.difference.value == pytest.approx(0.2)
    assert compared.ratio.value == pytest.approx(3)
    assert ordered_trend(rows).per_band.value == pytest.approx(-0.1)
    assert ordered_trend(rows).p_value < 0.001


@pytest.mark.parametrize(("churned", "rate"), [(0, "0.0 %"), (20, "100.0 %")])
def test_a_band_that_nobody_or_everybody_left_has_no_resampled_interval(churned, rate):
    rows = banded({("red", 1): (30, 100), ("green", 2): (churned, 20)})
    red, green = found = band_rates(rows, ["red", "green"], Resamples(len(rows), 50, seed=1))
    assert red.rate.low < 0.3 < red.rate.high
    assert green.rate.value == churned / 20 and np.isnan([green.rate.low, green.rate.high]).all()
    assert green.wilson.high - green.wilson.low > 0.1
    *_, line = summarise_build.churn_by_band(found)
    assert " ".join(line.split()) == f"green 20 {churned} {rate}"
    assert churn_by_band(found).startswith("<svg")


def test_copies_of_rows_do_not_make_a_trend():
    once = banded({("red", 1): (8, 40), ("green", 2): (5, 40)})
    often = pd.concat([once] * 30)
    assert ordered_trend(often).p_value == pytest.approx(ordered_trend(once).p_value, rel=0.05)
    assert ordered_trend(often).p_value > 0.2


def test_each_scorecard_version_has_its_own_best_band():
    rows = outcome_rows(
        band=["low", "high", "red", "yellow", "green"] * 5,
        band_rank=[1, 2, 1, 2, 3] * 5,
        scorecard_id=["two", "two", "three", "three", "three"] * 5,
    )
    compared = worst_against_best(rows, Resamples(len(rows), 5, seed=1))
    assert (compared.worst, compared.best) == ("low / red", "green / high")


@pytest.mark.parametrize(
    ("accounts", "worst", "best"),
    [
        ((10, 10, 10), "red", "green"),
        ((9, 10, 10), "red / yellow", "green"),
        ((10, 10, 9), "red", "green / yellow"),
        ((10, 10, 0), "red", "yellow"),
        ((0, 10, 10), "yellow", "green"),
        # The middle goes to one end only, and then too few are left at the other.
        ((9, 30, 9), "red / yellow", "green"),
        ((30, 0, 0), "red", "in the best band"),
    ],
)
def test_a_band_with_too_few_accounts_is_judged_with_the_next(accounts, worst, best):
    bands = (("red", 1), ("yellow", 2), ("green", 3))
    rows = banded({band: (0, of) for band, of in zip(bands, accounts, strict=True)})
    compared = worst_against_best(rows, Resamples(len(rows), 5, seed=1))
    assert (compared.worst, compared.best) == (worst, best)


# Calibration. ----------------------------------------------------------------------------------------


def scored_rows(accounts: int = 4000, seed: int = 6) -> pd.DataFrame:
    """Rows of a score that follows p = 1 / (1 + exp(−(1 − 0.05 × score))) exactly."""
    random = np.random.default_rng(seed)
    score = random.uniform(0, 100, accounts)
    p = 1 / (1 + np.exp(-(1 - 0.05 * score)))
    return outcome_rows(score=score, churned=(random.random(accounts) < p).astype(float))


def test_logistic_fit_is_that_of_statsmodels():
    rows = scored_rows()
    weights = np.random.default_rng(7).integers(0, 3, len(rows))
    design = sm.add_constant(rows.score.to_numpy())
    model = sm.GLM(rows.churned, design, sm.families.Binomial(), freq_weights=weights).fit()
    found = fit_logistic(rows.score.to_numpy(), rows.churned.to_numpy(), weights)
    assert found == pytest.approx(tuple(model.params), rel=1e-6)

    offset = 0.4 - 0.03 * rows.score.to_numpy()
    held = sm.GLM(
        rows.churned,
        np.ones(len(rows)),
        sm.families.Binomial(),
        offset=offset,
        freq_weights=weights,
    ).fit()
    intercept = fit_intercept(offset, rows.churned.to_numpy(), weights)
    assert intercept == pytest.approx(held.params.iloc[0], rel=1e-6)


def test_true_probabilities_are_found_to_be_calibrated_and_others_not():
    rows = scored_rows()
    p = 1 / (1 + np.exp(-(1 - 0.05 * rows.score.to_numpy())))
    resamples = Resamples(len(rows), 60, seed=1)

    right = judged_probability(rows, p, resamples, 0.25)
    assert right.slope.low < 1 < right.slope.high and right.intercept.low < 0 < right.intercept.high
    assert right.brier.value == pytest.approx(brier_score_loss(rows.churned, p))
    assert right.brier.value < right.brier_of_base_rate

    doubled = judged_probability(rows, np.minimum(2 * p, 0.99), resamples, 0.25)
    assert doubled.intercept.high < 0
    assert doubled.expected_calibration_error.value > right.expected_calibration_error.high


def test_expected_calibration_error_by_hand():
    # Two probabilities, so two bins: 0.2 expected and 0.4 came; 0.6 expected and 0.5 came.
    rows = outcome_rows(churned=[1, 1, 0, 0, 0, *[1] * 5, *[0] * 5])
    p = np.array([0.2] * 5 + [0.6] * 10)
    found = judged_probability(rows, p, Resamples(15, 5, seed=1), 0.5)
    assert found.expected_calibration_error.value == pytest.approx((5 * 0.2 + 10 * 0.1) / 15)
    assert [(bin.observations, bin.observed.value) for bin in found.bins] == [(5, 0.4), (10, 0.5)]
    assert list(equal_bins(np.array([1.0, 1.0, 2.0, 3.0]), 2)) == [0, 0, 1, 1]


def model_rows(model: str, first_date: int, churned: int, stayed: int) -> pd.DataFrame:
    """Rows of a model that gives everybody 0.2 on its first date."""
    rows = outcome_rows(
        churned=[1.0] * churned + [0.0] * stayed, date=first_date, probability=0.2,
        churn_model_id=model,
    )  # fmt: skip
    return rows.assign(account=rows.account + first_date * 1000)


def test_each_released_model_is_judged_on_its_own_dates():
    before = model_rows("none", 0, 30, 270).assign(probability=NAN, churn_model_id=None)
    rows = pd.concat([before, model_rows("second", 500, 50, 150), model_rows("first", 105, 60, 240)])
    rows = rows.assign(account=pd.factorize(rows.account)[0])
    refusals = Refusals()
    first, second = released_models(rows, 105, Resamples(len(rows), 20, seed=1), refusals)
    assert not refusals.refused
    assert (first.churn_model_id, first.observations, first.churned_to_judge) == ("first", 300, 60)
    assert str(first.first_observation) == str(first.last_observation) == "1970-04-16"
    assert first.brier.value == pytest.approx(brier_score_loss([1] * 60 + [0] * 240, [0.2] * 300))
    # The base rate is what was known when the model first spoke: windows that closed by that day.
    assert first.brier_of_base_rate == pytest.approx(0.2 * 0.9**2 + 0.8 * 0.1**2)
    assert second.brier_of_base_rate == pytest.approx(0.25 * (1 - 0.15) ** 2 + 0.75 * 0.15**2)
    # Right on average for the first, too low for the second.
    assert first.intercept.value == pytest.approx(0, abs=1e-9)
    assert second.intercept.value == pytest.approx(np.log(0.25 / 0.75) - np.log(0.2 / 0.8))


@pytest.mark.parametrize(("churned", "is_judged"), [(49, False), (50, True)])
def test_a_released_model_needs_enough_churned_accounts(churned, is_judged):
    rows = model_rows("m1", 0, churned, 100)
    refusals = Refusals()
    found = released_models(rows, 105, Resamples(len(rows), 5, seed=1), refusals)
    assert [model.churn_model_id for model in found] == (["m1"] if is_judged else [])
    assert [(one.needed, one.found) for one in refusals.refused] == ([] if is_judged else [(50, 49)])
    if is_judged:
        assert np.isnan(found[0].brier_of_base_rate)  # no window had closed before


# Survival. -------------------------------------------------------------------------------------------


def test_survival_by_hand_and_by_statsmodels():
    rows = outcome_rows(
        band=["red"] * 4 + ["green"] * 4,
        band_rank=[1.0] * 4 + [2.0] * 4,
        score=[10.0, 20, 30, 40, 50, 60, 70, 80],
        days_to_event=[10.0, 20, 20, 30, 40, 90, 90, 90],
        is_event=[True, True, False, True, True, False, False, False],
    )
    found = survival(rows, ["red", "green"], 100, Resamples(8, 5, seed=1), seed=1)
    red, green = found.curves
    assert red.days == [10, 20, 30]
    assert red.share == pytest.approx([3 / 4, 3 / 4 * 2 / 3, 0])
    assert green.share == pytest.approx([3 / 4, 3 / 4])
    chi_square, p_value = survdiff(rows.days_to_event, rows.is_event.astype(int), rows.band)
    assert found.log_rank_chi_square == pytest.approx(chi_square)
    assert found.log_rank_p_value == pytest.approx(p_value)
    # Every pair whose order is known is in the order of the score.
    assert found.harrell.value == 1 and found.uno.value == pytest.approx(1)


def test_where_everybody_leaves_on_one_day_curves_cannot_be_compared():
    rows = outcome_rows(
        band=["red", "red", "green", "green"], band_rank=[1.0, 1, 2, 2], score=[10.0, 20, 50, 60],
        days_to_event=90.0, is_event=True,
    )  # fmt: skip
    found = survival(rows, ["red", "green"], 100, Resamples(4, 5, seed=1), seed=1)
    assert found.log_rank_chi_square is None and found.log_rank_p_value is None
    assert [curve.share for curve in found.curves] == [[0], [0]]


def test_concordance_by_hand():
    # Known orders: 1 before 2, 3 and 4, and 2 before 4 (3 is censored on the day that 2 leaves, and so
    # counts as later). Of these five with 2 before 3, the scores have 1 < 2, 1 < 4 and 2 < 4 right.
    rows = outcome_rows(
        score=[20.0, 30, 10, 40], days_to_event=[5.0, 9, 9, 50], is_event=[True, True, False, False]
    )
    harrell, _ = concordance(rows, 100, Resamples(4, 5, seed=1), seed=1)
    assert harrell.value == pytest.approx(3 / 5)


# What a CSM lives through. ---------------------------------------------------------------------------


def stints_of(*stints: tuple[int, float, int, int, float]) -> pd.DataFrame:
    """Rows of (account, band_rank, first day, last day, churned_on or NaN)."""
    columns = ["account", "band_rank", "starts_on", "ends_on", "churned_on"]
    rows = pd.DataFrame(stints, columns=columns).sort_values(["account", "starts_on"])
    names = {1: "red", 2: "yellow", 3: "green"}
    return rows.assign(
        spell_number=1, band=rows.band_rank.map(names).fillna("unknown"), scorecard_id="standard",
        scorecard_version=1,
    ).reset_index(drop=True)  # fmt: skip


NAN = float("nan")


def test_lead_time_beside_stayers_by_hand(monkeypatch):
    monkeypatch.setattr(limits, "MEASURES_FROM", 1)
    found = lead_time(
        stints_of(
            (1, 3, 0, 149, 200), (1, 1, 150, 199, 200),  # red from 50 days before
            (2, 1, 0, 80, 200), (2, 3, 81, 199, 200),  # red, but not in the last 105 days
            (3, 1, 0, 199, 200),  # always red: 105 days are looked back
            (4, 3, 0, 49, 50), # left before a whole window had been seen
            (5, NAN, 0, 199, 200),  # never scored
            (6, 3, 0, 300, NAN), (7, 1, 0, 99, NAN), (7, 3, 100, 300, NAN),  # one stayer of two in red
            (8, 1, 250, 300, NAN),  # came after the leavers had left
        ),
        QUARTER,
        Refusals(),
    )  # fmt: skip
    assert (found.leavers, found.leavers_share.value) == (3, pytest.approx(2 / 3))
    assert found.stayers_share == pytest.approx(1 / 2)
    assert found.lead_days == pytest.approx((63.75, 77.5, 91.25))


def test_entries_into_the_worst_band_by_hand():
    stints = stints_of(
        (1, 3, 0, 9, 100), (1, 1, 10, 99, 100),  # 90 days before: true
        (2, 1, 0, 9, NAN), (2, 3, 10, 19, NAN), (2, 1, 20, 400, NAN),  # there at first, back: one, false
        (3, 3, 0, 9, 20), (3, 1, 10, 19, 20),  # left in the gap: neither
        (4, 3, 0, 199, 500), (4, 1, 200, 499, 500),  # 300 days before: false
        (5, 3, 0, 369, NAN), (5, 1, 370, 400, NAN),  # its window is open: not judged
        (6, NAN, 1, 9, 160), (6, 1, 10, 100, 160),  # came later, 150 days before: false
        (7, NAN, 0, 9, NAN), (7, 1, 10, 19, NAN),  # there from the first day: a stock …
        (7, NAN, 20, 29, NAN), (7, 1, 30, 39, NAN),  # … and a return to the same band is none
        (8, 1, 5, 19, NAN),  # new, and in the worst band at once: false
    )  # fmt: skip
    found = entries_into_worst(stints, QUARTER, 400, 0.1, Resamples(9, 50, seed=1), Refusals())
    assert (found.entries, found.churned) == (5, 1)
    assert found.precision.value == pytest.approx(1 / 5)
    # Days until the last whose window is closed, 400 − 105 = 295, it included.
    years = (100 + 296 + 20 + 296 + 296 + 100 + 40 + 15) / 365.25
    assert found.account_years == pytest.approx(years)
    assert found.false_alarms_per_100_accounts_a_year.value == pytest.approx(100 * 4 / years)


def test_a_window_that_closes_on_the_last_day_is_closed():
    stints = stints_of((0, 3, 0, 94, NAN), (0, 1, 95, 200, NAN))
    for last_day, entries in ((199, 0), (200, 1)):
        refusals = Refusals()
        found = entries_into_worst(stints, QUARTER, last_day, 0, Resamples(1, 5, seed=1), refusals)
        assert (found.entries if found else 0) == entries == 1 - len(refusals.refused)


def test_changes_and_flaps_by_hand():
    stints = stints_of(
        (0, 3, 0, 99, NAN), (0, 2, 100, 128, NAN), (0, 3, 129, 200, NAN),  # back after 29 days: none
        (1, 3, 0, 99, NAN), (1, 2, 100, 127, NAN), (1, 3, 128, 200, NAN),  # after 28 days: a flap
        (2, NAN, 0, 99, NAN), (2, 2, 100, 200, NAN),  # gaining a score is no change
        (3, 3, 0, 99, NAN), (3, 2, 100, 110, NAN), (3, 1, 111, 200, NAN),  # on, not back
    )  # fmt: skip
    found = band_changes(stints, Resamples(4, 20, seed=1))
    assert (found.changes, found.flaps) == (6, 1)
    assert found.changes_per_account_a_year.value == pytest.approx(6 / (4 * 201 / 365.25))


def test_the_last_score_holds_until_the_next_is_due(copied):
    # Scored on the first of a month alone: what came before the churn, day by day.
    change(
        copied,
        "delete from marts.source_health where as_of_date not in ("
        "select as_of_date from marts.account_health_daily where account_id <> 'nobody')",
    )
    [expected, last] = duckdb_row(
        copied,
        """
        select count(distinct (daily.account_id, days.day)), max(days.day) - date '1970-01-01'
        from marts.account_health_daily as daily
        left join marts.churn_dates as churns using (account_id)
        inner join (
            select cast(unnest(range(min(as_of_date), max(as_of_date) + 1, interval 1 day)) as date) as day
            from marts.source_health
        ) as days
            on days.day >= daily.as_of_date
            and date_trunc('month', days.day) = date_trunc('month', daily.as_of_date)
        where daily.account_id <> 'nobody' and (churned_on is null or days.day < churned_on)
        """,
    )
    with open_warehouse(copied) as warehouse:
        marts = read_marts(warehouse, "marts", QUARTER)
    years = years_by_account(marts.stints[marts.stints.starts_on <= last], last, marts.accounts)
    assert years.sum() * 365.25 == pytest.approx(expected)


# Drift. ----------------------------------------------------------------------------------------------


def test_drift_is_what_the_marts_say(honest_run):
    _, found, folder, _ = honest_run
    items = {
        (item["scorecard_id"], item["item_kind"], item["item_id"]): item
        for item in found["drift"]["items"]
    }
    # Items of one scorecard stay in the mart, its score aside; the score of everybody comes first.
    assert list(items) == [
        ("all", "score", "health_score"), ("standard", "score", "health_score"),
        ("all", "dimension", "use & care"), ("all", "signal", "no longer scored"),
        ("all", "signal", "second"),
    ]  # fmt: skip
    score = items["all", "score", "health_score"]
    assert (score["first_reference_date"], score["last_reference_date"]) == ("2024-01-01", "2024-03-01")
    assert [month["date"] for month in score["months"]] == ["2024-04-01", "2024-05-01"]
    assert score["months"][1] == {
        "date": "2024-05-01", "accounts": 90, "reference_accounts": 80, "index": 0.125, "chance": 0.02,
        "stability": "ask_why", "mean_points": 61.5, "reference_mean_points": 50.0,
        "not_observed": 0.25, "reference_not_observed": 0.0, "new_version": 0.5,
    }  # fmt: skip
    assert items["all", "signal", "second"]["months"][1]["mean_points"] is None
    assert (found["drift"]["question_above"], found["drift"]["shift_above"]) == (0.1, 0.25)
    assert [
        (
            quarter["quarter_starts_on"], quarter["calibration"],
            quarter["observed"] and quarter["observed"]["low"],
        )
        for quarter in found["calibration_drift"]
    ] == [
        ("2024-01-01", "as_expected", 0.0381), ("2024-04-01", "too_few_expected", 0.10129),
        ("2024-07-01", None, None),
    ]  # fmt: skip
    [refused] = [one for one in found["refused"] if one["what"].startswith("calibration drift of")]
    assert refused["what"].endswith("first, quarter, from 2024-07-01")
    assert (refused["needed"], refused["found"]) == (limits.JUDGING_PERIOD_FROM, 49)

    page = (folder / "validation.html").read_text()
    drift, _, rest = page.partition("<h2>Is the population still the same</h2>")[2].partition("<h2>")
    # The last month only, the largest index first, and its words.
    cells = re.findall(r"<td[^>]*>(.*?)</td>", drift)
    assert cells[0::9] == ["second", "health_score", "health_score, standard", "use &amp; care"]
    assert cells[8::9] == ["another population", "ask why, new version", "", ""]
    assert "every month" in drift and "retrains nothing" in drift
    calibration = rest.partition("<h2>")[0]
    assert calibration.startswith("Does the churn model still expect what happens")
    cells = re.findall(r"<td[^>]*>(.*?)</td>", calibration)
    assert cells[6::8] == ["5.0% (3.8% to 6.5%)", "12.0% (10.1% to 14.2%)", "refused"]
    assert cells[7::8] == ["", "too few expected", ""]
    assert "every quarter" in calibration


@pytest.mark.parametrize("statement", ["drop table", "delete from"])
def test_drift_that_no_mart_holds_is_refused_with_a_reason(copied, tmp_path, capsys, statement):
    change(copied, *(f"{statement} marts.{mart}" for mart in DRIFT_MARTS))
    status, found = validate(copied, tmp_path, bootstraps=20)
    assert status == 0 and found["drift"] is None and found["calibration_drift"] is None
    reasons = {refusal["what"]: refusal["why"] for refusal in found["refused"]}
    if statement == "drop table":
        assert reasons["drift"] == "the mart score_stability is not built; run make build"
        assert "calibration_drift is not built" in reasons["calibration drift"]
    else:
        assert "drift_limits" in reasons["drift"]
        assert "no churn model is released" in reasons["calibration drift"]
    assert "Is the population still the same" not in (tmp_path / "validation.html").read_text()


# Rules of evidence. ----------------------------------------------------------------------------------


def test_rows_to_fit_on_were_closed_before_the_first_judging_date():
    random = np.random.default_rng(8)
    rows = outcome_rows(
        account=np.arange(3000),
        date=random.integers(0, 60, 3000) * 7,
        churned=(random.random(3000) < 0.2).astype(float),
    )
    split = split_by_date(rows, 105)
    assert (
        rows.date[split.fit] + 105
    ).max() == split.first_judging_date  # on the very day is closed
    assert rows.date[split.judge].min() == split.first_judging_date
    assert not (split.fit & split.judge).any()
    assert split.churned_to_fit == rows.churned[split.fit].sum() >= limits.FREE_WEIGHTS_FROM
    assert split.churned_to_judge == rows.churned[split.judge].sum() >= limits.JUDGING_PERIOD_FROM


@pytest.mark.parametrize(("to_judge", "is_split"), [(49, False), (50, True)])
def test_the_judging_period_holds_enough(to_judge, is_split):
    churned = limits.MEASURES_FROM + to_judge
    dates = [0] * limits.MEASURES_FROM + [200] * to_judge
    rows = outcome_rows(account=np.arange(churned), date=dates, churned=1.0)
    assert (split_by_date(rows, 105) is not None) == is_split


@pytest.mark.parametrize(("to_fit", "is_fitted"), [(99, False), (100, True)])
def test_calibration_is_fitted_from_enough_churned_accounts(to_fit, is_fitted):
    random = np.random.default_rng(9)
    churned = np.array([1.0] * to_fit + [0.0] * 400 + [1.0] * 60 + [0.0] * 200)
    rows = outcome_rows(
        churned=churned, score=random.uniform(0, 60, len(churned)) + 40 * (1 - churned),
        date=[0] * (to_fit + 400) + [200] * 260,
    )  # fmt: skip
    refusals = Refusals()
    found = calibration(rows, split_by_date(rows, 105), Resamples(len(rows), 5, seed=1), refusals)
    assert (found is not None) == is_fitted
    assert [(refusal.needed, refusal.found) for refusal in refusals.refused] == (
        [] if is_fitted else [(100, 99)]
    )


@pytest.mark.parametrize(("churned", "is_measured"), [(9, False), (10, True)])
def test_a_segment_needs_enough_churned_accounts(churned, is_measured):
    rows = outcome_rows(churned=[1.0] * churned + [0.0] * 30, score=np.arange(churned + 30.0))
    refusals = Refusals()
    [segment] = by_segment(rows, Resamples(len(rows), 5, seed=1), refusals)
    assert (segment.discrimination is not None) == is_measured
    assert segment.is_pooled
    assert any("segment all" in refusal.what for refusal in refusals.refused)


def test_floors_count_accounts_not_rows():
    rows = outcome_rows(account=np.repeat(np.arange(9), 5), churned=1.0)
    refusals = Refusals()
    [segment] = by_segment(rows, Resamples(9, 5, seed=1), refusals)
    assert segment.churned_accounts == 9 and segment.discrimination is None


@pytest.mark.parametrize(
    ("low", "accounts", "status"),
    [
        (0.001, 10, Status.PREDICTIVE),
        (0.0, 10, Status.NOT_SHOWN),
        (-0.02, 10, Status.NOT_SHOWN),
        (0.001, 9, Status.NOT_JUDGED),
    ],
)
def test_verdict_at_its_limits(low, accounts, status):
    rows = banded({("red", 1): (5, accounts), ("green", 3): (1, 40)})
    compared = worst_against_best(rows, Resamples(len(rows), 5, seed=1))
    compared = type(compared)("red", "green", accounts, 40, Interval(0.1, low, 0.2), compared.ratio)
    assert verdict(compared, 50, QUARTER).status is status


def test_a_baseline_that_is_off_is_refused():
    rows = outcome_rows(
        score=np.arange(100.0), churned=[1.0, 0.0] * 50, usage_points=NAN, recency_days=NAN,
        equal_weight_score=np.arange(100.0),
    )  # fmt: skip
    refusals = Refusals()
    [compared] = plain_comparisons(rows, Resamples(100, 20, seed=1), refusals)
    assert len(refusals.refused) == 2
    # The same ranking: no difference, whatever is resampled.
    same = (0.0, 0.0, 0.0)
    difference = compared.difference_within_date
    assert (difference.value, difference.low, difference.high) == same


def test_who_never_came_is_the_longest_away():
    churned = np.array([1.0] * 40 + [0.0] * 60)
    rows = outcome_rows(
        score=50.0, churned=churned, usage_points=NAN, equal_weight_score=NAN,
        recency_days=np.where(churned == 1, NAN, 5.0),
    )  # fmt: skip
    [compared] = plain_comparisons(rows, Resamples(100, 20, seed=1), Refusals())
    assert compared.baseline_auc_pooled.value == 1


@pytest.mark.parametrize("others", [0, 1])
def test_a_signal_that_nobody_had_while_boosting_was_fitted(others):
    accounts = 2 * limits.FREE_WEIGHTS_FROM
    random = np.random.default_rng(10)
    rows = pd.concat([
        outcome_rows(
            account=np.arange(2 * accounts), date=date, score=random.uniform(0, 100, 2 * accounts),
            churned=[1.0, 0.0] * accounts,
        )
        for date in (0, 200)
    ], ignore_index=True)  # fmt: skip
    signals = rows[["account", "date"]].assign(late=np.where(rows.date == 200, 50.0, NAN))
    signals = signals.assign(**{f"s{number}": rows.score for number in range(others)})
    split = split_by_date(rows, 105)
    refusals, resamples = Refusals(), Resamples(2 * accounts, 5, seed=1)
    found = ceiling_comparison(rows, signals, split, resamples, refusals, seed=1)
    assert (found is not None) == bool(others)
    assert [refusal.why for refusal in refusals.refused] == (
        [] if others else ["no signal was observed in the period to fit on"]
    )


# The command. ----------------------------------------------------------------------------------------


def test_a_score_that_is_a_function_of_risk_predicts(honest, honest_run):
    status, found, _, said = honest_run
    assert (status, found["verdict"]["status"]) == (0, "predictive")
    assert said.startswith(f"== {found['verdict']['sentence']}")
    assert not any(found["integrity"].values())

    auc = found["discrimination"]["auc_pooled"]
    assert auc["low"] < honest.true_auc < auc["high"] and 0.6 < honest.true_auc < 0.8
    assert set(found["discrimination"]) >= {"lift", "capture", "average_precision", "base_rate"}
    assert found["renewal_due"] and found["renewal_not_due"]

    baselines = {row["baseline"]: row for row in found["baselines"]}
    assert baselines["usage alone"]["difference_within_date"]["low"] > 0
    # Boosting knows the same signal, and the rest of what it knows says nothing.
    ceiling = baselines[CEILING]["difference_within_date"]
    assert ceiling["low"] < 0.02 and ceiling["value"] > -0.02
    slope = found["calibration"]["slope"]
    assert slope["low"] < 1 < slope["high"]
    assert found["calibration"]["brier"]["value"] < found["calibration"]["brier_of_base_rate"]
    assert found["lead_time"]["leavers_share"]["value"] > found["lead_time"]["stayers_share"]
    assert (
        found["survival"]["log_rank_p_value"] < 0.001 < 0.6 < found["survival"]["harrell"]["value"]
    )
    by_name = {segment["segment_id"]: segment for segment in found["segments"]}
    assert by_name["odd"]["discrimination"] and by_name["tiny"]["discrimination"] is None
    refused = [refusal["what"] for refusal in found["refused"]]
    assert "measures of segment tiny" in refused
    assert {WITHOUT_ACTED_ON, "calibration of the released probability"} <= set(refused)


def test_a_score_that_knows_nothing_does_not(null, tmp_path, capsys):
    status, found = validate(null.database, tmp_path)
    assert (status, found["verdict"]["exit_status"]) == (1, 1)
    assert "not shown to predict" in capsys.readouterr().out
    auc = found["discrimination"]["auc_within_date"]
    assert auc["low"] < 0.5 < auc["high"]


@pytest.mark.parametrize(("churned", "status"), [(29, 2), (30, None)])
def test_too_few_churned_accounts_give_counts_only(copied, tmp_path, capsys, churned, status):
    change(
        copied,
        f"""
        create table too_many as
        select account_id from marts.health_outcomes where is_churned
        group by account_id order by account_id offset {churned}
        """,
        *(f"delete from marts.{mart} where account_id in (from too_many)" for mart in MARTS),
    )
    found_status, found = validate(copied, tmp_path / "out", bootstraps=20)
    assert found["counts"]["churned_accounts"] == churned
    if status == 2:
        assert found_status == 2 and "29 churned accounts" in found["verdict"]["sentence"]
        assert found["discrimination"] is None and found["baselines"] is None
        assert found["drift"] and found["calibration_drift"], "drift needs no outcomes"
        assert sum(band["churned_accounts"] for band in found["bands"]) >= 29
        assert all(band["rate"] is None for band in found["bands"])
        assert found["refused"][0] == {
            "what": "every measure", "why": "29 churned accounts, 30 are needed", "needed": 30, "found": 29
        }  # fmt: skip
    else:
        assert found_status in (0, 1) and found["discrimination"]
        assert any(refusal["what"].startswith("calibration") for refusal in found["refused"])


def test_churners_never_scored_are_counted(copied, tmp_path, capsys):
    [account] = duckdb_row(
        copied, "select min(account_id) from marts.health_outcomes where is_churned"
    )
    change(
        copied,
        f"delete from marts.health_outcomes where account_id = '{account}'",
        f"delete from marts.account_health_daily where account_id = '{account}'",
    )
    _, found = validate(copied, tmp_path / "out", bootstraps=20)
    assert found["counts"]["churns_never_scored"] == 1
    assert "of accounts never scored before: 1" in capsys.readouterr().out


def duckdb_row(database: Path, query: str) -> tuple:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchone()


def test_with_and_without_accounts_that_were_acted_on(copied, tmp_path, capsys):
    change(
        copied,
        "update marts.health_outcomes set is_acted_on = account_id like '%1'",
    )
    _, found = validate(copied, tmp_path / "out", bootstraps=20)
    every, rest, counts = found["discrimination"], found["not_acted_on"], found["counts"]
    assert rest["observations"] == every["observations"] - counts["acted_on"]
    assert 0 < counts["churned_acted_on"] < counts["acted_on"]
    assert counts["actions_known"] == counts["judged"]
    assert found["worst_against_best_not_acted_on"]["difference"]["low"] > 0
    assert "Without those acted on: " in (tmp_path / "out" / "validation.html").read_text()


WITHOUT_ACTED_ON = "measures without the accounts that a CSM acted on"


def test_actions_that_are_known_in_part_are_named(copied, tmp_path, capsys):
    change(
        copied,
        "update marts.health_outcomes set is_acted_on = account_id like '%1'"
        " where observation_date >= date '2024-06-01'",
    )
    _, found = validate(copied, tmp_path / "out", bootstraps=20)
    known = found["counts"]["actions_known"]
    assert 0 < known < found["counts"]["judged"]
    assert found["not_acted_on"]["observations"] == known - found["counts"]["acted_on"]
    assert any(f"known of {known:,} of" in warning for warning in found["warnings"])


@pytest.mark.parametrize(
    ("acted_on", "why"), [("null", "touchpoints are off"), ("false", "nobody was acted on")]
)
def test_without_actions_there_is_nothing_to_leave_out(copied, tmp_path, capsys, acted_on, why):
    change(copied, f"update marts.health_outcomes set is_acted_on = {acted_on}")
    _, found = validate(copied, tmp_path / "out", bootstraps=20)
    [reason] = [one["why"] for one in found["refused"] if one["what"] == WITHOUT_ACTED_ON]
    assert why in reason and found["not_acted_on"] is None


def test_the_released_probability_is_judged_beside_the_fitted_one(honest, tmp_path, capsys):
    # Released half way: the average of the truth for everybody would be 0.07; this is twice that.
    path = tmp_path / "released.duckdb"
    path.write_bytes(honest.database.read_bytes())
    change(
        path,
        *(
            f"update marts.{mart} set churn_probability = 0.14 where {day} >= date '2024-09-01'"
            " and health_score is not null"
            for mart, day in (
                ("health_outcomes", "observation_date"), ("account_health_daily", "as_of_date"),
            )
        ),
        "update marts.health_outcomes set churn_model_id = 'm<1>' where churn_probability is not null",
    )  # fmt: skip
    _, found = validate(path, tmp_path / "out", bootstraps=20)
    [model] = found["released_models"]
    assert (model["churn_model_id"], model["first_observation"]) == ("m<1>", "2024-09-01")
    assert model["intercept"]["high"] < 0 and found["calibration"]["intercept"]
    assert model["slope"]["value"] is None  # one probability for everybody has none
    assert model["dates"][0]["date"] == "2024-09-01"
    assert all(day["expected"] > day["observed"] for day in model["dates"])
    page = (tmp_path / "out" / "validation.html").read_text()
    assert "Is the released probability right" in page and "Model m&lt;1&gt;, as it was shown" in page


def test_leak_probability_that_was_not_shown(copied, tmp_path, capsys):
    # A model of today put on the rows of the past.
    counts = leak(
        copied, tmp_path, capsys,
        "update marts.health_outcomes set churn_probability = 0.1, churn_model_id = 'm1'",
    )  # fmt: skip
    assert counts["scores_unlike_that_day"] > 100


def test_a_comparison_of_too_few_accounts_is_refused_wherever_it_stands(copied, tmp_path, capsys):
    # All in the worst band but nine, who are in the best.
    for mart in ("health_outcomes", "account_health_daily"):
        change(
            copied,
            f"""
            create or replace table marts.{mart} as select * replace (
                case when few then 'green' else 'red' end as band,
                case when few then 3 else 1 end as band_rank,
                few as is_best_band
            )
            from (select *, account_id in (
                select account_id from marts.churn_dates order by account_id limit 9
            ) as few from marts.{mart})
            """,
        )
    change(copied, "update marts.health_outcomes set is_acted_on = account_id like '%1'")
    status, found = validate(copied, tmp_path / "out", bootstraps=20)
    assert status == 2 and "9 ever green, 10 of each are needed" in found["verdict"]["sentence"]
    for name in ("worst_against_best", "trend", "worst_against_best_not_acted_on"):
        assert found[name] is None
    reasons = [one["what"] for one in found["refused"] if one["needed"] == limits.BAND_ACCOUNTS_FROM]
    assert "worst against best band, and the trend between" in reasons
    assert "worst against best band without the accounts that a CSM acted on" in reasons
    page = (tmp_path / "out" / "validation.html").read_text()
    assert "percentage points" not in page and "Without those acted on" not in page


def test_where_everybody_is_in_the_worst_band_there_is_no_verdict(copied, tmp_path, capsys):
    for mart in ("health_outcomes", "account_health_daily"):
        change(copied, f"update marts.{mart} set band = 'red', band_rank = 1 where band_rank > 1")
        change(copied, f"update marts.{mart} set is_best_band = false")
    status, found = validate(copied, tmp_path / "out", bootstraps=20)
    assert status == 2 and "0 ever in the best band" in found["verdict"]["sentence"]


def summarised(database: Path) -> list[str]:
    """What the summary of a build says about prediction."""
    with open_warehouse(database) as warehouse:
        return [" ".join(line.split()) for line in summarise_build.prediction(warehouse, "marts", False)]


def test_a_build_ends_with_the_verdict_of_the_validation(small, tmp_path, capsys):
    _, found = validate(small.database, tmp_path, bootstraps=limits.BOOTSTRAPS)
    said, counts = summarised(small.database), found["counts"]
    assert said[1] == found["verdict"]["sentence"]
    assert said[2].startswith(f"judged: {counts['judged']:,} observations with a score, of ")
    assert f"; {counts['churned_accounts']} accounts left within 91 days" in said[2]
    assert said[3] == f"still open: {counts['censored']:,} of {counts['observations']:,} observations"
    assert said[5] == "band observations churned interval"
    worst, rate = found["bands"][0], found["bands"][0]["rate"]
    low, value, high = (f"{100 * rate[part]:.1f}" for part in ("low", "value", "high"))
    assert said[6] == (
        f"red {worst['observations']:,} {worst['churned_observations']} {value} % {low} to {high} %"
    )


def test_a_build_of_too_few_outcomes_ends_with_counts(copied):
    change(
        copied,
        "delete from marts.health_outcomes where account_id not like '%7'",
        "delete from marts.account_health_daily where account_id not like '%7' and account_id <> 'nobody'",
    )
    said = summarised(copied)
    assert re.search(r"^Could not be judged: \d+ churned accounts with a score, 30 are needed", said[1])
    assert said[5] == "band observations churned" and not any("%" in line for line in said)


def test_a_build_that_holds_a_leak_ends_without_a_figure(copied):
    change(copied, "update marts.health_outcomes set health_score = health_score / 2")
    said = summarised(copied)
    assert "no honest history can hold (scores_unlike_that_day" in said[1]
    assert not any(line.startswith("band ") for line in said)


# Planted leaks. --------------------------------------------------------------------------------------


def test_leak_contract_end_as_label(copied, tmp_path, capsys):
    # The contract ends 60 days after notice: labels move, and notice periods become observations.
    counts = leak(
        copied, tmp_path, capsys,
        """
        update marts.health_outcomes set
            churned_on = churned_on + 60,
            is_churned = case
                when is_censored or churned_on + 60 <= observation_date + 14 then null
                else churned_on + 60 <= observation_date + 105
            end
        where churned_on is not null
        """,
        """
        insert into marts.account_health_daily by name
        select
            churns.account_id, dates.observation_date as as_of_date, 1 as spell_number,
            20 as health_score, 'red' as band, 1 as band_rank
        from marts.churn_dates as churns
        inner join (select distinct observation_date from marts.health_outcomes) as dates
            on dates.observation_date between churns.churned_on and churns.churned_on + 59
        """,
        """
        insert into marts.health_outcomes
        select outcomes.* replace (
            daily.as_of_date as observation_date, 20 as health_score, 'red' as band, true as is_churned
        )
        from marts.account_health_daily as daily
        inner join marts.churn_dates using (account_id)
        inner join (
            from marts.health_outcomes
            qualify row_number() over (partition by account_id order by observation_date) = 1
        ) as outcomes using (account_id)
        where daily.as_of_date >= churn_dates.churned_on
        """,
    )  # fmt: skip
    assert counts["labels_unlike_churn_dates"] > 100
    assert counts["rows_scored_after_churn"] > 100


def test_leak_scores_of_the_churn_date(copied, tmp_path, capsys):
    # Every row of a leaver carries the last score before the churn.
    counts = leak(
        copied, tmp_path, capsys,
        """
        update marts.health_outcomes as outcomes set health_score = (
            select arg_max(daily.health_score, daily.as_of_date) from marts.account_health_daily as daily
            where daily.account_id = outcomes.account_id
        )
        where churned_on is not null
        """,
    )  # fmt: skip
    assert counts["scores_unlike_that_day"] > 100


def test_leak_leavers_scored_on_their_own_date(copied, tmp_path, capsys):
    # Stayers on the last date, leavers on the day before they left.
    counts = leak(
        copied, tmp_path, capsys,
        """
        delete from marts.health_outcomes where not coalesce(is_churned, false)
        and observation_date <> (select max(observation_date) from marts.health_outcomes where not is_censored)
        """,
        """
        update marts.health_outcomes set observation_date = churned_on - 15, days_to_event = 15
        where is_churned
        """,
    )  # fmt: skip
    assert counts["scores_unlike_that_day"] > 100


def test_leak_in_the_scores_themselves_is_suspected(copied, tmp_path, capsys):
    # The day's own score knows the future: no count can tell, but the figure is too good.
    for mart in ("health_outcomes", "account_health_daily"):
        change(
            copied,
            f"""
            update marts.{mart} as spoilt set health_score = health_score / 4
            where exists (
                select 1 from marts.health_outcomes as outcomes
                where outcomes.account_id = spoilt.account_id and outcomes.is_churned
            )
            """,
        )
    _, found = validate(copied, tmp_path / "out", bootstraps=20)
    assert found["discrimination"]["auc_within_date"]["value"] > limits.SUSPECT_AUC
    assert any("the AUC of the score is" in warning for warning in found["warnings"])
    assert "careful: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        (
            "update marts.churn_dates set churned_on = ("
            "select min(observation_date) from marts.health_outcomes)"
            " where account_id = (select max(account_id) from marts.churn_dates)",
            "rows_scored_after_churn",
        ),
        (
            "delete from marts.health_outcomes where account_id = ("
            "select min(account_id) from marts.health_outcomes)",
            "accounts_left_out_of_a_date",
        ),
        # The dates on which leavers had their best scores.
        (
            "delete from marts.health_outcomes where observation_date in ("
            "select observation_date from marts.health_outcomes where is_churned"
            " group by observation_date order by avg(health_score) desc limit 8)",
            "accounts_left_out_of_a_date",
        ),
        (
            "insert into marts.health_outcomes select * from marts.health_outcomes limit 1",
            "duplicate_rows",
        ),
        (
            "update marts.churn_dates set notice_given_on = churned_on - 1 where account_id = ("
            "select min(account_id) from marts.churn_dates)",
            "churns_dated_after_notice",
        ),
        *(
            (f"update marts.health_outcomes set {change}", "scores_unlike_that_day")
            for change in (
                "band_rank = 1, is_best_band = false where is_churned and band_rank > 1",
                "is_best_band = not is_best_band where is_churned",
                "scorecard_version = 2 where is_churned",
                "segment_id = 'x' where is_churned",
                "renewal_date = renewal_date + 1 where is_churned",
                "is_renewal_due = not is_renewal_due where is_churned",
                "churn_model_id = 'm1' where is_churned",
            )
        ),
        *(
            (f"update marts.health_outcomes set {change}", "labels_unlike_churn_dates")
            for change in (
                "days_to_event = days_to_event + 400 where not is_event",
                "days_to_event = 1 where not is_event and not is_censored",
                "days_to_event = days_to_event - 1 where is_event",
                "is_event = false where is_churned",
                "is_censored = true, is_churned = null where is_churned",
                "is_churned_in_gap = true, is_churned = null where is_churned",
            )
        ),
    ],
)
def test_every_integrity_count_can_fail(copied, tmp_path, capsys, statement, count):
    assert leak(copied, tmp_path, capsys, statement)[count] > 0


def test_nobody_needs_to_be_a_customer_on_the_last_scored_day(copied, tmp_path, capsys):
    change(copied, "delete from marts.account_health_daily where account_id = 'nobody'")
    status, found = validate(copied, tmp_path / "out", bootstraps=20)
    assert status == 0 and not any(found["integrity"].values())
    [last_day] = duckdb_row(copied, "select max(as_of_date) from marts.source_health")
    assert found["counts"]["last_day"] == str(last_day)


def test_a_score_that_beats_boosting_on_its_own_signals_is_suspected(honest, honest_run, tmp_path):
    # As above, but too little for an AUC that is suspect in itself.
    _, found, *_ = honest_run
    assert not any("better than boosting" in warning for warning in found["warnings"])
    spoilt = shutil.copy(honest.database, tmp_path / "spoilt.duckdb")
    for mart in ("health_outcomes", "account_health_daily"):
        change(
            spoilt,
            f"""
            update marts.{mart} as spoilt set health_score = health_score - 5
            where exists (
                select 1 from marts.churn_dates where churn_dates.account_id = spoilt.account_id
            )
            """,
        )
    _, found = validate(spoilt, tmp_path / "out")
    assert found["discrimination"]["auc_within_date"]["value"] < limits.SUSPECT_AUC
    assert any("better than boosting" in warning for warning in found["warnings"])


def test_a_leak_in_a_signal_that_hardly_weighs_shows_in_boosting(honest, honest_run, tmp_path):
    # The signal knows who will leave, and the score makes nothing of it.
    spoilt = shutil.copy(honest.database, tmp_path / "spoilt.duckdb")
    change(
        spoilt,
        """
        update marts.health_contributions as signals set points = points / 10
        where signal_id = 'second' and exists (
            select 1 from marts.health_outcomes as outcomes
            where
                outcomes.account_id = signals.account_id
                and outcomes.observation_date = signals.as_of_date
                and outcomes.is_churned
        )
        """,
    )
    _, found = validate(spoilt, tmp_path / "out", bootstraps=20)
    assert found["discrimination"]["auc_within_date"]["value"] < limits.SUSPECT_AUC
    suspected = f"the AUC of {CEILING} is "
    assert any(warning.startswith(suspected) for warning in found["warnings"])
    assert suspected in (tmp_path / "out" / "validation.html").read_text()
    assert not any("the AUC of" in warning for warning in honest_run[1]["warnings"])


@pytest.mark.parametrize(("share", "warns"), [(0.4, False), (0.6, True)])
def test_churn_dated_on_the_last_paid_day_is_said(copied, tmp_path, capsys, share, warns):
    change(
        copied,
        f"""
        update marts.churn_dates set last_paid_on = churned_on where account_id in (
            select account_id from (
                select account_id, percent_rank() over (order by account_id) as place
                from marts.churn_dates
            )
            where place < {share}
        )
        """,
    )
    _, found = validate(copied, tmp_path / "out", bootstraps=20)
    assert any("on the last paid day" in warning for warning in found["warnings"]) == warns


def test_accounts_that_were_deleted_are_said(copied, tmp_path, capsys):
    _, found = validate(copied, tmp_path / "out", bootstraps=20)
    assert not any("account table" in warning for warning in found["warnings"])
    change(
        copied,
        """
        update marts.source_health
        set rejected_unknown_account = case source_id when 'churn_events' then 41 else 1200 end
        where source_id <> 'subscriptions' and as_of_date >= date '2025-01-01'
        """,
    )
    _, found = validate(copied, tmp_path / "out", bootstraps=20)
    assert found["counts"]["rows_of_unknown_accounts"] == {"churn_events": 41, "subscriptions": 0}
    [warning] = [text for text in found["warnings"] if "account table" in text]
    assert warning.startswith("41 rows of churn_events are of accounts that")
    assert f"careful: {warning}" in capsys.readouterr().out


# Files, errors, engines. -----------------------------------------------------------------------------


def test_the_same_marts_give_the_same_files(small, tmp_path, capsys):
    for folder in ("one", "two"):
        validate(small.database, tmp_path / folder, bootstraps=20)
    for name in ("validation.json", "validation.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_page_is_one_file_that_begins_with_the_verdict(honest_run):
    _, found, folder, _ = honest_run
    page = (folder / "validation.html").read_text()
    assert page.index(found["verdict"]["sentence"].split("(")[0]) < page.index("<h2>")
    assert page.count("<svg") == 5
    # Names of XML vocabularies aside, nothing points outside the file.
    links = re.sub(r'(xmlns(:\w+)?|rdf:resource|rdf:about)="[^"]*"|<!DOCTYPE[^>]*>', "", page)
    assert not re.search(r"https?://|<script|<link|<img|@import|url\((?!#)", links)
    for refusal in found["refused"]:
        assert refusal["what"] in page and refusal["why"] in page
    assert "100 resamples; the protocol asks for 500 or more" in page


def test_the_documented_keys_are_the_keys(honest_run):
    _, found, _, _ = honest_run
    documented = (PROJECT / "docs" / "validation.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", documented.split("## validation.json")[1], re.M) == list(
        found
    )
    listed = documented.split("## When a figure is refused")[1]
    for name in found["protocol"]["limits"]:
        assert f"`{name}`" in listed


def test_horizon_by_name_or_days_and_gap():
    half_year = Horizon("half_year", 182, 14)
    short_gap = Horizon("half_year_soon", 182, 0)
    found = [QUARTER, short_gap, half_year]
    for wanted, gap_days, chosen in (
        (None, None, QUARTER),
        ("91", None, QUARTER),
        ("half_year", None, half_year),
        ("182", None, short_gap),
        ("182", 14, half_year),
    ):
        assert choose_horizon(found, wanted, gap_days) is chosen


def test_a_horizon_that_is_not_there(small, capsys):
    for arguments in (["--horizon", "year"], ["--horizon", "91", "--gap", "7"]):
        status = validate_scores.main(["--database", str(small.database), *arguments])
        message = capsys.readouterr().err
        assert status == 2 and "quarter (91 days after a gap of 14)" in message
        assert "Mend: " in message


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("drop table marts.churn_dates", "the marts are not built here"),
        ("alter table marts.health_outcomes drop column band_rank", "another version"),
        ("delete from marts.health_outcomes", "health_outcomes is empty"),
        ("delete from marts.source_health", "source_health is empty"),
    ],
)
def test_marts_that_cannot_be_read_are_no_verdict(copied, capsys, statement, words):
    change(copied, statement)
    assert validate_scores.main(["--database", str(copied)]) == 2
    message = capsys.readouterr().err
    assert words in message and "Mend: " in message and "Traceback" not in message


def test_no_database(tmp_path):
    script = PROJECT / "scripts" / "validate_scores.py"
    found = subprocess.run(
        [sys.executable, str(script), "--database", str(tmp_path / "no")],
        capture_output=True,
        text=True,
    )
    assert found.returncode == 2 and "there is no such database" in found.stderr


def test_help(capsys):
    with pytest.raises(SystemExit) as ended:
        validate_scores.main(["--help"])
    assert ended.value.code == 0 and "Exit status: 0 the score predicts" in capsys.readouterr().out


def test_make_validate_takes_no_verdict_for_an_error(small, tmp_path, monkeypatch, capsys):
    judge, judged = validate_scores.judge, []

    def keeping(*given, **named):
        judged.append(judge(*given, **named))
        return judged[0]

    monkeypatch.setattr(validate_scores, "judge", keeping)
    arguments = ["--database", str(small.database), "--out", str(tmp_path)]
    validate_scores.main(arguments)
    capsys.readouterr()
    for status in Status:
        found = replace(judged[0], verdict=replace(judged[0].verdict, status=status))
        monkeypatch.setattr(validate_scores, "judge", lambda *_, found=found, **__: found)
        assert validate_scores.main(arguments) == status
        assert "no error" not in capsys.readouterr().out
        assert validate_scores.main([*arguments, "--any-verdict"]) == 0
        said = capsys.readouterr().out
        assert (f"exit status {status:d} for it" in said) == (status != 0)


def test_make_validate_takes_what_cannot_be_for_an_error(copied, tmp_path):
    change(copied, "delete from marts.health_outcomes where is_churned")
    arguments = ["--any-verdict", "--out", str(tmp_path), "--database"]
    assert validate_scores.main([*arguments, str(copied)]) == 2
    assert validate_scores.main([*arguments, str(tmp_path / "no")]) == 2


def test_a_program_error_is_no_verdict(capsys):
    def fails() -> int:
        raise ZeroDivisionError

    assert validate_scores.guarded(fails, 2) == 2
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.slow
def test_postgres_gives_the_same_figures(small, tmp_path, postgres, monkeypatch, capsys):
    settings = new_database(postgres, "validated")
    with connect(settings) as cursor, duckdb.connect(str(small.database)) as connection:
        cursor.execute("create schema marts")
        for mart in ALL_MARTS:
            file = tmp_path / f"{mart}.csv"
            connection.execute(f"copy marts.{mart} to '{file}' (header false)")
            columns = connection.execute(f"describe marts.{mart}").fetchall()
            types = ", ".join(
                f"{name} {kind.replace('VARCHAR', 'text')}" for name, kind, *_ in columns
            )
            cursor.execute(f"create table marts.{mart} ({types})")
            with file.open(encoding="utf-8") as lines:
                cursor.copy_expert(f"copy marts.{mart} from stdin (format csv)", lines)
    _, expected = validate(small.database, tmp_path / "duckdb", bootstraps=20)
    monkeypatch.setenv("HEALTH_TARGET", "postgres")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    status, found = validate(None, tmp_path / "postgres", bootstraps=20)
    assert status == 0
    assert rounded(found) == rounded(expected)


def rounded(value: object) -> object:
    """Floats to nine digits: sums in another order differ after that."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def test_nothing_names_a_signal_or_a_band():
    sources = [
        path.read_text() for path in (PROJECT / "scripts" / "lib" / "validation").glob("*.py")
    ] + [(PROJECT / "scripts" / "validate_scores.py").read_text()]
    names = set()
    for seed, column in (("signals", "signal_id"), ("bands", "band_id")):
        with (PROJECT / "seeds" / "scorecard" / f"{seed}.csv").open(encoding="utf-8") as file:
            names |= {row[column] for row in csv.DictReader(file)}
    assert names and not [
        name for name in names for source in sources if re.search(rf"\b{name}\b", source)
    ]
