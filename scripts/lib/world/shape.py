"""Every effect in the demo worlds, in one place.

A world is an instance of `Shape`: how health, behaviour and leaving hang together is decided here
and nowhere else. (What is sold, at which price, and to whom stands in the queries.) Health has no
unit: about 0 on average, with a spread of about 1; higher is better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# From half time on, a coefficient that drifts takes so many weeks to its last value.
DRIFT_WEEKS = 26
# A stretch of the year that is quiet in a region: region, name, first and last (month, day).
Season = tuple[str, str, tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Drift:
    """A coefficient that is `first` until half time and then moves in a straight line to `last`."""

    first: float
    last: float


def by_week(coefficient: float | Drift, weeks: np.ndarray, half_time: float) -> np.ndarray:
    """What a coefficient is in each of the weeks."""
    if not isinstance(coefficient, Drift):
        return np.full(weeks.shape, coefficient)
    moved = np.clip((weeks - half_time) / DRIFT_WEEKS, 0.0, 1.0)
    return coefficient.first + (coefficient.last - coefficient.first) * moved


def in_sql(value: object) -> object:
    """The same for a query with a column `week` (the macro `drifted` of macros.sql)."""
    return f"drifted({value.first}, {value.last}, week)" if isinstance(value, Drift) else value


@dataclass(frozen=True)
class Shape:
    """How the world behaves. Rates are per year or week as named, effects per unit of health."""

    name: str = "default"

    # Latent health = permanent part + weekly autoregression, hit by rare shocks.
    permanent_sd: float = 0.7
    weekly_memory: float = 0.95
    weekly_sd: float = 0.23
    shock_chance: float = 0.012
    shock_mean: float = -0.6
    shock_sd: float = 0.8

    # Who comes when. Existing accounts signed before the first day of the world.
    existing_share: float = 0.62
    existing_max_age_days: int = 1000
    trial_share: float = 0.4
    trial_convert_logit: float = 0.8
    trial_convert_per_health: float = 0.8

    # Leaving. The hazard reacts to health as it was `lag_weeks` ago; annual contracts can give
    # notice only inside a window before the renewal. A few leave for reasons that no signal shows.
    lag_weeks: int = 6
    hazard_per_health: float | Drift = 0.95
    monthly_contract_hazard: float = 0.11  # per year, at health 0
    annual_contract_hazard: float = 0.10  # per notice window, at health 0
    notice_window_opens_days: int = 98  # before the renewal
    notice_window_closes_days: int = 35
    traceless_hazard: float = 0.02  # per year
    return_chance: float = 0.2
    return_min_days: int = 45
    return_max_days: int = 200

    # Seats, once a quarter.
    expand_chance: float = 0.09
    expand_per_health: float = 0.45
    contract_chance: float = 0.045
    contract_per_health: float = 0.45

    # Usage. The level of an account has nothing to do with its health.
    usage_level_sd: float = 0.6
    usage_per_health: float | Drift = 0.25
    usage_noise_sd: float = 0.25
    active_share_logit: float = 0.35
    active_share_sd: float = 0.6
    active_share_per_health: float | Drift = 0.7
    active_share_noise_sd: float = 0.2
    breadth_logit: float = 0.4
    breadth_sd: float = 0.6
    breadth_per_health: float = 0.5
    after_notice_weekly_decay: float = 0.12
    after_notice_floor: float = 0.15
    ramp_weeks: float = 6.0
    api_heavy_share: float = 0.08
    api_heavy_sensitivity: float = 0.05
    holiday_factor: float = 0.25
    season_factor: float = 0.7
    seasons: tuple[Season, ...] = (
        ("eu", "summer break", (8, 1), (8, 24)),
        ("us", "early July", (7, 1), (7, 10)),
        ("apac", "Golden Week", (4, 29), (5, 5)),
    )
    yearly_swing: float = 0.05
    yearly_peak_day: int = 0  # day of the year
    error_rate: float = 0.03
    error_per_health: float = 0.3

    # Support. Trouble brings tickets; from the keen, more tickets come in good health.
    ticket_rate: float = 0.10  # per week for ten seats
    ticket_per_health: float | Drift = 0.30
    keen_share: float = 0.0
    ticket_level_sd: float = 0.5
    severity_per_health: float = 0.5
    defect_per_health: float = 0.4
    sentiment_per_health: float = 0.18
    reopen_chance: float = 0.10
    merge_chance: float = 0.25  # of tickets that follow another within two weeks

    # Relationship and judgement.
    reply_logit: float = -0.6
    reply_per_health: float = 0.5
    attend_logit: float = 0.9
    attend_per_health: float = 0.5
    survey_center: float = 7.6
    survey_per_health: float = 1.1
    survey_sd: float = 1.8
    pulse_per_health: float = 0.8
    pulse_noise_sd: float = 0.7
    goal_logit: float = 0.4
    goal_per_health: float = 0.8
    advocacy_rate: float = 0.006  # per week and kind
    advocacy_per_health: float = 0.7
    review_mood_per_health: float = 0.6

    # Money.
    late_logit: float = -1.7
    late_per_health: float = 0.6
    late_account_sd: float = 0.8
    unpaid_chance: float = 0.008
    unpaid_per_health: float = 0.8

    # People.
    user_turnover: float = 0.14  # per year


DEFAULT = Shape()
# What the default world would teach a tuner, unlearnt: here effects change at half time, the quiet
# time is winter, and a quarter of the accounts ask much because they use much. Chosen once, for
# plausibility; no score was looked at.
SHIFTED = Shape(
    name="shifted",
    hazard_per_health=Drift(0.95, 0.6),
    usage_per_health=Drift(0.25, 0.4),
    active_share_per_health=Drift(0.7, 0.4),
    ticket_per_health=Drift(0.3, 0.15),
    keen_share=0.25,
    season_factor=0.5,
    seasons=(
        ("eu", "winter break", (2, 8), (3, 1)),
        ("us", "November lull", (11, 16), (11, 30)),
        ("apac", "New Year break", (1, 20), (2, 8)),
    ),
    yearly_swing=0.12,
    yearly_peak_day=166,
)
WORLDS = {shape.name: shape for shape in (DEFAULT, SHIFTED)}
