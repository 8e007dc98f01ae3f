"""Scorecard seeds, resolved: versions, inheritance, overrides, curves and bands (section 6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from .plain import OPEN_END, exact, rounded, seed_date, word
from .point_rules import PointRule


@dataclass(frozen=True)
class SignalRule:
    """A signal's row in a resolved version; `own` when the row is the version's own."""

    dimension_id: str
    weight: Fraction
    curve_id: str
    own: bool


@dataclass(frozen=True)
class Cap:
    """A risk cap of a resolved version; `own` when the row is the version's own."""

    cap_id: str
    signal_id: str
    operator: str
    bound: Fraction
    max_score: Fraction
    max_band: str
    own: bool

    def within(self, bands: list[tuple[str, Fraction, Fraction]]) -> Cap:
        """The cap with the highest score of its band, if it names one and that is lower."""
        highest = max((upper for _, _, upper in bands), default=None)
        for band_id, _, upper in bands:
            if band_id == self.max_band:
                top = upper if upper == highest else upper - Fraction(1, 10000)
                return replace(self, max_score=min(self.max_score, top))
        return self

    def holds(self, value: Fraction) -> bool:
        """Whether the condition is true of the value, compared at the six decimals published."""
        published = exact(rounded(Fraction(rounded(value, 12)), 6))
        return {
            "at_least": published >= self.bound,
            "at_most": published <= self.bound,
            "above": published > self.bound,
            "below": published < self.bound,
        }[self.operator]


@dataclass(frozen=True)
class Version:
    """One scorecard version with everything it inherits."""

    scorecard_id: str
    scorecard_version: int
    valid_from: date
    status: str
    min_coverage: Fraction
    min_dimension_coverage: Fraction
    min_dimensions: int
    dimensions: dict[str, Fraction]
    signals: dict[str, SignalRule]
    bands: list[tuple[str, Fraction, Fraction]]
    product_weights: dict[tuple[str, str], Fraction]
    point_rules: dict[str, PointRule]
    caps: dict[str, Cap]


@dataclass(frozen=True)
class Override:
    """The account overrides of one signal that are in force on a day; None where none is."""

    weight: Fraction | None = None
    curve_id: str | None = None
    scale_factor: Fraction | None = None

    @property
    def changes_anything(self) -> bool:
        """Any of the three is in force."""
        return (self.weight, self.curve_id, self.scale_factor) != (None, None, None)


class Scorecards:
    """All scorecard seeds."""

    def __init__(self, seeds: dict[str, list[dict]]) -> None:
        self.seeds = seeds
        self.curves: dict[str, list[tuple[Fraction, Fraction]]] = {}
        for row in seeds["curves"]:
            self.curves.setdefault(row["curve_id"], []).append(
                (exact(row["x"]), exact(row["points"]))
            )
        for points in self.curves.values():
            points.sort()
        self.registry = {row["signal_id"]: row for row in seeds["signals"]}
        self.versions = [self._resolve(row) for row in seeds["scorecards"]]
        self._overrides: dict[tuple[str, str], list[dict]] = {}
        for row in sorted(
            seeds["account_overrides"],
            key=lambda row: (seed_date(row["valid_from"], date.min), row["override_id"]),
        ):
            self._overrides.setdefault((row["account_id"], row["signal_id"]), []).append(row)

    def _own(self, seed: str, row: dict) -> list[dict]:
        return [
            own
            for own in self.seeds[seed]
            if own["scorecard_id"] == row["scorecard_id"]
            and own["scorecard_version"] == row["scorecard_version"]
        ]

    def _resolve(self, row: dict) -> Version:
        """A version takes its parent's rows, its own replace them, weight 0 takes a row out."""
        dimensions, signals, bands, caps = self._with_inherited(row)
        dimensions = {name: weight for name, weight in dimensions.items() if weight != 0}
        signals = {
            name: rule
            for name, rule in signals.items()
            if rule.weight != 0 and rule.dimension_id in dimensions
        }
        return Version(
            scorecard_id=row["scorecard_id"],
            scorecard_version=int(row["scorecard_version"]),
            valid_from=seed_date(row["valid_from"], date.min),
            status=word(row["status"]),
            min_coverage=exact(row["min_coverage"]),
            min_dimension_coverage=exact(row["min_dimension_coverage"]),
            min_dimensions=int(row["min_dimensions"]),
            dimensions=dimensions,
            signals=signals,
            bands=bands,
            caps={
                name: cap
                for name, one in caps.items()
                if (cap := one.within(bands)).max_score < 100
            },
            product_weights=self._product_weights(row),
            point_rules={
                name: rule for name, rule in self._point_rules(row).items() if rule.points != 0
            },
        )

    def _product_weights(self, row: dict) -> dict[tuple[str, str], Fraction]:
        weights = {}
        if word(row["extends_scorecard_id"]) not in ("none", ""):
            weights = self._product_weights(self._parent(row))
        for own in self._own("product_weights", row):
            weights[own["product_id"], own["signal_id"]] = exact(own["weight"])
        return weights

    def _point_rules(self, row: dict) -> dict[str, PointRule]:
        rules = {}
        if word(row["extends_scorecard_id"]) not in ("none", ""):
            inherited = self._point_rules(self._parent(row))
            rules = {name: replace(rule, own=False) for name, rule in inherited.items()}
        for own in self._own("point_rules", row):
            rules[own["rule_id"]] = PointRule(
                points=exact(own["points"]),
                completion_days=int(own["completion_days"]),
                expires_after_days=int(own["expires_after_days"]),
                cooldown_days=int(own["cooldown_days"]),
                limit_points=exact(own["limit_points"]),
                own=True,
            )
        return rules

    def _parent(self, row: dict) -> dict:
        return next(
            parent
            for parent in self.seeds["scorecards"]
            if parent["scorecard_id"] == row["extends_scorecard_id"]
            and parent["scorecard_version"] == row["extends_version"]
        )

    def _with_inherited(self, row: dict) -> tuple[dict, dict, list, dict]:
        dimensions: dict[str, Fraction] = {}
        signals: dict[str, SignalRule] = {}
        bands: list[tuple[str, Fraction, Fraction]] = []
        caps: dict[str, Cap] = {}
        if word(row["extends_scorecard_id"]) not in ("none", ""):
            dimensions, inherited, bands, inherited_caps = self._with_inherited(self._parent(row))
            signals = {
                name: SignalRule(rule.dimension_id, rule.weight, rule.curve_id, own=False)
                for name, rule in inherited.items()
            }
            caps = {name: replace(cap, own=False) for name, cap in inherited_caps.items()}
        for own in self._own("dimensions", row):
            dimensions[own["dimension_id"]] = exact(own["weight"])
        for own in self._own("scorecard_signals", row):
            signals[own["signal_id"]] = SignalRule(
                own["dimension_id"], exact(own["weight"]), own["curve_id"], own=True
            )
        for own in self._own("risk_caps", row):
            caps[own["cap_id"]] = Cap(
                own["cap_id"],
                own["signal_id"],
                word(own["operator"]),
                exact(own["value"]),
                exact(own["max_score"]),
                own.get("max_band", "none"),
                own=True,
            )
        own_bands = [
            (own["band_id"], exact(own["lower_bound"]), exact(own["upper_bound"]))
            for own in self._own("bands", row)
        ]
        return dimensions, signals, own_bands or bands, caps

    def is_judgement(self, signal_id: str) -> bool:
        """Whether people decide the signal."""
        return self.registry[signal_id]["family"] == "judgement"

    def live(self, scorecard_id: str, day: date) -> Version | None:
        """The live version with the latest valid_from on or before the day."""
        candidates = [
            version
            for version in self.versions
            if version.scorecard_id == scorecard_id
            and version.status == "live"
            and version.valid_from <= day
        ]
        return max(
            candidates, key=lambda v: (v.valid_from, v.scorecard_version), default=None
        )

    def expansions(self, day: date) -> list[Version]:
        """Of every scorecard of readiness to grow the version with the latest valid_from."""
        latest: dict[str, Version] = {}
        for version in sorted(self.versions, key=lambda v: (v.valid_from, v.scorecard_version)):
            if version.status == "expansion" and version.valid_from <= day:
                latest[version.scorecard_id] = version
        return list(latest.values())

    def shadows(self, scorecard_id: str) -> list[Version]:
        """Every shadow version of the scorecard, over the whole history."""
        return [
            version
            for version in self.versions
            if version.scorecard_id == scorecard_id
            and version.status == "shadow"
        ]

    def override(self, account_id: str, signal_id: str, day: date) -> Override:
        """What the account's overrides say of the signal; of two on one field, the later begun."""
        fields: dict[str, str] = {}
        for row in self._overrides.get((account_id, signal_id), []):
            begun = seed_date(row["valid_from"], date.min) <= day
            if begun and day <= seed_date(row["valid_to"], OPEN_END):
                fields[row["field"]] = row["value"]
        return Override(
            weight=exact(fields.get("weight")),
            curve_id=fields.get("curve_id"),
            scale_factor=exact(fields.get("scale_factor")),
        )

    def points(self, curve_id: str, x: Fraction) -> Fraction:
        """The curve at x: linear between its points, flat outside."""
        curve = self.curves[curve_id]
        if x <= curve[0][0]:
            return curve[0][1]
        for (left_x, left_points), (right_x, right_points) in pairwise(curve):
            if x <= right_x:
                slope = (right_points - left_points) / (right_x - left_x)
                return left_points + slope * (x - left_x)
        return curve[-1][1]


def band_of(bands: list[tuple[str, Fraction, Fraction]], score: Decimal) -> str:
    """The band of a score: lower bound inclusive, and the top band's upper bound too."""
    top = max(upper for _, _, upper in bands)
    for band_id, lower, upper in bands:
        if lower <= exact(score) < upper or (upper == top and exact(score) == top):
            return band_id
    raise ValueError(f"no band holds the score {score}")
