"""What is no error in a scorecard and still deserves a look; the limits are rows of scorecard_lints."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lib.terminal import plain

from .definition import Definition, Row

ANY = "any"
# What is valid since then is valid since ever, and nobody knows when it was thought of.
SINCE_EVER = date(1900, 1, 1)


@dataclass(frozen=True)
class Share:
    """A signal of a version, with its share of the score in per cent when everything is observed."""

    signal_id: str
    family: str
    percent: Decimal


def warnings(definition: Definition, today: date) -> list[str]:
    """One line a warning, for versions that score somebody today or later, and for shadows."""
    limits = _Limits(definition.rows("scorecard_lints"))
    families = {row["signal_id"]: row["family"] for row in definition.rows("signals")}
    signals = defaultdict(list)
    for rule in definition.rows("stg_scorecard__rules"):
        percent = rule["dimension_weight"] * rule["signal_weight"] / 100
        share = Share(rule["signal_id"], families[rule["signal_id"]], percent)
        signals[rule["scorecard_id"], rule["scorecard_version"]].append(share)

    chosen = {row["scorecard_id"] for row in definition.rows("segments")}
    found = []
    for version in definition.rows("stg_scorecard__scorecards"):
        if version["status"] == "live" and version["scorecard_id"] not in chosen:
            continue
        if version["status"] != "shadow" and version["valid_to"] < today:
            continue
        name = f"{version['scorecard_id']}/{version['scorecard_version']}"
        shares = signals[version["scorecard_id"], version["scorecard_version"]]
        found += [
            f"{name}: {text}"
            for text in (*_of_shares(version, shares, limits), *_of_age(version, today, limits))
        ]
    return found


class _Limits:
    """The rows of the seed, by lint."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows: dict[str, dict[str, Row]] = defaultdict(dict)
        for row in rows:
            self._rows[row["lint_id"]][row["applies_to"]] = row

    def of_each(self, lint_id: str) -> list[tuple[str, Decimal, str]]:
        """What a lint applies to, the value, and why."""
        return [
            (applies_to, Decimal(row["value"]), row["meaning"])
            for applies_to, row in self._rows[lint_id].items()
        ]

    def of_scorecard(self, lint_id: str, scorecard_id: str) -> tuple[Decimal, str] | None:
        """The value for a scorecard, else for any."""
        rows = self._rows[lint_id]
        row = rows.get(scorecard_id) or rows.get(ANY)
        return (Decimal(row["value"]), row["meaning"]) if row else None


def _of_shares(version: Row, shares: list[Share], limits: _Limits) -> list[str]:
    found = []
    limit = limits.of_scorecard("max_signals", version["scorecard_id"])
    if limit and len(shares) > limit[0]:
        found.append(f"{len(shares)} signals have weight, and {limit[0]} is the limit ({limit[1]})")
    # Judgement is asked for health; readiness to grow is counted.
    families = ("family_above_percent", "family_below_percent")
    for lint_id in families if version["status"] != "expansion" else ():
        for family, value, meaning in limits.of_each(lint_id):
            percent = sum((one.percent for one in shares if one.family == family), Decimal(0))
            if percent <= value if lint_id == "family_above_percent" else percent >= value:
                found.append(f"signals of the family {family} make {plain(percent)} % ({meaning})")
    for signal_id, value, meaning in limits.of_each("max_signal_percent"):
        percent = sum((one.percent for one in shares if one.signal_id == signal_id), Decimal(0))
        if percent > value:
            found.append(f"{signal_id} makes {plain(percent)} %, and {value} % is the limit ({meaning})")
    return found


def _of_age(version: Row, today: date, limits: _Limits) -> list[str]:
    limit = limits.of_scorecard("max_age_months", version["scorecard_id"])
    begun = version["valid_from"]
    months = 12 * (today.year - begun.year) + today.month - begun.month - (today.day < begun.day)
    if limit is None or begun == SINCE_EVER or months <= limit[0]:
        return []
    return [f"it holds since {begun}, and {limit[0]} months is the limit ({limit[1]})"]
