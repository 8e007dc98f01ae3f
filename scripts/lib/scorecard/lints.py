"""What is no error in a scorecard and still deserves a look; the limits are rows of scorecard_lints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations, product

from lib.csv_cells import as_written
from lib.terminal import plain

from .accounts import Known
from .definition import Definition, Row
from .families import left_behind, spelt
from .versions import Key, key_of, newest

ANY = "any"
# What is valid since then is valid since ever, and nobody knows when it was thought of.
SINCE_EVER = date(1900, 1, 1)
_TOP = Decimal(100)


@dataclass(frozen=True)
class Share:
    """A signal of a version, with its share of the score in per cent when everything is observed."""

    signal_id: str
    family: str
    percent: Decimal


def warnings(
    definition: Definition,
    today: date,
    accounts: Known | None = None,
    scorecards: Container[str] | None = None,
) -> list[str]:
    """One line a warning, for versions that score somebody today or later, and for shadows.

    accounts: those that exist, where that is known. scorecards: of these alone; None for all.
    """
    limits = _Limits(definition.rows("scorecard_lints"))
    families = {row["signal_id"]: row["family"] for row in definition.rows("signals")}
    signals = defaultdict(list)
    for rule in definition.rows("stg_scorecard__rules"):
        percent = rule["dimension_weight"] * rule["signal_weight"] / 100
        share = Share(rule["signal_id"], families[rule["signal_id"]], percent)
        signals[rule["scorecard_id"], rule["scorecard_version"]].append(share)

    chosen = {row["scorecard_id"] for row in definition.rows("segments")}
    released = {key_of(row) for row in definition.rows("scorecard_releases")}
    found = [
        *_of_segments(definition),
        *_of_overrides(definition, accounts),
        *_of_dated_rows(definition, today),
    ]
    for version in definition.rows("stg_scorecard__scorecards"):
        if scorecards is not None and version["scorecard_id"] not in scorecards:
            continue
        if version["status"] == "live" and version["scorecard_id"] not in chosen:
            continue
        if version["status"] != "shadow" and version["valid_to"] < today:
            continue
        name = f"{version['scorecard_id']}/{version['scorecard_version']}"
        shares = signals[version["scorecard_id"], version["scorecard_version"]]
        found += [
            f"{name}: {text}"
            for text in (
                *_of_shares(version, shares, limits),
                *_of_age(version, today, limits),
                *_of_the_past(version, today, released),
                *_of_caps(definition, version),
            )
        ]
    return found


def versions_left_behind(definition: Definition, scorecards: Container[str]) -> list[str]:
    """Versions of a family that build on one which is not the newest of its scorecard."""
    found = []
    for row in definition.rows("scorecards"):
        before = key_of(row)
        after = before[0], str(newest(definition, before[0]))
        if before != after and before[0] in scorecards:
            found += [
                f"{spelt(key)}: builds on {spelt(before)}, and {spelt(after)} is newer (scripts/scorecard.py"
                " new --family starts a version of all)"
                for key in left_behind(definition, before, after)
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


def _of_the_past(version: Row, today: date, released: set[Key]) -> list[str]:
    key = version["scorecard_id"], str(version["scorecard_version"])
    if version["status"] == "shadow" or version["valid_from"] >= today or key in released:
        return []
    return [
        f"it is {version['status']} and not released, and its valid_from {version['valid_from']} lies in the"
        " past: a build scores the days since then by it (give it a later valid_from; where that is meant,"
        f" release it: scripts/release_scorecard.py {' '.join(key)})"
    ]


def _of_caps(definition: Definition, version: Row) -> list[str]:
    """Inherited caps whose highest score is in another band than in the version they come from."""
    key = version["scorecard_id"], str(version["scorecard_version"])
    (row,) = (row for row in definition.rows("scorecards") if key_of(row) == key)
    parent = row["extends_scorecard_id"], row["extends_version"]
    own = {cap["cap_id"] for cap in definition.rows("risk_caps") if key_of(cap) == key}
    bands = definition.rows("base_scorecard__bands")
    found = []
    for cap in definition.rows("base_scorecard__risk_caps"):
        if key_of(cap) != key or cap["cap_id"] in own or cap["max_score"] >= _TOP:
            continue
        before, after = (_band(bands, one, cap["max_score"]) for one in (parent, key))
        if before != after:
            found.append(
                f"the cap {cap['cap_id']} holds at {plain(cap['max_score'])}, which is {before} in"
                f" {spelt(parent)} and {after} here, by other bands (write the cap in risk_caps.csv for"
                " this version, with max_band and max_score 100)"
            )
    return found


def _band(bands: list[Row], version: Key, score: Decimal) -> str:
    of_version = [band for band in bands if key_of(band) == version]
    reached = [band for band in of_version if band["lower_bound"] <= score]
    return max(reached, key=lambda band: band["lower_bound"])["band_id"]


def _of_segments(definition: Definition) -> list[str]:
    """Pairs of segments that nothing but their names puts in order."""
    rows = definition.rows("stg_scorecard__segments")
    by_priority: dict[int, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_priority[row["priority"]][row["segment_id"]].append(row)
    found = []
    for priority, segments in sorted(by_priority.items()):
        for first, second in combinations(sorted(segments), 2):
            if any(
                one["valid_from"] <= other["valid_to"] and other["valid_from"] <= one["valid_to"]
                for one, other in product(segments[first], segments[second])
            ):
                found.append(
                    f"segments {first} and {second}: both have the priority {priority}, so the alphabet"
                    " decides who takes an account of both (give each its own)"
                )
    return found


def _of_dated_rows(definition: Definition, today: date) -> list[str]:
    """Rows that belong to no version, begin in the past and may still be edited."""
    released = {
        (row["seed"], as_written(row["row_key"])) for row in definition.rows("scorecard_releases")
        if row["scorecard_id"] == "all"
    }  # fmt: skip
    found: dict[str, list[str]] = defaultdict(list)
    for row in definition.rows("base_scorecard__dated_rows"):
        if date.fromisoformat(row["valid_from"]) < today and (row["seed"], row["row_key"]) not in released:
            found[row["seed"]].append(row["row_key"])
    return [
        f"{seed}: {len(rows)} row(s) begin in the past and are not released, such as {rows[0]}: a build"
        " computes the days since then by them (give them a later valid_from; where that is meant, release"
        " them: scripts/release_scorecard.py --settings)"
        for seed, rows in found.items()
    ]


def _of_overrides(definition: Definition, accounts: Known | None) -> list[str]:
    if accounts is None:
        return []
    return [
        f"override {row['override_id']}: there is no account {row['account_id']} in {accounts.place}, so it"
        " changes nothing (write the account_id as the raw table accounts does)"
        for row in definition.rows("account_overrides")
        if row["account_id"] not in accounts.account_ids
    ]


def _of_age(version: Row, today: date, limits: _Limits) -> list[str]:
    limit = limits.of_scorecard("max_age_months", version["scorecard_id"])
    begun = version["valid_from"]
    months = 12 * (today.year - begun.year) + today.month - begun.month - (today.day < begun.day)
    if limit is None or begun == SINCE_EVER or months <= limit[0]:
        return []
    return [f"it holds since {begun}, and {limit[0]} months is the limit ({limit[1]})"]
