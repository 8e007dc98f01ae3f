"""The drift marts of built worlds against a plain computation with numpy, from what other marts hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from support.worlds import World

REFERENCE_MONTHS, BINS, QUESTION, SHIFT = 3, 10, 0.1, 0.25  # seeds/scorecard/drift_limits.csv
KEY = ["scorecard_id", "item_kind", "item_id"]


def frame(world: World, query: str) -> pd.DataFrame:
    with duckdb.connect(str(world.database), read_only=True) as connection:
        return connection.execute(query).df()


def observed_points(world: World) -> pd.DataFrame:
    """Account × observation date × item from the marts, those of all scorecards together once more."""
    outcomes = frame(
        world,
        """
        select distinct
            account_id, observation_date as day, coalesce(scorecard_id, 'none') as scorecard_id,
            coalesce(scorecard_version, 0) as version, cast(health_score as double) as points
        from marts.health_outcomes
        """,
    )
    dimensions = frame(
        world,
        """
        select account_id, as_of_date as day, dimension_id as item_id,
            cast(dimension_score as double) as points
        from marts.dimension_health_daily
        """,
    )
    signals = frame(
        world,
        """
        select account_id, as_of_date as day, signal_id as item_id, cast(points as double) as points
        from marts.health_contributions where contribution_kind = 'signal'
        """,
    )
    signals = signals.groupby(["account_id", "day", "item_id"], as_index=False).points.mean()
    # Half away from zero, as decimals are rounded; numpy's round takes halves to the even digit.
    signals.points = np.floor(signals.points * 1e4 + 0.5 + 1e-6) / 1e4
    seen = outcomes.drop(columns="points")
    own = pd.concat(
        [
            outcomes.assign(item_kind="score", item_id="health_score"),
            seen.merge(dimensions, on=["account_id", "day"]).assign(item_kind="dimension"),
            seen.merge(signals, on=["account_id", "day"]).assign(item_kind="signal"),
        ]
    )
    own["own_version"] = own.scorecard_id + own.version.astype(str)
    return pd.concat([own, own.assign(scorecard_id="all")], ignore_index=True)


def stability_of(rows: pd.DataFrame) -> list[dict]:
    """Every month of one item after its reference, as docs/validation.md says."""
    reference_days = sorted(rows.day[rows.points.notna()].unique())[:REFERENCE_MONTHS]
    if not reference_days:
        return []
    before = rows[rows.day.between(reference_days[0], reference_days[-1])]
    edges = np.linspace(0, 100, BINS + 1)

    def counts(points: pd.Series) -> np.ndarray:
        return np.append(np.histogram(points.dropna(), edges)[0], points.isna().sum())

    found = []
    for day, now in rows[rows.day > reference_days[-1]].groupby("day"):
        then, here = counts(before.points), counts(now.points)
        used = (then > 0) | (here > 0)
        p, q = ((side[used] + 0.5) / (side[used] + 0.5).sum() for side in (then, here))
        index = ((q - p) * np.log(q / p)).sum()
        chance = (used.sum() - 1) * (1 / len(now) + 1 / before.account_id.nunique())
        known = set(rows.own_version[rows.day <= reference_days[-1]])
        if index <= max(QUESTION, chance):
            word = "stable"
        else:
            word = "ask_why" if index <= SHIFT else "another_population"
        found.append(
            {
                "observation_date": day,
                "stability": word,
                "stability_index": index,
                "index_by_chance": chance,
                "accounts": len(now),
                "reference_accounts": before.account_id.nunique(),
                "first_reference_date": reference_days[0],
                "last_reference_date": reference_days[-1],
                "mean_points": now.points.mean(),
                "reference_mean_points": before.points.mean(),
                "not_observed_share": now.points.isna().mean(),
                "reference_not_observed_share": before.points.isna().mean(),
                "new_version_share": (~now.own_version.isin(known)).mean(),
            }
        )
    return found


def test_stability_is_that_of_numpy(worlds: Callable[[str], World]) -> None:
    world = worlds("weekly")
    expected = pd.DataFrame(
        [
            {**dict(zip(KEY, key)), **month}
            for key, rows in observed_points(world).groupby(KEY)
            for month in stability_of(rows)
        ]
    )
    mart = frame(world, "select * from marts.score_stability")
    order = [*KEY, "observation_date"]
    expected = expected.sort_values(order).reset_index(drop=True)
    found = mart.sort_values(order).reset_index(drop=True)[list(expected.columns)]
    means = ["mean_points", "reference_mean_points"]
    for columns, digits in ((found.columns.drop(means), 6), (means, 4)):
        pd.testing.assert_frame_equal(
            found[columns], expected[columns], check_dtype=False, rtol=0, atol=0.51 * 10**-digits
        )

    # The worlds show what they should: every item, and both sides of the limits.
    assert set(found.item_kind) == {"score", "dimension", "signal"}
    assert set(found.stability) >= {"stable", "another_population"}
    assert found.first_reference_date.nunique() > 1, "items have references of their own"
    assert set(mart.question_above) == {QUESTION} and set(mart.shift_above) == {SHIFT}


def test_months_are_those_of_the_outcomes(worlds: Callable[[str], World]) -> None:
    world = worlds("weekly")
    days = frame(world, "select distinct observation_date as day from marts.health_outcomes order by 1")
    score = frame(
        world,
        """
        select observation_date as day from marts.score_stability
        where scorecard_id = 'all' and item_kind = 'score' order by 1
        """,
    )
    assert len(score) and list(score.day) == list(days.day[-len(score) :])


def test_calibration_is_that_of_the_probabilities_shown(worlds: Callable[[str], World]) -> None:
    """The model of the world has log odds -1 - 0.02 × score."""
    world = worlds("weekly")
    rows = frame(
        world,
        """
        select account_id, observation_date as day, cast(health_score as double) as score, is_churned
        from marts.health_outcomes
        where horizon_id = 'quarter' and is_churned is not null and health_score is not null
        order by observation_date
        """,
    )
    rows["quarter"] = rows.day.dt.to_period("Q").dt.start_time.dt.date
    rows["probability"] = 1 / (1 + np.exp(1 + 0.02 * rows.score))
    expected = []
    for quarter, of_quarter in rows.groupby("quarter"):
        first = of_quarter.drop_duplicates("account_id")
        n, churned, mean = len(first), int(first.is_churned.sum()), first.probability.mean()
        z, rate = 1.96, churned / n
        centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        word = "as_expected"
        if not centre - half <= mean <= centre + half:
            word = "too_few_expected" if mean < centre - half else "too_many_expected"
        expected.append(
            (quarter, "m0", "quarter", word, n, churned, mean, rate, centre - half, centre + half)
        )
    found = frame(
        world,
        """
        select
            quarter_starts_on, model_id, horizon_id, calibration, accounts, churned_accounts,
            expected_rate, churn_rate, churn_rate_low, churn_rate_high, rate_difference
        from marts.calibration_drift order by 1
        """,
    )
    assert len(found) > 1 and len(found) == len(expected) and len(rows) > found.accounts.sum()
    for row, wanted in zip(found.itertuples(index=False), expected, strict=True):
        day = row.quarter_starts_on
        assert (date(day.year, day.month, day.day), *row[1:6]) == wanted[:6]
        assert row[6:10] == pytest.approx(wanted[6:], abs=1e-6)
        assert row.rate_difference == pytest.approx(wanted[7] - wanted[6], abs=2e-6)


def test_without_a_released_model_there_is_no_calibration(worlds: Callable[[str], World]) -> None:
    assert frame(worlds("daily"), "select * from marts.calibration_drift").empty
