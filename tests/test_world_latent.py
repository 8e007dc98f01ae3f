"""The hidden part of the demo world: health, leaving, and whether the true risk is true."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from lib.world import latent
from lib.world.shape import DEFAULT


def lives(accounts: int, weeks: int, seed: int = 5, **changes) -> dict[str, dict[str, np.ndarray]]:
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
    tables = latent.simulate(plain, weeks, seed, replace(DEFAULT, **changes))
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


def test_churn_is_plausible() -> None:
    world = lives(accounts=3_000, weeks=104)
    years = len(world["latent_weeks"]["week"]) / 52.18
    notices = np.count_nonzero(~np.isnan(world["lives"]["notice_day"].astype(float)))
    assert 0.10 < notices / years < 0.20


def test_true_risk_is_what_happens() -> None:
    world = lives(accounts=3_000, weeks=104)
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


def test_true_risk_agrees_with_nested_simulation() -> None:
    """Each account's future is lived many times over from its health at one moment."""
    accounts, weeks, paths, horizon = 60, 40, 2_000, 26
    shape, lag = DEFAULT, DEFAULT.lag_weeks
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
    for ahead in range(1, horizon + 1):
        known = ahead <= lag
        lagged = health[:, now + ahead][:, None] if known else future[ahead - lag - 1]
        hazard += base[:, now + ahead][:, None] * np.exp(-shape.hazard_per_health * lagged)
        hazard += shape.traceless_hazard / 52
    nested = (1 - np.exp(-hazard)).mean(axis=1)
    difference = (1 - np.exp(-analytic[horizon][:, now])) - nested
    # Ignoring the variance of the hazard makes the analytic risk a little high, never low.
    assert difference.min() > -0.01
    assert difference.max() < 0.05
    assert difference.mean() < 0.01


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
