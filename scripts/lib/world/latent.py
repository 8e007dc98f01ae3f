"""The part of the world that nobody sees: health, who leaves when, and the true risk of it.

Everything is computed for a block of accounts at once, as arrays of accounts × weeks. Every draw is
a hash of (seed, purpose, account, week), so an account's life does not depend on which block it is
in, on how many accounts there are, or on any order.

Days are counted from the first day of the world (day 0), weeks are blocks of seven days from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyarrow as pa

from lib.world.shape import Shape, by_week

# Those of a few round lengths, and those at which the windows of the seed outcome_horizons open and
# close: the risk of a window is what comes after its opening.
HORIZONS_WEEKS = (2, 4, 8, 13, 15, 17, 26, 28, 30)
NEVER = 10**6  # a day that never comes
ANNUAL_DAYS = 365
MONTHLY_DAYS = 30
QUARTER_DAYS = 91
# A customer who has just paid does not give notice within these days.
SETTLING_DAYS = 14
# Notice this close to the end of a paid month is for the month after.
MONTHLY_NOTICE_DAYS = 3


@dataclass(frozen=True)
class Accounts:
    """What a life depends on; every array has one entry per account.

    `scripted` accounts are planted cases: they follow `notice_day`, `last_day` and `return_day`
    (NEVER for none) and no hazard; for the others these are ignored. `health_shift` is added to the
    permanent part of health.
    """

    account_no: np.ndarray
    first_day: np.ndarray
    trial_days: np.ndarray
    is_annual: np.ndarray
    seats: np.ndarray
    scripted: np.ndarray
    health_shift: np.ndarray
    notice_day: np.ndarray
    last_day: np.ndarray
    return_day: np.ndarray


@dataclass(frozen=True)
class Spell:
    """One uninterrupted stretch as a customer; days per account, NEVER where it does not happen."""

    number: int
    first_day: np.ndarray
    paid_from: np.ndarray
    notice_day: np.ndarray
    last_day: np.ndarray
    is_traceless: np.ndarray


def uniform(seed: int, purpose: str, *keys: np.ndarray) -> np.ndarray:
    """Uniform numbers in [0, 1), a hash of seed, purpose and keys; the keys broadcast."""
    digest = blake2b(f"{seed}:{purpose}".encode(), digest_size=8).digest()
    state = np.uint64(int.from_bytes(digest, "little"))
    with np.errstate(over="ignore"):
        for key in keys:
            state = _mix(state ^ _mix(np.asarray(key).astype(np.int64).astype(np.uint64)))
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(seed: int, purpose: str, *keys: np.ndarray) -> np.ndarray:
    """Standard normal numbers from two uniforms (Box and Muller)."""
    radius = np.sqrt(-2.0 * np.log(1.0 - uniform(seed, purpose + ":radius", *keys)))
    return radius * np.cos(2.0 * np.pi * uniform(seed, purpose + ":angle", *keys))


def _mix(x: np.ndarray) -> np.ndarray:
    """The finalizer of splitmix64: every input bit changes every output bit."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def simulate(accounts: Accounts, weeks: int, seed: int, shape: Shape) -> dict[str, pa.Table]:
    """Live the world for one block of accounts.

    Returns four tables: `lives` (account × spell), `seat_steps` (account × spell × day on which the
    seats change), `latent_weeks` (account × week in which the account is a customer) and
    `true_risk` (account × week at whose end it pays and has not given notice).
    """
    permanent, health = health_paths(
        accounts.account_no, accounts.health_shift, weeks, seed, shape
    )
    first = _first_spell(accounts, health, weeks, seed, shape)
    second = _second_spell(accounts, first, health, weeks, seed, shape)

    lives, steps, latent, risk = [], [], [], []
    for spell in (first, second):
        seats_by_week, spell_steps = _seats(accounts, spell, health, weeks, seed, shape)
        lives.append(_lives_table(accounts, spell))
        steps.append(spell_steps)
        latent.append(_weeks_table(accounts, spell, health, seats_by_week, weeks, shape))
        risk.append(_risk_table(accounts, spell, permanent, health, weeks, shape))
    return {
        "lives": pa.concat_tables(lives),
        "seat_steps": pa.concat_tables(steps),
        "latent_weeks": pa.concat_tables(latent),
        "true_risk": pa.concat_tables(risk),
    }


def health_paths(
    account_no: np.ndarray, health_shift: np.ndarray, weeks: int, seed: int, shape: Shape
) -> tuple[np.ndarray, np.ndarray]:
    """The permanent part (accounts) and health itself (accounts × (lag_weeks + weeks)).

    Column `lag_weeks + w` is week w: the columns before week 0 let the hazard look back from the
    first week on. Rounded, so that no later step hangs on the last bit of a float.
    """
    rows = account_no[:, None]
    columns = np.arange(-shape.lag_weeks, weeks)[None, :]
    permanent = health_shift + shape.permanent_sd * normal(seed, "permanent", account_no)

    is_shock = uniform(seed, "is_shock", rows, columns) < shape.shock_chance
    shock = shape.shock_mean + shape.shock_sd * normal(seed, "shock", rows, columns)
    change = shape.weekly_sd * normal(seed, "change", rows, columns) + is_shock * shock

    moving = np.empty_like(change)
    stationary_sd = shape.weekly_sd / np.sqrt(1.0 - shape.weekly_memory**2)
    moving[:, 0] = stationary_sd * normal(seed, "begin", account_no)
    for week in range(1, change.shape[1]):
        moving[:, week] = shape.weekly_memory * moving[:, week - 1] + change[:, week]
    return permanent, np.round(permanent[:, None] + moving, 6)


def base_hazard(
    is_annual: np.ndarray, paid_from: np.ndarray, weeks: int, shape: Shape
) -> np.ndarray:
    """Weekly hazard of notice at health 0 (accounts × weeks), without traceless leaving."""
    middle = 7 * np.arange(weeks)[None, :] + 3
    age = middle - paid_from[:, None]
    to_renewal = ANNUAL_DAYS - age % ANNUAL_DAYS
    opens, closes = shape.notice_window_opens_days, shape.notice_window_closes_days
    in_window = (to_renewal <= opens) & (to_renewal > closes)
    per_window_week = shape.annual_contract_hazard / ((opens - closes) / 7)
    per_month_week = shape.monthly_contract_hazard / 52
    hazard = np.where(is_annual[:, None], in_window * per_window_week, per_month_week)
    return hazard * _is_settled(paid_from, weeks)


def _is_settled(paid_from: np.ndarray, weeks: int) -> np.ndarray:
    return 7 * np.arange(weeks)[None, :] >= paid_from[:, None] + SETTLING_DAYS


def _first_spell(
    accounts: Accounts, health: np.ndarray, weeks: int, seed: int, shape: Shape
) -> Spell:
    """From signing, through a trial where there is one, until notice takes effect."""
    no = accounts.account_no
    trial_end = accounts.first_day + accounts.trial_days
    week_of_trial_end = np.clip(trial_end // 7, 0, weeks - 1)
    health_then = health[np.arange(len(no)), shape.lag_weeks + week_of_trial_end]
    logit = shape.trial_convert_logit + shape.trial_convert_per_health * health_then
    converts = uniform(seed, "converts", no) < 1.0 / (1.0 + np.exp(-logit))
    converts |= (accounts.trial_days == 0) | accounts.scripted
    paid_from = np.where(converts, trial_end, NEVER)

    spell = _leaving(1, accounts, accounts.first_day, paid_from, health, weeks, seed, shape)
    notice_day = np.where(accounts.scripted, accounts.notice_day, spell.notice_day)
    last_day = np.where(accounts.scripted, accounts.last_day, spell.last_day)
    last_day = np.where(converts, last_day, trial_end - 1)
    return Spell(1, accounts.first_day, paid_from, notice_day, last_day, spell.is_traceless)


def _second_spell(
    accounts: Accounts, first: Spell, health: np.ndarray, weeks: int, seed: int, shape: Shape
) -> Spell:
    """Some of those who left after paying come back; nobody comes back twice."""
    no = accounts.account_no
    span = shape.return_max_days - shape.return_min_days
    gap = shape.return_min_days + np.floor(span * uniform(seed, "gap", no)).astype(np.int64)
    left = (first.last_day < NEVER) & (first.paid_from < NEVER)
    comes_back = left & (uniform(seed, "returns", no) < shape.return_chance)
    return_day = np.where(comes_back, first.last_day + gap, NEVER)
    return_day = np.where(accounts.scripted, accounts.return_day, return_day)
    return_day = np.where(return_day < 7 * weeks, return_day, NEVER)
    return _leaving(2, accounts, return_day, return_day, health, weeks, seed, shape)


def _leaving(
    number: int,
    accounts: Accounts,
    first_day: np.ndarray,
    paid_from: np.ndarray,
    health: np.ndarray,
    weeks: int,
    seed: int,
    shape: Shape,
) -> Spell:
    """Draw whether and when notice is given in a spell, and the last paid day that follows."""
    no, rows = accounts.account_no, accounts.account_no[:, None]
    columns = np.arange(weeks)[None, :]
    lagged = health[:, :weeks]  # health begins lag_weeks before week 0
    by_health = base_hazard(accounts.is_annual, paid_from, weeks, shape)
    effect = by_week(shape.hazard_per_health, columns, weeks / 2)
    by_health = by_health * np.exp(-effect * lagged)
    traceless = (shape.traceless_hazard / 52) * _is_settled(paid_from, weeks)
    hazard = by_health + traceless
    fires = uniform(seed, f"notice:{number}", rows, columns) < 1.0 - np.exp(-hazard)
    fires &= ~accounts.scripted[:, None]

    leaves = fires.any(axis=1)
    week = fires.argmax(axis=1)
    cell = np.arange(len(no)), week
    share_traceless = traceless[cell] / np.maximum(hazard[cell], 1e-12)
    is_traceless = leaves & (uniform(seed, f"traceless:{number}", no) < share_traceless)
    day_of_week = np.floor(7 * uniform(seed, f"notice_day:{number}", no)).astype(np.int64)
    notice_day = np.where(leaves, 7 * week + day_of_week, NEVER)

    # An annual contract runs to its renewal, a monthly one to the end of the paid month; whoever is
    # taken over or has no budget stops within a month, many on the day they say so.
    annual_end = paid_from + ANNUAL_DAYS * ((notice_day - paid_from) // ANNUAL_DAYS + 1) - 1
    month = (notice_day + MONTHLY_NOTICE_DAYS - paid_from) // MONTHLY_DAYS + 1
    monthly_end = paid_from + MONTHLY_DAYS * month - 1
    delay = uniform(seed, f"delay:{number}", no)
    traceless_end = notice_day + np.floor(50 * np.maximum(delay - 0.4, 0.0)).astype(np.int64)
    last_day = np.where(accounts.is_annual, annual_end, monthly_end)
    last_day = np.where(is_traceless, traceless_end, last_day)
    last_day = np.where(leaves, last_day, NEVER)
    return Spell(number, first_day, paid_from, notice_day, last_day, is_traceless)


def _seats(
    accounts: Accounts, spell: Spell, health: np.ndarray, weeks: int, seed: int, shape: Shape
) -> tuple[np.ndarray, pa.Table]:
    """Seats at the beginning of each week (accounts × weeks), and the days on which they change."""
    no = accounts.account_no
    share = 1.0 if spell.number == 1 else 0.7  # who comes back starts smaller
    seats = np.where(accounts.scripted, accounts.seats, np.ceil(share * accounts.seats))
    seats = seats.astype(np.int64)
    by_week = np.repeat(seats[:, None], weeks, axis=1)
    starts = np.where(spell.first_day < NEVER)[0]
    steps = [_steps_table(no[starts], spell, spell.first_day[starts], seats[starts])]

    earliest_change = max(int(-accounts.first_day.min()), 0) // QUARTER_DAYS
    for quarter in range(1, earliest_change + 7 * weeks // QUARTER_DAYS + 2):
        key = f"seats:{spell.number}:{quarter}"
        jitter = np.floor(60 * uniform(seed, key + ":day", no)).astype(np.int64)
        day = spell.paid_from + QUARTER_DAYS * quarter + jitter
        last_chance = np.minimum(np.minimum(spell.notice_day, spell.last_day), 7 * weeks) - 1
        possible = (day >= 0) & (day <= last_chance) & ~accounts.scripted & (seats > 1)

        week = np.clip(day // 7, 0, weeks - 1)
        health_then = health[np.arange(len(no)), shape.lag_weeks + week]
        grows = shape.expand_chance * np.exp(shape.expand_per_health * health_then)
        shrinks = shape.contract_chance * np.exp(-shape.contract_per_health * health_then)
        draw = uniform(seed, key + ":which", no)
        size = uniform(seed, key + ":size", no)
        factor = np.where(draw < grows, 1.1 + 0.4 * size, 1.0)
        factor = np.where(draw > 1.0 - shrinks, 0.6 + 0.3 * size, factor)
        wanted = np.where(factor > 1.0, np.ceil(seats * factor), np.floor(seats * factor))
        new = np.where(possible, np.maximum(wanted, 1), seats).astype(np.int64)

        changed = np.where(new != seats)[0]
        steps.append(_steps_table(no[changed], spell, day[changed], new[changed]))
        from_then_on = 7 * np.arange(weeks)[None, :] >= day[changed][:, None]
        by_week[changed] = np.where(from_then_on, new[changed][:, None], by_week[changed])
        seats = new
    return by_week, pa.concat_tables(steps)


def _steps_table(no: np.ndarray, spell: Spell, day: np.ndarray, seats: np.ndarray) -> pa.Table:
    return pa.table(
        {
            "account_no": no.astype(np.int64),
            "spell": np.full(len(no), spell.number, dtype=np.int32),
            "day": day.astype(np.int64),
            "seats": seats.astype(np.int64),
        }
    )


def _lives_table(accounts: Accounts, spell: Spell) -> pa.Table:
    begun = spell.first_day < NEVER
    return pa.table(
        {
            "account_no": accounts.account_no[begun],
            "spell": np.full(int(begun.sum()), spell.number, dtype=np.int32),
            "first_day": spell.first_day[begun],
            "paid_from_day": _or_null(spell.paid_from[begun]),
            "notice_day": _or_null(spell.notice_day[begun]),
            "last_day": _or_null(spell.last_day[begun]),
            "is_traceless": spell.is_traceless[begun],
        }
    )


def _weeks_table(
    accounts: Accounts,
    spell: Spell,
    health: np.ndarray,
    seats: np.ndarray,
    weeks: int,
    shape: Shape,
) -> pa.Table:
    """The weeks of a spell; first_dow and last_dow (0 to 6) bound the days of it in the week."""
    monday = 7 * np.arange(weeks)[None, :]
    first_dow = np.clip(spell.first_day[:, None] - monday, 0, 7)
    last_dow = np.clip(spell.last_day[:, None] - monday, -1, 6)
    row, week = np.where((first_dow <= 6) & (last_dow >= 0) & (first_dow <= last_dow))
    notice_week = week - spell.notice_day[row] // 7
    return pa.table(
        {
            "account_no": accounts.account_no[row],
            "week": week.astype(np.int32),
            "spell": np.full(len(row), spell.number, dtype=np.int32),
            "health": health[row, shape.lag_weeks + week],
            "seats": seats[row, week],
            "spell_week": (week - spell.first_day[row] // 7).astype(np.int32),
            "weeks_since_notice": pa.array(
                np.maximum(notice_week, 0).astype(np.int32), mask=notice_week < 0
            ),
            "first_dow": first_dow[row, week].astype(np.int32),
            "last_dow": last_dow[row, week].astype(np.int32),
        }
    )


def _risk_table(
    accounts: Accounts,
    spell: Spell,
    permanent: np.ndarray,
    health: np.ndarray,
    weeks: int,
    shape: Shape,
) -> pa.Table:
    """Probability that notice is given within each horizon after the end of the week.

    See `expected_hazard` for the method. Only weeks at whose end the account pays and has not yet
    given notice have a row; planted accounts do not leave by chance and have none.
    """
    cumulative = expected_hazard(
        accounts.is_annual, spell.paid_from, permanent, health, weeks, shape
    )
    week_end = 7 * np.arange(weeks)[None, :] + 6
    at_risk = (spell.paid_from[:, None] <= week_end) & (spell.notice_day[:, None] > week_end)
    row, week = np.where(at_risk & ~accounts.scripted[:, None])
    columns: dict[str, np.ndarray] = {
        "account_no": accounts.account_no[row],
        "week": week.astype(np.int32),
    }
    for horizon, hazard in cumulative.items():
        columns[f"churn_probability_{horizon:02d}w"] = np.round(1.0 - np.exp(-hazard[row, week]), 6)
    return pa.table(columns)


def expected_hazard(
    is_annual: np.ndarray,
    paid_from: np.ndarray,
    permanent: np.ndarray,
    health: np.ndarray,
    weeks: int,
    shape: Shape,
) -> dict[int, np.ndarray]:
    """Expected cumulative hazard by horizon in weeks, given health so far (accounts × weeks each).

    The hazard of week t + j depends on health at t + j - lag, which is known for j up to the lag.
    Beyond it, health is its permanent part plus memory**n of what it has now, plus n fresh changes;
    the mean of exp(-effect × changes) is a product of the changes' moment generating functions. An
    effect that drifts is that of week t + j.
    Treating the cumulative hazard as its mean leaves out its variance, so the probability is a
    little high; tests compare it with nested simulation.
    """
    furthest = max(HORIZONS_WEEKS)
    base = base_hazard(is_annual, paid_from, weeks + furthest, shape)
    traceless = (shape.traceless_hazard / 52) * _is_settled(paid_from, weeks + furthest)
    effects = by_week(shape.hazard_per_health, np.arange(weeks + furthest), weeks / 2)
    now = health[:, shape.lag_weeks :]
    total = np.zeros_like(now)
    result: dict[int, np.ndarray] = {}
    for ahead in range(1, furthest + 1):
        fresh = ahead - shape.lag_weeks
        effect = effects[ahead : ahead + weeks]
        if fresh <= 0:
            factor = np.exp(-effect * health[:, ahead : ahead + weeks])
        else:
            mean = permanent[:, None] + shape.weekly_memory**fresh * (now - permanent[:, None])
            factor = np.exp(-effect * mean) * _fresh_changes(fresh, effect, shape)
        total += base[:, ahead : ahead + weeks] * factor + traceless[:, ahead : ahead + weeks]
        if ahead in HORIZONS_WEEKS:
            result[ahead] = total.copy()
    return result


def _fresh_changes(fresh: int, effect: np.ndarray, shape: Shape) -> np.ndarray:
    """Mean of exp(-effect × the sum of `fresh` weekly changes, faded by memory), by effect."""
    product = np.ones_like(effect)
    for age in range(fresh):
        c = -effect * shape.weekly_memory**age
        usual = np.exp((c * shape.weekly_sd) ** 2 / 2)
        shock = np.exp(c * shape.shock_mean + (c * shape.shock_sd) ** 2 / 2)
        product *= usual * (1.0 - shape.shock_chance + shape.shock_chance * shock)
    return product


def _or_null(days: np.ndarray) -> pa.Array:
    return pa.array(days, mask=days >= NEVER)
