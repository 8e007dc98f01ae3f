"""The hidden part of the demo world: health, leaving, and whether the true risk is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from lib.world import latent
from lib.world.shape import DEFAULT, DRIFT_WEEKS, SHIFTED, WORLDS, Drift, Shape, by_week, in_sql

pytestmark = pytest.mark.quick


def lives(
    accounts: int, weeks: int, seed: int = 5, shape: Shape = DEFAULT, **changes
) -> dict[str, dict[str, np.ndarray]]:
    """The latent tables of plain accounts, half of them annual, as columns by table."""
    number = np.arange(1, accounts + 1)
    nobody = np.zeros(accounts, dtype=bool)
    never = np.full(accounts, latent.NEVER)
    plain = latent.Accounts(
        account_no=number,
        first_day=-(number * 37 % 900) - 20,
        trial_days=np.zeros(accounts, dtype=np.int64),
        is_annual=number % 2 == 0,
        seats=np.full(accounts, 20),
        scripted=nobody,
        health_shift=np.zeros(accounts),
        notice_day=never,
        last_day=never,
        return_day=never,
    )
    tables = latent.simulate(plain, weeks, seed, replace(shape, **changes))
    return {
        name: {column: table[column].to_numpy() for column in table.column_names}
        for name, table in tables.items()
    }


def notice_within(world: dict, weeks_ahead: int) -> np.ndarray:
    """For each row of true_risk, whether notice came within the weeks after it."""
    risk, all_lives = world["true_risk"], world["lives"]
    given = ~np.isnan(all_lives["notice_day"].astype(float))
    notices = set(
        zip(
            all_lives["account_no"][given].tolist(),
            (all_lives["notice_day"][given] // 7).astype(int).tolist(),
            strict=True,
        )
    )
    return np.array(
        [
            any((account, week + ahead) in notices for ahead in range(1, weeks_ahead + 1))
            for account, week in zip(
                risk["account_no"].tolist(), risk["week"].tolist(), strict=True
            )
        ]
    )


def roc_auc(is_event: np.ndarray, score: np.ndarray) -> float:
    """Share of (event, non-event) pairs that the score puts in the right order; ties count half."""
    _, rank, count = np.unique(score, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count - 1) / 2
    events = is_event.sum()
    others = len(is_event) - events
    return (middle[rank][is_event].sum() - events * (events + 1) / 2) / (events * others)


def test_draws_are_uniform_and_unrelated() -> None:
    keys = np.arange(200_000)
    one, other = latent.uniform(7, "one", keys), latent.uniform(7, "other", keys)
    for draw in (one, other):
        assert abs(draw.mean() - 0.5) < 0.005
        assert abs(draw.std() - 12**-0.5) < 0.005
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.01
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.01
    assert abs(latent.normal(7, "one", keys).std() - 1) < 0.01


@pytest.mark.parametrize("shape", WORLDS.values(), ids=WORLDS)
def test_churn_is_plausible(shape: Shape) -> None:
    world = lives(accounts=3_000, weeks=104, shape=shape)
    years = len(world["latent_weeks"]["week"]) / 52.18
    notices = np.count_nonzero(~np.isnan(world["lives"]["notice_day"].astype(float)))
    assert 0.10 < notices / years < 0.20


@pytest.mark.parametrize("shape", WORLDS.values(), ids=WORLDS)
def test_true_risk_is_what_happens(shape: Shape) -> None:
    world = lives(accounts=3_000, weeks=104, shape=shape)
    horizon = 13
    happened = notice_within(world, horizon)
    risk = world["true_risk"]["churn_probability_13w"]
    seen = world["true_risk"]["week"] < 104 - horizon
    happened, risk = happened[seen], risk[seen]
    assert abs(happened.mean() / risk.mean() - 1) < 0.1
    assert roc_auc(happened, risk) > 0.7
    for low, high in ((0.0, 0.02), (0.02, 0.05), (0.05, 0.15), (0.15, 1.0)):
        group = (risk >= low) & (risk < high)
        assert abs(happened[group].mean() / risk[group].mean() - 1) < 0.25


@pytest.mark.parametrize("shape", WORLDS.values(), ids=WORLDS)
def test_true_risk_agrees_with_nested_simulation(shape: Shape) -> None:
    """Each account's future is lived many times over from its health at one moment.

    Where effects drift, that moment is in the middle of it.
    """
    accounts, weeks, paths, horizon = 60, 40, 2_000, 26
    lag = shape.lag_weeks
    number = np.arange(1, accounts + 1)
    is_annual, paid_from = number % 2 == 0, -(number * 37 % 900) - 20
    permanent, health = latent.health_paths(number, np.zeros(accounts), weeks, 5, shape)
    analytic = latent.expected_hazard(is_annual, paid_from, permanent, health, weeks, shape)

    now = weeks - 1
    base = latent.base_hazard(is_annual, paid_from, weeks + horizon, shape)
    chance = np.random.default_rng(0)
    moving = np.repeat((health[:, -1] - permanent)[:, None], paths, axis=1)
    future = []
    for _ in range(horizon - lag):
        shocks = shape.shock_mean + shape.shock_sd * chance.standard_normal(moving.shape)
        shocks *= chance.random(moving.shape) < shape.shock_chance
        moving = shape.weekly_memory * moving + shocks
        moving += shape.weekly_sd * chance.standard_normal(moving.shape)
        future.append(permanent[:, None] + moving)
    hazard = np.zeros_like(moving)
    effect = plain_effect(shape, weeks)
    for ahead in range(1, horizon + 1):
        known = ahead <= lag
        lagged = health[:, now + ahead][:, None] if known else future[ahead - lag - 1]
        hazard += base[:, now + ahead][:, None] * np.exp(-effect(now + ahead) * lagged)
        hazard += shape.traceless_hazard / 52
    nested = (1 - np.exp(-hazard)).mean(axis=1)
    difference = (1 - np.exp(-analytic[horizon][:, now])) - nested
    # Ignoring the variance of the hazard makes the analytic risk a little high, never low.
    assert difference.min() > -0.01
    assert difference.max() < 0.05
    assert difference.mean() < 0.01


def plain_effect(shape: Shape, weeks: int) -> Callable[[int], float]:
    """The effect of health on the hazard by week, written once more."""
    effect = shape.hazard_per_health
    if isinstance(effect, float):
        return lambda week: effect

    def drifting(week: int) -> float:
        if week <= weeks / 2:
            return effect.first
        if week >= weeks / 2 + 26:
            return effect.last
        return effect.first + (effect.last - effect.first) * (week - weeks / 2) / 26

    return drifting


def test_a_drift_is_the_same_for_lives_and_for_queries() -> None:
    macros = (Path(latent.__file__).parent / "sql" / "macros.sql").read_text()
    macro = macros[macros.index("create macro drifted") : macros.index("create macro pick")]
    weeks = np.arange(104)
    with duckdb.connect() as db:
        db.execute(macro.replace("$weeks", "104").replace("$drift_weeks", str(DRIFT_WEEKS)))
        query = f"select {in_sql(Drift(0.95, 0.6))} from range(104) as weeks (week) order by week"
        found = [float(row[0]) for row in db.execute(query).fetchall()]
    expected = by_week(Drift(0.95, 0.6), weeks, 52)
    assert found == pytest.approx(expected)
    assert (expected[:53] == 0.95).all() and (expected[78:] == 0.6).all()
    assert expected[65] == pytest.approx((0.95 + 0.6) / 2)


def test_leaving_hangs_less_on_health_after_the_drift() -> None:
    """The mean hazard ratio of ill and well accounts, from notices alone."""

    def ratio(world: dict, first: int, last: int) -> float:
        table = world["latent_weeks"]
        open_weeks = np.isnan(table["weeks_since_notice"].astype(float))
        inside = open_weeks & (table["week"] >= first) & (table["week"] < last)
        life = world["lives"]
        given = ~np.isnan(life["notice_day"].astype(float))
        weeks = (life["notice_day"][given] // 7).astype(int)
        notices = set(zip(life["account_no"][given].tolist(), weeks.tolist(), strict=True))
        left = np.array([
            (account, week + 1) in notices
            for account, week in zip(
                table["account_no"][inside].tolist(), table["week"][inside].tolist(), strict=True
            )
        ])  # fmt: skip
        health = table["health"][inside]
        return left[health < -0.5].mean() / left[health > 0.5].mean()

    drifting = replace(SHIFTED, hazard_per_health=Drift(1.2, 0.0))
    world = lives(accounts=3_000, weeks=156, shape=drifting)
    assert ratio(world, 0, 78) > 2.5
    assert ratio(world, 110, 155) < 1.8


def test_nothing_before_a_notice_knows_of_it() -> None:
    """Health and seats up to the notice are the same in a world in which nobody ever leaves."""
    leaving = lives(accounts=400, weeks=60)
    staying = lives(
        accounts=400,
        weeks=60,
        monthly_contract_hazard=0.0,
        annual_contract_hazard=0.0,
        traceless_hazard=0.0,
    )

    def states(world: dict) -> dict[tuple[int, int], tuple[float, int]]:
        table = world["latent_weeks"]
        before = np.isnan(table["weeks_since_notice"].astype(float)) & (table["spell"] == 1)
        keys = zip(table["account_no"][before], table["week"][before], strict=True)
        values = zip(table["health"][before], table["seats"][before], strict=True)
        return dict(zip(keys, values, strict=True))

    left, stayed = states(leaving), states(staying)
    assert len(left) < len(stayed)
    assert all(stayed[key] == state for key, state in left.items())
