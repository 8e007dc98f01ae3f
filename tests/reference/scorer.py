"""The reference scorer: every account, day and signal, one after another.

Written from docs/scoring.md (sections 5 and 6 are here, the others in the modules beside this
one). Slow and obvious on purpose: what the models compute with running sums is counted again from
the rows of each window, in exact fractions.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from .accounts import Accounts, AsOf, segment_of
from .measures import Facts, SourceDates, dated_rows
from .plain import ONE_DAY, day_of, days_between, exact, rounded, window, word
from .point_rules import Events, PointRules
from .scorecards import Scorecards, Version, band_of
from .staging import REQUIRED_TABLES, TABLES, Clock, Counts, stage

SEED_NAMES = (
    "account_overrides",
    "adoption",
    "bands",
    "curves",
    "dimensions",
    "lifecycle",
    "point_rule_steps",
    "point_rules",
    "product_weights",
    "scorecard_signals",
    "scorecards",
    "segments",
    "signals",
    "sources",
    "ticket_severities",
)
ALL = "all"
DERIVED = ("slope", "anomaly", "percentile")
NONE = "none"
UNSCORED_BAND = "unknown"


@dataclass
class Score:
    """One account on one day under one version. `coverage` is None without a scorecard."""

    health_score: Decimal | None
    data_score: Decimal | None
    coverage: Decimal | None
    band: str
    scorecard_id: str | None
    scorecard_version: int | None
    segment_id: str | None
    lifecycle_stage: str
    seats: int | None
    recurring_revenue: Decimal | None
    renewal_date: date | None
    score_reason: str | None


@dataclass
class Contribution:
    """One row of the sum; value, points and effective weight are exact fractions."""

    value: Fraction | None
    scale: Fraction | None
    points: Fraction | None
    effective_weight: Fraction | None
    contribution: Decimal | None
    points_lost: Decimal | None
    state: str | None
    state_reason: str | None
    rule_level: str | None


@dataclass
class Result:
    """Live scores and contributions, those of shadow and expansion versions keyed with scorecard and
    version, and staging."""

    scores: dict[tuple, Score] = field(default_factory=dict)
    contributions: dict[tuple, Contribution] = field(default_factory=dict)
    shadow_scores: dict[tuple, Score] = field(default_factory=dict)
    shadow_contributions: dict[tuple, Contribution] = field(default_factory=dict)
    staging: dict[str, Counts] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)


@dataclass
class SignalRow:
    """One signal of one version for one account, day and product, before weights are shared out."""

    signal_id: str
    product_id: str
    dimension_id: str
    row_weight: Fraction
    freshness: Fraction
    curve_id: str
    rule_level: str
    state: str
    state_reason: str | None
    value: Fraction | None
    scale: Fraction | None

    @property
    def observed_weight(self) -> Fraction:
        return self.row_weight * self.freshness


@dataclass
class Reading:
    """What section 5 says of one signal, account, day and product."""

    state: str
    reason: str | None = None
    value: Fraction | None = None
    freshness: Fraction = Fraction(1)


def score(
    raw_dir: Path,
    seeds_dir: Path,
    *,
    sources: set[str] | None = None,
    cadence: str = "day",
    as_of_date: date | None = None,
    start_date: date | None = None,
) -> Result:
    """Scores of the raw Parquet files in raw_dir (`table.parquet` or `table/*.parquet`).

    `sources` names the raw tables that are on, by default those present; the required ones always
    are.
    """
    raw = read_raw(raw_dir)
    seeds = read_seeds(seeds_dir)
    return score_rows(
        raw,
        seeds,
        sources=sources,
        cadence=cadence,
        as_of_date=as_of_date,
        start_date=start_date,
    )


def read_raw(raw_dir: Path) -> dict[str, list[dict]]:
    """The rows of every contract table that is present."""
    import duckdb

    raw: dict[str, list[dict]] = {}
    for table in TABLES:
        files = [Path(raw_dir) / f"{table}.parquet"]
        if not files[0].exists():
            files = sorted((Path(raw_dir) / table).glob("*.parquet"))
        if not files:
            continue
        with duckdb.connect() as connection:
            result = connection.execute(
                "select * from read_parquet(?)", [[str(file) for file in files]]
            )
            names = [column[0] for column in result.description]
            raw[table] = [dict(zip(names, values)) for values in result.fetchall()]
    return raw


def read_seeds(seeds_dir: Path) -> dict[str, list[dict]]:
    """The scorecard seeds, every cell as text."""
    seeds = {}
    for name in SEED_NAMES:
        with (Path(seeds_dir) / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            seeds[name] = list(csv.DictReader(file))
    return seeds


def score_rows(
    raw: dict[str, list[dict]],
    seeds: dict[str, list[dict]],
    *,
    sources: set[str] | None = None,
    cadence: str = "day",
    as_of_date: date | None = None,
    start_date: date | None = None,
) -> Result:
    """Scores of raw rows that are already in memory."""
    if cadence not in ("day", "week"):
        raise ValueError(f"cadence is day or week, not '{cadence}'")
    on = (set(raw) if sources is None else set(sources)) | REQUIRED_TABLES
    staged = stage(raw, on)
    result = Result(staging=staged.counts, clock=staged.clock)

    last_day = as_of_date or staged.clock.last_complete_day
    if last_day is None:
        return result

    scorer = Scorer(staged, seeds, last_day, start_date)
    first_day = scorer.first_day
    if first_day is None:
        return result
    for account_id in sorted(scorer.accounts.history):
        for day in days_between(first_day, last_day):
            if cadence == "week" and day.isoweekday() != 7:
                continue
            scorer.score_account_day(account_id, day, result)
    return result


class Scorer:
    """Staged rows and seeds, indexed, and the scoring of one account-day."""

    def __init__(
        self,
        staged,
        seeds: dict[str, list[dict]],
        last_day: date,
        start_date: date | None = None,
    ) -> None:
        lifecycle = {row["setting"]: int(row["value"]) for row in seeds["lifecycle"]}
        self.on = staged.on
        self.segments = seeds["segments"]
        self.scorecards = Scorecards(seeds)
        self.accounts = Accounts(staged, lifecycle, last_day)
        self.facts = Facts(staged, self.accounts, seeds["ticket_severities"], seeds["adoption"])
        self.point_rules = PointRules(Events(staged, self.facts), seeds["point_rule_steps"])
        self.calendar: dict[str, set[date]] = {}
        for row in staged.rows["calendar_days"]:
            self.calendar.setdefault(word(row["region"]), set()).add(day_of(row["calendar_date"]))
        limits = {row["source_id"]: row for row in seeds["sources"]}
        self.source_dates: dict[str, SourceDates] = {}
        self._bases: dict[tuple, Reading] = {}
        self._peers: dict[tuple, list[tuple[str, str, Fraction]]] = {}
        for registered in self.scorecards.registry.values():
            for source_id in registered["sources"].split("|"):
                dated = dated_rows(source_id, staged, self.facts)
                if dated is not None and source_id not in self.source_dates:
                    self.source_dates[source_id] = SourceDates(
                        dated, limits[source_id], self.accounts.paid_days
                    )
        self.first_day = start_date or self.first_usage_day()

    def first_usage_day(self) -> date | None:
        """The first day on which a usage event falls on a paid day of its account."""
        return min(
            (
                day
                for account_id, by_day in self.facts.events.items()
                for day in by_day
                if day in self.accounts.paid_days.get(account_id, set())
            ),
            default=None,
        )

    def score_account_day(self, account_id: str, day: date, result: Result) -> None:
        """Adds the scores and contributions of one account-day, if it is a paid day."""
        as_of = self.accounts.as_of(account_id, day)
        if as_of is None:
            return
        segment = segment_of(as_of, self.segments)
        scorecard_id = segment["scorecard_id"] if segment is not None else None
        version = self.scorecards.live(scorecard_id, day)
        if version is None:
            result.scores[account_id, day] = Score(
                health_score=None,
                data_score=None,
                coverage=None,
                band=UNSCORED_BAND,
                scorecard_id=scorecard_id,
                scorecard_version=None,
                segment_id=segment["segment_id"] if segment is not None else None,
                lifecycle_stage=as_of.lifecycle_stage,
                seats=as_of.seats,
                recurring_revenue=as_of.recurring_revenue,
                renewal_date=as_of.renewal_date,
                score_reason="no_scorecard",
            )
        else:
            scored, contributions = self.score_version(as_of, segment, version)
            result.scores[account_id, day] = scored
            for key, contribution in contributions.items():
                result.contributions[(account_id, day, *key)] = contribution
        beside = self.scorecards.shadows(scorecard_id) + self.scorecards.expansions(day)
        for shadow in beside:
            scored, contributions = self.score_version(as_of, segment, shadow)
            shadow_key = (account_id, day, shadow.scorecard_id, shadow.scorecard_version)
            result.shadow_scores[shadow_key] = scored
            for key, contribution in contributions.items():
                result.shadow_contributions[(*shadow_key, *key)] = contribution

    def score_version(
        self, as_of: AsOf, segment: dict | None, version: Version
    ) -> tuple[Score, dict[tuple, Contribution]]:
        """Section 6 for one account, day and version."""
        rows = self.signal_rows(as_of, version)
        observed = [row for row in rows if row.state == "observed"]
        applicable = [row for row in rows if row.state != "not_applicable"]

        # Dimensions of which enough is observed.
        observed_weight: dict[str, Fraction] = {}
        for dimension_id in version.dimensions:
            seen = sum_of(row.observed_weight for row in observed if row.dimension_id == dimension_id)
            of = sum_of(row.row_weight for row in applicable if row.dimension_id == dimension_id)
            if seen > 0 and seen / of >= version.min_dimension_coverage:
                observed_weight[dimension_id] = seen
        dimensions_weight = sum_of(version.dimensions[name] for name in observed_weight)

        covered = sum_of(
            version.dimensions[row.dimension_id] * row.observed_weight for row in observed
        )
        whole = sum_of(version.dimensions[row.dimension_id] * row.row_weight for row in applicable)
        coverage = covered / whole if whole > 0 else Fraction(0)
        is_scored = (
            coverage >= version.min_coverage and len(observed_weight) >= version.min_dimensions
        )

        contributions: dict[tuple, Contribution] = {}
        health_score = Decimal("0.0000")
        for row in rows:
            points = None
            if row.state == "observed":
                scaled = row.value if row.scale is None else row.value / row.scale
                points = self.scorecards.points(row.curve_id, scaled)
            effective_weight = None
            contribution = points_lost = Decimal("0.0000")
            if not is_scored:
                contribution = points_lost = None
            elif row.state == "observed" and row.dimension_id in observed_weight:
                effective_weight = (
                    row.observed_weight
                    / observed_weight[row.dimension_id]
                    * version.dimensions[row.dimension_id]
                    / dimensions_weight
                )
                contribution = four_places(effective_weight * points)
                points_lost = four_places(effective_weight * (100 - points))
                health_score += contribution
            key = ("signal", row.dimension_id, row.signal_id, row.product_id, NONE)
            contributions[key] = Contribution(
                value=row.value,
                scale=row.scale,
                points=points,
                effective_weight=effective_weight,
                contribution=contribution,
                points_lost=points_lost,
                state=row.state,
                state_reason=row.state_reason,
                rule_level=row.rule_level,
            )

        for rule_id, row in self.point_rule_rows(as_of, version, is_scored).items():
            contributions["point_rule", NONE, NONE, ALL, rule_id] = row
            if is_scored:
                health_score += row.contribution

        clamped = min(max(health_score, Decimal("0.0000")), Decimal("100.0000"))
        if is_scored and clamped != health_score:
            contributions["clamp", NONE, NONE, ALL, NONE] = Contribution(
                value=None,
                scale=None,
                points=None,
                effective_weight=None,
                contribution=clamped - health_score,
                points_lost=None,
                state=None,
                state_reason=None,
                rule_level=None,
            )
        scored = Score(
            health_score=clamped if is_scored else None,
            data_score=clamped if is_scored else None,
            coverage=rounded(coverage, 4),
            band=band_of(version.bands, clamped) if is_scored else UNSCORED_BAND,
            scorecard_id=version.scorecard_id,
            scorecard_version=version.scorecard_version,
            segment_id=segment["segment_id"] if segment is not None else None,
            lifecycle_stage=as_of.lifecycle_stage,
            seats=as_of.seats,
            recurring_revenue=as_of.recurring_revenue,
            renewal_date=as_of.renewal_date,
            score_reason=None if is_scored else "insufficient_data",
        )
        return scored, contributions

    def point_rule_rows(
        self, as_of: AsOf, version: Version, is_scored: bool
    ) -> dict[str, Contribution]:
        """Section 7: a row for every rule of the version with a firing in force."""
        spell = self.accounts.spell_days(as_of.account_id, as_of.spell_number)
        rows = {}
        for rule_id, rule in version.point_rules.items():
            firings = self.point_rules.in_force(
                rule_id, rule, as_of.account_id, spell, as_of.day
            )
            if firings:
                given = rule.given(firings)
                rows[rule_id] = Contribution(
                    value=Fraction(firings),
                    scale=None,
                    points=None,
                    effective_weight=None,
                    contribution=given if is_scored else None,
                    points_lost=max(-given, Decimal(0)) if is_scored else None,
                    state="observed",
                    state_reason=None,
                    rule_level="scorecard" if rule.own else "base",
                )
        return rows

    def signal_rows(self, as_of: AsOf, version: Version) -> list[SignalRow]:
        """A row for every signal of the version; for product signals one per entitled product."""
        rows = []
        for signal_id in sorted(version.signals):
            rule = version.signals[signal_id]
            registered = self.scorecards.registry[signal_id]
            override = self.scorecards.override(as_of.account_id, signal_id, as_of.day)
            rule_level = "scorecard" if rule.own else "base"
            if override.changes_anything:
                rule_level = "account"
            scale = None
            if registered["scale"] != "none":
                scale = exact(as_of.attribute(registered["scale"]))
                if scale is not None and override.scale_factor is not None:
                    scale *= override.scale_factor

            shares = {ALL: Fraction(1)}
            if registered["grain"] == "product" and as_of.shares:
                shares = as_of.shares
            for product_id in sorted(shares):
                weight = version.product_weights.get((product_id, signal_id), rule.weight)
                if override.weight is not None:
                    weight = override.weight
                if weight == 0:
                    continue
                reading = self.reading(registered, as_of, product_id, scale)
                rows.append(
                    SignalRow(
                        signal_id=signal_id,
                        product_id=product_id,
                        dimension_id=rule.dimension_id,
                        row_weight=weight * shares[product_id],
                        freshness=reading.freshness,
                        curve_id=override.curve_id or rule.curve_id,
                        rule_level=rule_level,
                        state=reading.state,
                        state_reason=reading.reason,
                        value=reading.value,
                        scale=scale,
                    )
                )
        return rows

    def reading(
        self, registered: dict, as_of: AsOf, product_id: str, scale: Fraction | None
    ) -> Reading:
        """Section 5: state, reason and, where observed, value. The first rule that holds."""
        if registered["calculation"] in DERIVED:
            return self.derived(registered, as_of, product_id)
        account_id, day = as_of.account_id, as_of.day
        is_product_signal = registered["grain"] == "product"
        sources = registered["sources"].split("|")
        dated = [self.source_dates[name] for name in sources if name in self.source_dates]

        # 1
        if is_product_signal and not as_of.shares:
            return Reading("not_applicable", "not_entitled")

        # 2
        if any(name.split(".")[0] not in self.on for name in sources):
            return Reading("missing", "source_off")

        # 3
        age = as_of.spell_age
        if is_product_signal:
            age = min(age, as_of.product_ages[product_id])
        if age < int(registered["min_history_days"]):
            return Reading("in_grace", "too_young")

        numerator_days = window(day, int(registered["numerator_window_days"]))
        denominator_days: tuple[date, ...] = ()
        if registered["denominator"] != "none":
            denominator_days = window(
                day,
                int(registered["denominator_window_days"]),
                int(registered["denominator_offset_days"]),
            )

        # 4
        rest_days_to_suppress = int(registered["rest_days_to_suppress"])
        if rest_days_to_suppress > 0:
            region = word(as_of.attributes["region"])
            rest = self.calendar.get(region, set()) | self.calendar.get(ALL, set())
            if len([d for d in numerator_days if d in rest]) >= rest_days_to_suppress:
                return Reading("suppressed", "calendar")

        # 5
        if any(not source.known_since for source in dated):
            return Reading("missing", "source_empty")

        # 6
        first_day = min(numerator_days[:1] + denominator_days[:1])
        span = days_between(first_day, day)
        if any(source.is_late_too_often(span) for source in dated):
            return Reading("missing", "source_late")

        # 7
        if any(source.first_day is None or first_day < source.first_day for source in dated):
            return Reading("missing", "source_not_covering")

        # 8
        if sources[0] in self.source_dates:
            source = self.source_dates[sources[0]]
            known_since = source.known_since.get(account_id)
            if registered["known_by"] == "company":
                known_since = min(source.known_since.values(), default=None)
            if known_since is None or known_since > day:
                return Reading("missing", "not_known")

        # 9
        numerator = self.facts.value(
            registered["numerator"], account_id, product_id, numerator_days
        )
        denominator = Fraction(1)
        if denominator_days:
            denominator = self.facts.value(
                registered["denominator"], account_id, product_id, denominator_days
            )
        measure = registered["denominator"]
        if measure == "none" or registered["calculation"] == "recency":
            measure = registered["numerator"]
        last_day = self.facts.last_fact_day(measure, account_id, product_id, day)
        fresh_days = int(registered["fresh_days"])
        stale_after_days = int(registered["stale_after_days"])
        is_stale = (
            stale_after_days > 0
            and last_day is not None
            and (day - last_day).days >= stale_after_days
        )
        if is_stale and (
            fresh_days > 0 or (not denominator and registered["zero_denominator"] == "missing")
        ):
            return Reading("expired", "stale")
        if not denominator:
            if registered["zero_denominator"] == "not_applicable":
                return Reading("not_applicable", "nothing_to_measure")
            return Reading("missing", "nothing_to_measure")
        if numerator is None:
            return Reading("missing", "nothing_to_measure")

        # 10
        if registered["scale"] != "none" and (scale is None or scale <= 0):
            return Reading("missing", "no_scale")

        # 11
        value = numerator / denominator
        if registered["calculation"] == "recency":
            since = max(last_day or date.min, as_of.spell_starts_on - ONE_DAY)
            value = Fraction(min((day - since).days, int(registered["numerator_window_days"])))
        freshness = Fraction(1)
        if fresh_days > 0 and last_day is not None and (day - last_day).days > fresh_days:
            freshness = Fraction(
                stale_after_days - (day - last_day).days, stale_after_days - fresh_days
            )
        return Reading("observed", None, value * exact(registered["multiplier"]), freshness)

    def derived(self, registered: dict, as_of: AsOf, product_id: str) -> Reading:
        """The end of section 5: a signal that looks at the values of another one."""
        base = registered["numerator"]
        now = self.base(base, as_of, product_id)
        if now.state != "observed":
            return Reading(now.state, now.reason)
        if as_of.spell_age < int(registered["min_history_days"]):
            return Reading("in_grace", "too_young")

        least = int(registered["min_count"])
        multiplier = exact(registered["multiplier"])
        if registered["calculation"] == "percentile":
            others = self.peers(base, as_of, product_id)
            if len(others) < least:
                return Reading("missing", "too_few_peers")
            below = len([value for value in others if value < now.value])
            equal = len([value for value in others if value == now.value])
            share = (below + Fraction(equal, 2)) / len(others)
            return Reading("observed", None, share * multiplier)

        weeks = int(registered["numerator_window_days"]) // 7
        steps = range(weeks) if registered["calculation"] == "slope" else range(1, weeks + 1)
        past: dict[int, Fraction] = {}
        for step in steps:
            then = self.accounts.as_of(as_of.account_id, as_of.day - timedelta(days=7 * step))
            if then is None or then.day < self.first_day:
                continue
            if then.spell_starts_on != as_of.spell_starts_on:
                continue
            if product_id != ALL and product_id not in then.shares:
                continue
            reading = self.base(base, then, product_id)
            if reading.state == "observed":
                past[-step] = reading.value
        if len(past) < least:
            return Reading("missing", "too_few_values")
        mean = sum_of(past.values()) / len(past)
        if registered["calculation"] == "slope":
            if mean == 0:
                return Reading(registered["zero_denominator"], "nothing_to_measure")
            middle = Fraction(sum(past), len(past))
            rise = sum_of((week - middle) * value for week, value in past.items())
            run = sum_of((week - middle) ** 2 for week in past)
            return Reading("observed", None, rise / run / mean * multiplier)
        variance = sum_of((value - mean) ** 2 for value in past.values()) / (len(past) - 1)
        if variance == 0:
            return Reading(registered["zero_denominator"], "nothing_to_measure")
        deviation = exact((Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt())
        return Reading("observed", None, (now.value - mean) / deviation * multiplier)

    def base(self, signal_id: str, as_of: AsOf, product_id: str) -> Reading:
        """The signal that a derived one looks at; its value is scaled, without noise."""
        key = signal_id, as_of.account_id, as_of.day, product_id
        if key not in self._bases:
            registered = self.scorecards.registry[signal_id]
            scale = None
            if registered["scale"] != "none":
                scale = exact(as_of.attribute(registered["scale"]))
            reading = self.reading(registered, as_of, product_id, scale)
            if reading.value is not None:
                scaled = reading.value if scale is None else reading.value / scale
                reading = replace(reading, value=Fraction(rounded(scaled, 9)))
            self._bases[key] = reading
        return self._bases[key]

    def peers(self, signal_id: str, as_of: AsOf, product_id: str) -> list[Fraction]:
        """Values of the other accounts of the segment on the day."""
        key = signal_id, as_of.day, product_id
        if key not in self._peers:
            self._peers[key] = []
            for account_id in self.accounts.history:
                other = self.accounts.as_of(account_id, as_of.day)
                segment = None if other is None else segment_of(other, self.segments)
                if segment is None or (product_id != ALL and product_id not in other.shares):
                    continue
                reading = self.base(signal_id, other, product_id)
                if reading.state == "observed":
                    self._peers[key].append((account_id, segment["segment_id"], reading.value))
        own = segment_of(as_of, self.segments)
        return [
            value
            for account_id, segment_id, value in self._peers[key]
            if account_id != as_of.account_id and segment_id == own["segment_id"]
        ]




def sum_of(numbers) -> Fraction:
    """A sum that is a fraction even when it is empty."""
    return sum(numbers, Fraction(0))


def four_places(number: Fraction) -> Decimal:
    """Four places, half away from zero, after removing noise at the 12th as section 6 says."""
    return rounded(Fraction(rounded(number, 12)), 4)
