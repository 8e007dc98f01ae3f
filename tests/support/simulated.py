"""Simulated rows and marts whose true coefficients are known, for what is fitted to outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from lib.fitting.seeds import Card

ACCOUNT_MARTS = (
    "health_outcomes", "account_health_daily", "churn_dates", "health_contributions",
    "dimension_health_daily",
)  # fmt: skip
MARTS = (*ACCOUNT_MARTS, "source_health")
WINDOW_DAYS = 105
DAYS_APART = 30


def probability(log_odds: np.ndarray) -> np.ndarray:
    """The logistic function."""
    return 1 / (1 + np.exp(-log_odds))


def rows_with_points(
    intercept: float,
    coefficients: Sequence[float],
    *,
    accounts: int = 900,
    dates: int = 24,
    seed: int = 1,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows (account × date) and their points, with churn drawn from the log odds of the points.

    The points of an account are alike over time, so its rows are not independent in what they show.
    """
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "account": np.repeat(np.arange(accounts), dates),
            "date": np.tile(DAYS_APART * np.arange(dates), accounts),
        }
    )
    person = random.normal(size=(accounts, len(coefficients)))[rows.account]
    noise = random.normal(size=(len(rows), len(coefficients)))
    points = np.clip(55 + 14 * person + 12 * noise, 0, 100)
    p = probability(intercept + points @ np.array(coefficients))
    rows["churned"] = (random.random(len(rows)) < p).astype(float)
    return rows, points


def rows_with_churned(to_fit: int, to_judge: int) -> pd.DataFrame:
    """Rows of two dates, the second after the windows of the first, with so many churned accounts each.

    Churned accounts have the lower scores, but not all of them.
    """
    random = np.random.default_rng(1)
    parts = []
    for date, churned, first in ((0, to_fit, 0), (400, to_judge, 2000)):
        score = np.concatenate((random.normal(45, 12, churned), random.normal(60, 12, 1500)))
        parts.append(
            pd.DataFrame(
                {
                    "account": first + np.arange(len(score)),
                    "date": date,
                    "score": np.clip(score, 0, 100),
                    "churned": (np.arange(len(score)) < churned).astype(float),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def write_marts(
    path: Path,
    card: Card,
    risks: Mapping[str, float],
    *,
    segments: Sequence[str],
    base: float = -5.0,
    accounts: int = 1200,
    months: int = 24,
    missing: float = 0.1,
    seed: int = 1,
) -> Path:
    """A DuckDB file with the marts of accounts that a scorecard scores and that leave by some signals.

    risks: log odds of leaving within a month, per point below 55, by signal; others say nothing.
    segments: shared out evenly. missing: share of accounts without the first signal of all.
    """
    random = np.random.default_rng(seed)
    names = [rule.signal_id for rule in card.rules]
    person = random.normal(size=(accounts, len(names)))
    without = random.random(accounts) < missing
    weight = np.array([risks.get(name, 0.0) for name in names])
    last_day = DAYS_APART * (months - 1)
    frames, points, alive = [], [], np.ones(accounts, dtype=bool)
    left = np.full(accounts, np.nan)
    for month in range(months):
        seen = np.clip(55 + 20 * person + 8 * random.normal(size=person.shape), 0, 100).round(4)
        here = np.flatnonzero(alive)
        frames.append(pd.DataFrame({"account": here, "day": DAYS_APART * month}))
        points.append(seen[here])
        leaves = alive & (random.random(accounts) < probability(base + (55 - seen) @ weight))
        left[leaves] = DAYS_APART * month + random.integers(1, DAYS_APART, leaves.sum())
        alive &= ~leaves
    rows = pd.concat(frames, ignore_index=True)
    rows["churned_on"] = np.where(left <= last_day, left, np.nan)[rows.account]
    rows["segment"] = np.array(segments)[rows.account % len(segments)]
    values = np.concatenate(points)
    values[without[rows.account], 0] = np.nan
    score, dimensions = scores_of(values, card)
    rows["score"] = score.round(4)

    weights = _effective_weights(values, card)
    signals = pd.concat([
        rows[["account", "day"]].assign(
            signal=rule.signal_id, dimension=rule.dimension_id, points=values[:, number],
            weight=weights[:, number],
        )
        for number, rule in enumerate(card.rules)
    ])  # fmt: skip
    dimension_rows = pd.concat([
        rows[["account", "day"]].assign(
            dimension=name, score=scores.round(2), weight=float(card.dimensions[name]) / 100
        )
        for name, scores in dimensions.items()
    ])  # fmt: skip
    with duckdb.connect(str(path)) as connection:
        connection.register("rows", rows)
        connection.register("signals", signals)
        connection.register("dimension_rows", dimension_rows)
        for statement in _statements(card, last_day):
            connection.execute(statement)
    return path


def scores_of(values: np.ndarray, card: Card) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Score and dimension scores, each dimension by the weight that was observed."""
    dimensions = {}
    for name in card.dimensions:
        weight = np.array([
            float(rule.weight) if rule.dimension_id == name else 0.0 for rule in card.rules
        ])  # fmt: skip
        observed = ~np.isnan(values) * weight
        dimensions[name] = np.nansum(np.where(weight > 0, values * weight, 0), 1) / observed.sum(1)
    shares = [float(weight) / 100 for weight in card.dimensions.values()]
    return np.array(shares) @ np.array(list(dimensions.values())), dimensions


def _effective_weights(values: np.ndarray, card: Card) -> np.ndarray:
    """Of each value its share of the score; one that is not observed leaves it to its dimension."""
    weights = np.array([float(rule.weight) for rule in card.rules]) * ~np.isnan(values)
    for name, weight in card.dimensions.items():
        own = np.array([rule.dimension_id == name for rule in card.rules])
        weights[:, own] *= float(weight) / 100 / weights[:, own].sum(axis=1, keepdims=True)
    return weights


def _statements(card: Card, last_day: int) -> list[str]:
    key = """
        'acc_' || lpad(cast(account as text), 5, '0') as account_id,
        date '2024-01-01' + cast(day as integer)"""
    version = f"'{card.scorecard_id}' as scorecard_id, {card.version} as scorecard_version"
    known = "nullif({0}, cast('nan' as double))"  # whether pandas handed over NaN or null
    left, points = known.format("churned_on"), known.format("points")
    return [
        "create schema marts",
        f"""
        create table marts.health_outcomes as
        select
            {key} as observation_date,
            'quarter' as horizon_id, 91 as horizon_days, 14 as gap_days,
            cast(score as decimal(9, 4)) as health_score,
            'one' as band, 1 as band_rank, false as is_best_band,
            {version},
            segment as segment_id,
            cast(score as decimal(9, 4)) as usage_points,
            0 as recency_days,
            cast(score as decimal(9, 4)) as equal_weight_score,
            cast(null as date) as renewal_date,
            false as is_renewal_due,
            cast(null as text) as churn_model_id,
            cast(null as decimal(9, 6)) as churn_probability,
            cast(null as boolean) as is_acted_on,
            date '2024-01-01' + cast({left} as integer) as churned_on,
            day + {WINDOW_DAYS} > {last_day} as is_censored,
            coalesce({left} <= day + 14, false) as is_churned_in_gap,
            case
                when day + {WINDOW_DAYS} > {last_day} then null
                when {left} <= day + 14 then null
                else coalesce({left} <= day + {WINDOW_DAYS}, false)
            end as is_churned,
            cast(coalesce({left}, {last_day}) as integer) - day as days_to_event,
            {left} is not null as is_event
        from rows
        """,
        """
        create table marts.account_health_daily as
        select
            account_id, observation_date as as_of_date, 1 as spell_number, health_score, band,
            band_rank, churn_probability, scorecard_id, scorecard_version
        from marts.health_outcomes
        """,
        """
        create table marts.source_health as
        select distinct 'usage_events' as source_id, observation_date as as_of_date
        from marts.health_outcomes
        """,
        """
        create table marts.churn_dates as
        select distinct
            account_id, 1 as spell_number, churned_on, 'notice' as churn_basis,
            churned_on as notice_given_on, churned_on + 60 as last_paid_on
        from marts.health_outcomes
        where churned_on is not null
        """,
        f"""
        create table marts.health_contributions as
        select
            {key} as as_of_date,
            'signal' as contribution_kind,
            dimension as dimension_id, signal as signal_id, 'all' as product_id,
            cast({points} as decimal(9, 4)) as points,
            case when {points} is not null then cast(weight as decimal(9, 8)) end as effective_weight,
            cast({points} * weight as decimal(9, 4)) as contribution,
            case when {points} is null then 'missing' else 'observed' end as state
        from signals
        """,
        f"""
        create table marts.dimension_health_daily as
        select
            {key} as as_of_date,
            dimension as dimension_id,
            cast({known.format("score")} as decimal(9, 2)) as dimension_score,
            cast(weight as decimal(9, 8)) as effective_weight
        from dimension_rows
        """,
    ]
