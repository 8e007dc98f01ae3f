"""May a shadow version be released? Three checks, each accepted, refused or not to be judged."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from lib.validation import limits as evidence

from .churn import Separation, separation
from .figures import entries_by_owner, entries_by_owner_week, revenue_moved
from .reading import History, Horizon


class Status(IntEnum):
    """Exit status of the command, and of each check."""

    ACCEPTED = 0
    REFUSED = 1
    NOT_JUDGED = 2


@dataclass(frozen=True)
class Check:
    """One check with its figures in words."""

    status: Status
    sentence: str


def judge_release(
    history: History, horizon: Horizon, bootstraps: int, seed: int
) -> tuple[Status, list[Check]]:
    """All checks; refused if any is, else not judged if any is not."""
    found = separation(history.outcomes[horizon], bootstraps, seed)
    checks = [
        _worst_leaves_more(found, horizon),
        _revenue_stays(history),
        *_work_is_possible(history),
    ]
    statuses = {check.status for check in checks}
    for status in (Status.REFUSED, Status.NOT_JUDGED):
        if status in statuses:
            return status, checks
    return Status.ACCEPTED, checks


def _worst_leaves_more(found: dict[str, Separation], horizon: Horizon) -> Check:
    window = f"within {horizon.horizon_days} days (after a gap of {horizon.gap_days})"
    shadow, live = found["shadow"], found["live"]
    if shadow.difference is None:
        return Check(
            Status.NOT_JUDGED,
            f"whether the worst band leaves more than the best {window}: {shadow.why_not}",
        )
    figures = f"{_points(shadow)} percentage points on {shadow.churned_accounts:,} churned accounts"
    if live.difference is not None:
        figures += f"; under the live version {_points(live)}"
    if shadow.difference.low > 0:
        return Check(
            Status.ACCEPTED, f"the worst band left more than the best {window}: {figures}"
        )
    return Check(
        Status.REFUSED,
        f"the worst band did not leave more than the best {window}, beyond chance: {figures}",
    )


def _points(found: Separation) -> str:
    scaled = found.difference.scaled(100)
    return (
        f"{scaled.value:+.1f} ({evidence.CONFIDENCE:.0%} interval {scaled.low:+.1f} to {scaled.high:+.1f})"
    )


def _revenue_stays(history: History) -> Check:
    moved, every = revenue_moved(history.last_day)
    limit = history.limits["revenue_changing_band_percent"]
    day = history.pair.last_day
    if not every:
        return Check(
            Status.NOT_JUDGED,
            f"how much revenue changes band: no revenue is known on {day} for the accounts compared",
        )
    said = f"{100 * moved / every:.1f} % of recurring revenue is in another band on {day}, limit {limit:g} %"
    # Decimals, so that exactly the limit is within it.
    within = 100 * moved <= Decimal(str(limit)) * every
    return Check(Status.ACCEPTED if within else Status.REFUSED, said)


def _work_is_possible(history: History) -> list[Check]:
    """One check a CSM who is beyond the limit; one in all if nobody is."""
    most = history.limits["worst_entries_per_owner_week"]
    allowed = history.limits["owner_weeks_above_percent"]
    weeks = {
        side: [week for week in entries_by_owner_week(history, side) if week.owner_id is not None]
        for side in ("live", "shadow")
    }
    if not weeks["shadow"]:
        return [
            Check(
                Status.NOT_JUDGED,
                "whether CSMs can work the entries into the worst band: no account has an owner",
            )
        ]
    live, shadow = (entries_by_owner(weeks[side], most) for side in ("live", "shadow"))
    refused = [
        Check(
            Status.REFUSED,
            f"{owner} would have had more than {most:g} entries into the worst band in"
            f" {found['weeks_above']:,} of {found['weeks']:,} weeks, at most {found['most_in_a_week']:,}"
            f" (live version: in {live[owner]['weeks_above']:,}); limit {allowed:g} % of the weeks",
        )
        for owner, found in sorted(shadow.items())
        if 100 * found["weeks_above"] > allowed * found["weeks"]
    ]
    busiest = max(found["most_in_a_week"] for found in shadow.values())
    return refused or [
        Check(
            Status.ACCEPTED,
            f"entries into the worst band can be worked: no CSM has more than {most:g} in over"
            f" {allowed:g} % of the weeks; the most in one week is {busiest:,}",
        )
    ]
