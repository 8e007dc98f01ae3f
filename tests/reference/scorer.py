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
from functools import partial
from pathlib import Path

from .accounts import Accounts, AsOf, segment_of
from .measures import Facts, SourceDates, dated_rows
from .milestones import Milestones
from .plain import ONE_DAY, Dated, day_of, days_between, exact, rounded, window, word
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
    "milestones",
    "point_rule_steps",
    "point_rules",
    "product_weights",
    "pulse_levels",
    "unit_checks",
    "risk_caps",
    "scorecard_signals",
    "scorecards",
    "segments",
    "signals",
    "sources",
    "survey_groups",
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
class Held:
    """What a signal had on the last scored day before its source was late."""

    value: Fraction
    scale: Fraction | None
    freshness: Fraction


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
    held: Held | None = None

    @property
    def counted_weight(self) -> Fraction:
        """The weight that is left at the age of what was observed, or is held."""
        return self.row_weight * (self.freshness if self.held is None else self.held.freshness)


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
    base_currency: str | None = None,
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
        base_currency=base_currency,
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
    base_currency: str | None = None,
) -> Result:
    """Scores of raw rows that are already in memory."""
    if cadence not in ("day", "week"):
        raise ValueError(f"cadence is day or week, not '{cadence}'")
    on = (set(raw) if sources is None else set(sources)) | REQUIRED_TABLES
    staged = stage(raw, on, as_of_date, seeds.get("unit_checks"))
    result = Result(staging=staged.counts, clock=staged.clock)

    last_day = as_of_date or staged.clock.last_complete_day
    if last_day is None:
        return result

    scorer = Scorer(staged, seeds, last_day, start_date, cadence, base_currency)
    first_day = scorer.first_day
    if first_day is None:
        return result
    scorer.scored_days = [
        day
        for day in days_between(first_day, last_day)
        if cadence == "day" or day.isoweekday() == 7
    ]
    for account_id in sorted(scorer.accounts.history):
        for day in scorer.scored_days:
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
        cadence: str = "day",
        base_currency: str | None = None,
    ) -> None:
        lifecycle = Dated(seeds["lifecycle"], "setting")
        self.on = staged.on
        self.segments = seeds["segments"]
        self.scorecards = Scorecards(seeds)
        self.accounts = Accounts(staged, lifecycle, last_day, base_currency)
        self.scored_days: list[date] = []
        self._held_on: dict[tuple[str, date], date | None] = {}
        self.facts = Facts(
            staged,
            self.accounts,
            seeds["ticket_severities"],
            seeds["survey_groups"],
            seeds["pulse_levels"],
            seeds["adoption"],
        )
        self.events = Events(staged, self.facts)
        self.point_rules = PointRules(self.events, seeds["point_rule_steps"])
        self.calendar: dict[str, set[date]] = {}
        for row in staged.rows["calendar_days"]:
            self.calendar.setdefault(word(row["region"]), set()).add(day_of(row["calendar_date"]))
        limits = Dated(seeds["sources"], "source_id")
        self.source_dates: dict[str, SourceDates] = {}
        self._readings: dict[tuple, Reading] = {}
        self._bases: dict[tuple, Reading] = {}
        self._peers: dict[tuple, list[tuple[str, str, Fraction]]] = {}
        for registered in self.scorecards.registry.values():
            for source_id in registered["sources"].split("|"):
                dated = dated_rows(source_id, staged, self.facts)
                if dated is not None and source_id not in self.source_dates:
                    self.source_dates[source_id] = SourceDates(
                        dated,
                        partial(limits.row, source_id),
                        self.accounts.paid_days,
                        staged.load_days.get(source_id.split(".")[0], set()),
                    )
        self.first_day = start_date or self.first_usage_day()
        self.cadence = cadence
        if self.first_day is not None:
            week = days_between(self.first_day, self.first_day + timedelta(days=6))
            self.accounts.first_scored_day = (
                week[0] if cadence == "day" else next(day for day in week if day.isoweekday() == 7)
            )
        self.milestones = Milestones(
            seeds["milestones"], self.events, self.on, self.observed_values, self.spell_as_of
        )

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
        lit = [row for row in rows if row.state == "observed" or row.held is not None]
        weights = self.effective_weights(rows, observed, version)
        nothing_held = len(lit) == len(observed)
        held_weights = weights if nothing_held else self.effective_weights(rows, lit, version)

        # What can be measured decides whether there is a score: a judgement does not.
        measured = [row for row in rows if not self.scorecards.is_judgement(row.signal_id)]
        dimensions = {row.dimension_id for row in measured if id(row) in weights}
        covered = sum_of(
            version.dimensions[row.dimension_id] * row.counted_weight
            for row in measured
            if row.state == "observed"
        )
        whole = sum_of(
            version.dimensions[row.dimension_id] * row.row_weight
            for row in measured
            if row.state != "not_applicable"
        )
        coverage = covered / whole if whole > 0 else Fraction(0)
        is_scored = coverage >= version.min_coverage and len(dimensions) >= version.min_dimensions

        contributions: dict[tuple, Contribution] = {}
        total = held_total = held_measured = Decimal("0.0000")
        judgement_weight = Fraction(0)
        for row in rows:
            is_judgement = self.scorecards.is_judgement(row.signal_id)
            points = held_points = None
            if row.state == "observed":
                points = held_points = self.points_of(row.curve_id, row.value, row.scale)
            elif row.held is not None:
                held_points = self.points_of(row.curve_id, row.held.value, row.held.scale)
            contribution = points_lost = Decimal("0.0000") if is_scored else None
            effective_weight = weights.get(id(row)) if is_scored else None
            if effective_weight is not None:
                contribution = four_places(effective_weight * points)
                points_lost = four_places(effective_weight * (100 - points))
                total += contribution
            if is_scored and id(row) in held_weights:
                held_contribution = contribution
                if not nothing_held:
                    held_contribution = four_places(held_weights[id(row)] * held_points)
                held_total += held_contribution
                if is_judgement:
                    judgement_weight += held_weights[id(row)]
                else:
                    held_measured += held_contribution
            kind = "pulse" if is_judgement else "signal"
            contributions[kind, row.dimension_id, row.signal_id, row.product_id, NONE] = (
                Contribution(
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
            )

        given = Decimal("0.0000")
        for rule_id, rule_row in self.point_rule_rows(as_of, version, is_scored).items():
            contributions["point_rule", NONE, NONE, ALL, rule_id] = rule_row
            if is_scored:
                given += rule_row.contribution

        if is_scored and held_total != total:
            contributions["clamp", NONE, NONE, ALL, "dark_source"] = clamp(held_total - total)
        held_total += given
        clamped = min(max(held_total, Decimal("0.0000")), Decimal("100.0000"))
        if is_scored and clamped != held_total:
            contributions["clamp", NONE, NONE, ALL, NONE] = clamp(clamped - held_total)

        caps = self.active_caps(as_of, version)
        health_score = clamped
        for rank, (cap, value, state, reason) in enumerate(caps):
            taken = Decimal("0.0000")
            if rank == 0 and exact(clamped) > cap.max_score:
                health_score = rounded(cap.max_score, 4)
                taken = clamped - health_score
            contributions["cap", NONE, cap.signal_id, ALL, cap.cap_id] = Contribution(
                value=value,
                scale=None,
                points=None,
                effective_weight=None,
                contribution=-taken if is_scored else None,
                points_lost=taken if is_scored else None,
                state=state,
                state_reason=reason,
                rule_level="scorecard" if cap.own else "base",
            )

        # As if nobody had judged.
        data_score = None
        if is_scored:
            data_score = four_places(exact(held_measured) / (1 - judgement_weight)) + given
            data_score = min(max(data_score, Decimal("0.0000")), Decimal("100.0000"))
            for cap, *_ in caps:
                if not self.scorecards.is_judgement(cap.signal_id):
                    data_score = min(data_score, rounded(cap.max_score, 4))
        scored = Score(
            health_score=health_score if is_scored else None,
            data_score=data_score,
            coverage=rounded(coverage, 4),
            band=band_of(version.bands, health_score) if is_scored else UNSCORED_BAND,
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

    def effective_weights(
        self, rows: list[SignalRow], counted: list[SignalRow], version: Version
    ) -> dict[int, Fraction]:
        """Weight of every counted row of the dimensions of which enough is counted, by id of the row."""
        seen: dict[str, Fraction] = {}
        for dimension_id in version.dimensions:
            weight = sum_of(
                row.counted_weight for row in counted if row.dimension_id == dimension_id
            )
            of = sum_of(
                row.row_weight
                for row in rows
                if row.dimension_id == dimension_id and row.state != "not_applicable"
            )
            if weight > 0 and weight / of >= version.min_dimension_coverage:
                seen[dimension_id] = weight
        whole = sum_of(version.dimensions[name] for name in seen)
        return {
            id(row): row.counted_weight
            / seen[row.dimension_id]
            * version.dimensions[row.dimension_id]
            / whole
            for row in counted
            if row.dimension_id in seen
        }

    def points_of(self, curve_id: str, value: Fraction, scale: Fraction | None) -> Fraction:
        """Points of a value, per scale where there is one."""
        return self.scorecards.points(curve_id, value if scale is None else value / scale)

    def active_caps(self, as_of: AsOf, version: Version) -> list[tuple]:
        """The caps that hold, the lowest first: cap, value, state and reason of its signal."""
        active = []
        for cap in version.caps.values():
            registered = self.scorecards.registry[cap.signal_id]
            scale = None
            if registered["scale"] != "none":
                scale = exact(as_of.attribute(registered["scale"]))
            reading = self.reading(registered, as_of, ALL, scale)
            held = self.held(registered, as_of, ALL, reading.reason)
            value = reading.value if held is None else held.value
            if value is not None and cap.holds(value):
                active.append((cap, value, reading.state, reading.reason))
        return sorted(active, key=lambda one: (one[0].max_score, one[0].cap_id))

    def held(
        self, registered: dict, as_of: AsOf, product_id: str, reason: str | None
    ) -> Held | None:
        """What the account had on the last scored day before the source was late, if that is why."""
        held_on = self.held_on(registered, as_of.day) if reason == "source_late" else None
        if held_on is None:
            return None
        before = self.accounts.as_of(as_of.account_id, held_on)
        if before is None or before.spell_number != as_of.spell_number:
            return None
        if registered["grain"] == "product" and product_id not in before.shares:
            return None
        scale = None
        if registered["scale"] != "none":
            scale = exact(before.attribute(registered["scale"]))
        reading = self.reading(registered, before, product_id, scale)
        if reading.state != "observed":
            return None
        return Held(reading.value, scale, reading.freshness)

    def held_on(self, registered: dict, day: date) -> date | None:
        """The latest scored day before the day on which rule 6 does not hold for the signal."""
        if registered["calculation"] in DERIVED:
            return self.held_on(self.scorecards.registry[registered["numerator"]], day)
        key = (registered["signal_id"], day)
        if key not in self._held_on:
            dated = [
                self.source_dates[name]
                for name in registered["sources"].split("|")
                if name in self.source_dates
            ]
            self._held_on[key] = next(
                (
                    earlier
                    for earlier in reversed(self.scored_days)
                    if earlier < day
                    and not any(
                        source.is_late_too_often(spans(registered, earlier)[2]) for source in dated
                    )
                ),
                None,
            )
        return self._held_on[key]

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
                if weight * shares[product_id] == 0:
                    continue
                reading = self.reading(registered, as_of, product_id, scale)
                held = self.held(registered, as_of, product_id, reading.reason)
                if held is not None and held.scale is not None and override.scale_factor is not None:
                    held = replace(held, scale=held.scale * override.scale_factor)
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
                        held=held,
                    )
                )
        return rows

    def reading(
        self, registered: dict, as_of: AsOf, product_id: str, scale: Fraction | None
    ) -> Reading:
        """Section 5, once for all versions that ask."""
        key = registered["signal_id"], as_of.account_id, as_of.day, product_id, scale
        if key not in self._readings:
            self._readings[key] = self._read(registered, as_of, product_id, scale)
        return self._readings[key]

    def _read(
        self, registered: dict, as_of: AsOf, product_id: str, scale: Fraction | None
    ) -> Reading:
        """State, reason and, where observed, value. The first rule that holds."""
        if registered["calculation"] == "pace":
            return self.pace(registered, as_of)
        if registered["calculation"] in DERIVED:
            return self.derived(registered, as_of, product_id)
        account_id, day = as_of.account_id, as_of.day
        is_product_signal = registered["grain"] == "product"
        sources = registered["sources"].split("|")
        dated = [self.source_dates[name] for name in sources if name in self.source_dates]

        # 1
        if is_product_signal and not as_of.shares:
            if not any(
                row["account_id"] == account_id and day_of(row["starts_on"]) <= day
                for row in self.facts.entitlements
            ):
                return Reading("missing", "not_known")
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

        numerator_days, denominator_days, span = spans(registered, day)

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
        if "product_features" in sources and not self.facts.catalogue:
            return Reading("missing", "source_empty")

        # 6
        if any(source.is_late_too_often(span) for source in dated):
            return Reading("missing", "source_late")

        # 7
        if any(source.first_day is None or span[0] < source.first_day for source in dated):
            return Reading("missing", "source_not_covering")

        # 8
        if sources[0] in self.source_dates:
            source = self.source_dates[sources[0]]
            known_since = source.known_since.get(account_id)
            if registered["known_by"] == "company":
                known_since = min(source.known_since.values(), default=None)
            if known_since is None or known_since > day:
                return Reading("missing", "not_known")
        if registered["numerator"] == "recurring_revenue" and as_of.recurring_revenue is None:
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
            if registered["zero_denominator"] == "missing" or numerator:
                return Reading("missing", "nothing_to_measure")
            denominator = Fraction(1)
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

    def pace(self, registered: dict, as_of: AsOf) -> Reading:
        """The share of the milestones due that were reached (section 8)."""
        segment = segment_of(as_of, self.segments)
        spell = self.accounts.spell_days(as_of.account_id, as_of.spell_number)
        found = self.milestones.pace(as_of, segment["segment_id"], spell)
        if found.set == 0 or as_of.spell_starts_on < self.first_day:
            return Reading("not_applicable", "no_milestones")
        if as_of.spell_age < int(registered["min_history_days"]) or found.due == 0:
            return Reading("in_grace", "too_young")
        if found.told == 0:
            return Reading("missing", "nothing_to_measure")
        value = Fraction(found.reached, found.told) * exact(registered["multiplier"])
        return Reading("observed", None, value)

    def observed_values(self, signal_id: str, as_of: AsOf, product_id: str) -> list[Fraction]:
        """The scaled values of a signal that are observed, of one product or of all."""
        products = [ALL]
        if self.scorecards.registry[signal_id]["grain"] == "product":
            products = sorted(as_of.shares) or [ALL]
        readings = [
            self.base(signal_id, as_of, one) for one in products if product_id in (ALL, one)
        ]
        return [reading.value for reading in readings if reading.state == "observed"]

    def spell_as_of(self, account_id: str, spell_number: int) -> list[AsOf]:
        """The account on the scored days of a spell."""
        first, last = self.accounts.spell_days(account_id, spell_number)
        days = [
            self.accounts.as_of(account_id, day)
            for day in days_between(max(first, self.first_day), last)
            if self.cadence == "day" or day.isoweekday() == 7
        ]
        return [one for one in days if one is not None]

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
            day = as_of.day - timedelta(days=7 * step)
            then = self.accounts.as_of(as_of.account_id, day) if day >= self.first_day else None
            if then is None:
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
            if mean == 0 and registered["zero_denominator"] != "silent":
                return Reading(registered["zero_denominator"], "nothing_to_measure")
            if mean == 0:
                # As if all there ever was had lain in the first week.
                past[min(past)] = Fraction(1)
                mean = Fraction(1, len(past))
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




def spans(registered: dict, day: date) -> tuple[tuple, tuple, tuple]:
    """Days of the numerator's and the denominator's window, and of the whole span up to the day."""
    numerator_days = window(day, int(registered["numerator_window_days"]))
    denominator_days: tuple[date, ...] = ()
    if registered["denominator"] != "none":
        denominator_days = window(
            day,
            int(registered["denominator_window_days"]),
            int(registered["denominator_offset_days"]),
        )
    first_day = min(numerator_days[:1] + denominator_days[:1])
    return numerator_days, denominator_days, days_between(first_day, day)


def clamp(points: Decimal) -> Contribution:
    """A row that only brings the sum to where it has to be."""
    return Contribution(None, None, None, None, points, None, None, None, None)


def sum_of(numbers) -> Fraction:
    """A sum that is a fraction even when it is empty."""
    return sum(numbers, Fraction(0))


def four_places(number: Fraction) -> Decimal:
    """Four places, half away from zero, after removing noise at the 12th as section 6 says."""
    return rounded(Fraction(rounded(number, 12)), 4)
