"""Better weights for a scorecard: signal points weighed anew, the signs kept, pulled to those in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal

import numpy as np
import pandas as pd

from lib.validation import limits
from lib.validation.bootstrap import Interval, Resamples
from lib.validation.calibration import fit_logistic
from lib.validation.discrimination import Comparison, comparison, suspicions
from lib.validation.protocol import Refusals, Split, churned_accounts, split_by_date

from .logistic import OneStep
from .pull import Choice, fit_with_choice
from .rows import Signals
from .seeds import Card, Rule

TENTH = Decimal("0.1")
ROUNDING = 1e-9  # of shares that are compared with a limit


@dataclass(frozen=True)
class Weights:
    """Weights as a version has them: of dimensions and, within each, of signals; both make 100."""

    dimensions: dict[str, Decimal]
    rules: list[Rule]

    def shares(self) -> np.ndarray:
        """Share of the whole per signal, in the order of the rules."""
        sums: dict[str, Decimal] = {}
        for rule in self.rules:
            sums[rule.dimension_id] = sums.get(rule.dimension_id, Decimal(0)) + rule.weight
        whole = sum(self.dimensions.values())
        return np.array([
            float(self.dimensions[rule.dimension_id] / whole * rule.weight / sums[rule.dimension_id])
            if sums[rule.dimension_id] else 0.0
            for rule in self.rules
        ])  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """What a version asks of an account before it scores it; of the dimensions in judgements, nothing."""

    min_coverage: float
    min_dimension_coverage: float
    min_dimensions: int
    judgements: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Weighed:
    """A signal of the report; shares of the whole. churned_accounts: those on which it was observed."""

    signal_id: str
    dimension_id: str
    current: float
    proposed: Interval
    observed_share: float
    churned_accounts: int


@dataclass
class Proposal:
    """Everything the report shows. proposed is None where nothing may be proposed.

    rows_without_score and dimensions_observed (share of rows) are of the later period: under the weights
    in force, and under those proposed. unlike_the_mart: mean distance of the score computed here from
    what the mart's signals contribute (NaN: no row has both).
    """

    current: Weights
    churned_accounts: int
    split: Split | None = None
    proposed: Weights | None = None
    signals: list[Weighed] = field(default_factory=list)
    dimensions: dict[str, tuple[float, Interval]] = field(default_factory=dict)
    choice: Choice | None = None
    judged: Comparison | None = None
    rows_without_score: tuple[int, int] = (0, 0)
    dimensions_observed: dict[str, tuple[float, float]] = field(default_factory=dict)
    unlike_the_mart: float = np.nan
    refusals: Refusals = field(default_factory=Refusals)

    @property
    def is_better(self) -> bool:
        """Whether the interval of the paired difference on the later period lies above 0."""
        return self.judged is not None and self.judged.difference_within_date.low > 0

    @property
    def notes(self) -> list[str]:
        """What to be careful about."""
        return [] if self.judged is None else suspicions({
            "the score of the proposed weights": self.judged.score_auc_within_date,
            "the score of the weights in force": self.judged.baseline_auc_within_date,
        })  # fmt: skip


def propose(
    rows: pd.DataFrame,
    signals: Signals,
    card: Card,
    window_days: int,
    accounts: int,
    bootstraps: int = limits.BOOTSTRAPS,
    seed: int = 1,
) -> Proposal:
    """New weights for a version, fitted before the first judging date and judged from then on.

    rows: account, date, score, churned; signals: the same rows in the same order, other signals allowed.
    """
    current = Weights(card.dimensions, card.rules)
    proposal = Proposal(current, churned_accounts(rows))
    refusals = proposal.refusals
    if refusals.too_few("new weights", proposal.churned_accounts, limits.CALIBRATION_FROM):
        return proposal
    split = proposal.split = split_by_date(rows, window_days)
    if split is None:
        refusals.refuse(
            "new weights",
            f"no date leaves {limits.MEASURES_FROM} churned accounts to fit on and"
            f" {limits.JUDGING_PERIOD_FROM} to judge on",
        )
        return proposal
    if refusals.too_few(
        "new weights", split.churned_to_fit, limits.CALIBRATION_FROM, "churned accounts to fit on"
    ):
        return proposal

    asked = Limits(
        float(card.row["min_coverage"]),
        float(card.row["min_dimension_coverage"]),
        int(card.row["min_dimensions"]),
        card.judgements,
    )
    points, applies = of_rules(signals, card.rules)
    scored, neutral = score(points, applies, current, asked)
    known = ~np.isnan(scored)
    distances = np.abs(scored - signals.weighed)
    if not np.isnan(distances).all():
        proposal.unlike_the_mart = float(np.nanmean(distances))

    fit = split.fit & known
    inside, filled = rows[fit], neutral[fit]
    churned, account = inside.churned.to_numpy(), inside.account.to_numpy()
    if refusals.too_few(
        "new weights", churned_accounts(inside), limits.CALIBRATION_FROM, "churned accounts to fit on"
    ):
        return proposal
    centre = current.shares()
    _, slope = fit_logistic(filled @ centre, churned)
    if not slope < 0:
        refusals.refuse(
            "new weights",
            "a higher score went with more churn, or with none less: there is nothing to pull towards."
            " Look at the curves and the signals first",
        )
        return proposal
    is_cautious = churned_accounts(inside) < limits.FREE_WEIGHTS_FROM
    pulled, choice = fit_with_choice(filled, churned, account, centre, -slope, is_cautious, seed)
    weights = rounded(pulled.shares, card.rules)
    kept = {name for name, weight in weights.dimensions.items() if weight > 0} - asked.judgements
    if len(kept) < asked.min_dimensions:
        refusals.refuse(
            "new weights",
            f"fewer than {asked.min_dimensions} dimensions would keep a weight, and nobody a score",
        )
        return proposal

    proposal.choice, proposal.proposed = choice, weights
    resamples = Resamples(accounts, bootstraps, seed)
    one_step = OneStep(pulled, filled, churned, account, centre, accounts)
    _weigh(proposal, pulled.shares, one_step, resamples, inside, points[fit])
    again, _ = score(points, applies, weights, asked)
    judge = split.judge & known & ~np.isnan(again)
    before, after = (
        dimensions_observed(points[split.judge], applies[split.judge], one, asked)
        for one in (current, weights)
    )
    proposal.dimensions_observed = {name: (before[name], after[name]) for name in before}
    proposal.rows_without_score = (
        int((split.judge & ~known).sum()), int((split.judge & np.isnan(again)).sum()),
    )  # fmt: skip
    later = rows[judge].assign(score=again[judge])
    if not refusals.too_few(
        "the difference on the later period", churned_accounts(later), limits.JUDGING_PERIOD_FROM
    ):
        proposal.judged = comparison(later, "the weights in force", -scored[judge], resamples)
    return proposal


def of_rules(signals: Signals, rules: list[Rule]) -> tuple[np.ndarray, np.ndarray]:
    """Points and whether they apply, one column per rule; a signal that no row has is not observed."""
    place = {name: number for number, name in enumerate(signals.names)}
    points = np.full((len(signals.points), len(rules)), np.nan)
    applies = np.ones(points.shape, dtype=bool)
    for column, rule in enumerate(rules):
        if rule.signal_id in place:
            points[:, column] = signals.points[:, place[rule.signal_id]]
            applies[:, column] = signals.applies[:, place[rule.signal_id]]
    return points, applies


def score(
    points: np.ndarray, applies: np.ndarray, weights: Weights, asked: Limits
) -> tuple[np.ndarray, np.ndarray]:
    """The score by the rules of docs/scoring.md, and the points with what is missing filled neutrally.

    points: rows × rules, NaN where not observed. A row with too little observed has NaN for both.
    Neutral is what the scoring itself assumes: a missing signal counts as its dimension does, a missing
    dimension as the whole does. So the filled points × the shares of the whole are exactly the score.
    """
    names = [rule.dimension_id for rule in weights.rules]
    dimensions = [name for name, weight in weights.dimensions.items() if weight > 0]
    above = np.array([float(weights.dimensions[name]) for name in dimensions])
    measured = np.where([name in asked.judgements for name in dimensions], 0.0, above)
    observed = ~np.isnan(points)
    scores, seen, applying = _dimension_scores(points, applies, weights, dimensions, asked)
    held = ~np.isnan(scores)
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = np.nan_to_num(scores) @ above / (held @ above)
        coverage = seen @ measured / (applying @ measured)
    enough = held[:, measured > 0].sum(axis=1) >= asked.min_dimensions
    refused = ~((coverage >= asked.min_coverage - ROUNDING) & enough)
    whole[refused] = np.nan

    filled = np.empty(points.shape)
    place = {name: number for number, name in enumerate(dimensions)}
    for column, name in enumerate(names):
        number = place.get(name)
        if number is None:
            filled[:, column] = whole
            continue
        own = np.where(observed[:, column], points[:, column], scores[:, number])
        filled[:, column] = np.where(held[:, number], own, whole)
    filled[refused] = np.nan
    return whole, filled


def dimensions_observed(
    points: np.ndarray, applies: np.ndarray, weights: Weights, asked: Limits
) -> dict[str, float]:
    """Share of rows on which enough of a dimension was observed; 0 for one without weight."""
    dimensions = [name for name, weight in weights.dimensions.items() if weight > 0]
    scores, _, _ = _dimension_scores(points, applies, weights, dimensions, asked)
    shares = dict(zip(dimensions, (~np.isnan(scores)).mean(axis=0), strict=True))
    return {name: float(shares.get(name, 0.0)) for name in weights.dimensions}


def _dimension_scores(
    points: np.ndarray, applies: np.ndarray, weights: Weights, dimensions: list[str], asked: Limits
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per row and dimension: the score (NaN: not observed), and the weight observed and applying."""
    observed = ~np.isnan(points)
    members = np.array([
        [float(rule.weight) if rule.dimension_id == name else 0.0 for name in dimensions]
        for rule in weights.rules
    ]) / 100  # fmt: skip
    seen, applying = observed @ members, applies @ members
    enough = (seen > 0) & (seen >= asked.min_dimension_coverage * applying - ROUNDING)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = np.where(enough, np.where(observed, points, 0.0) @ members / seen, np.nan)
    return scores, seen, applying


def rounded(shares: np.ndarray, rules: list[Rule]) -> Weights:
    """Shares as weights with one decimal that make exactly 100, per version and per dimension.

    A dimension that is left without weight keeps its signals as they are: they count for nothing.
    """
    names = list(dict.fromkeys(rule.dimension_id for rule in rules))
    sums = np.array([
        sum(share for share, rule in zip(shares, rules, strict=True) if rule.dimension_id == name)
        for name in names
    ])  # fmt: skip
    dimensions = dict(zip(names, hundred(sums), strict=True))
    new: dict[str, Rule] = {}
    for name in names:
        inside = [number for number, rule in enumerate(rules) if rule.dimension_id == name]
        if dimensions[name] > 0:
            weights = hundred(shares[inside])
        else:
            weights = [rules[number].weight for number in inside]
        for number, weight in zip(inside, weights, strict=True):
            rule = rules[number]
            new[rule.signal_id] = Rule(rule.signal_id, rule.dimension_id, weight, rule.curve_id)
    return Weights(dimensions, [new[rule.signal_id] for rule in rules])


def hundred(parts: np.ndarray) -> list[Decimal]:
    """Non-negative parts as tenths that make 100: each rounded down, the largest remainders up."""
    exact = [Decimal(float(part)) for part in parts]
    whole = sum(exact)
    scaled = [part * 100 / whole for part in exact]
    down = [part.quantize(TENTH, ROUND_FLOOR) for part in scaled]
    short = int((Decimal(100) - sum(down)) / TENTH)
    by_remainder = sorted(range(len(down)), key=lambda number: (down[number] - scaled[number], number))
    for number in by_remainder[:short]:
        down[number] += TENTH
    return down


def _weigh(
    proposal: Proposal, fitted: np.ndarray, one_step: OneStep, resamples: Resamples,
    inside: pd.DataFrame, points: np.ndarray,
) -> None:  # fmt: skip
    """Current and proposed shares of signals and dimensions, with intervals and what they rest on."""
    rules = proposal.current.rules
    names = list(proposal.current.dimensions)
    members = np.array([[rule.dimension_id == name for rule in rules] for name in names], dtype=float)

    def figures(weights: np.ndarray) -> np.ndarray:
        shares = one_step.shares(weights)
        shares = shares / shares.sum() if shares.sum() else np.full(len(shares), np.nan)
        return np.concatenate((shares, members @ shares))

    found = resamples.intervals("weights", figures)
    written = proposal.proposed.shares()
    current = proposal.current.shares()
    observed = ~np.isnan(points)
    left = inside.churned.to_numpy() == 1
    account = inside.account.to_numpy()
    for number, rule in enumerate(rules):
        proposal.signals.append(Weighed(
            rule.signal_id,
            rule.dimension_id,
            float(current[number]),
            Interval(float(written[number]), found[number].low, found[number].high),
            float(observed[:, number].mean()),
            len(np.unique(account[left & observed[:, number]])),
        ))  # fmt: skip
    for number, name in enumerate(names):
        ends = found[len(rules) + number]
        proposal.dimensions[name] = (
            float(members[number] @ current), Interval(float(members[number] @ written), ends.low, ends.high),
        )  # fmt: skip
