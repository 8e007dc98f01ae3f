"""Steps from no model to a probability: the average rate, the score calibrated, the dimensions weighed.

Each step is fitted on rows whose window closed before the first judging date, and is taken only if it
beats the one before on the rows from that date on. What is proposed is what was judged: nothing is
fitted again on the later rows. Only the average rate may be proposed unjudged, where no date leaves
enough to judge on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.validation import limits
from lib.validation.bootstrap import Resamples
from lib.validation.calibration import JudgedProbability, fit_logistic, judged_probability
from lib.validation.discrimination import Comparison, comparison, suspicions
from lib.validation.protocol import Refusals, Split, churned_accounts, split_by_date

from .judging import Losses, paired_losses
from .logistic import clustered_covariance, interval, logistic, pull_matrix
from .pull import Choice, fit_with_choice
from .rows import Dimensions

INTERCEPT, SCORE = "intercept", "score"
STEPS = ("the average rate", "the score, calibrated", "the dimensions, weighed anew")

EXAMPLE_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

# A dimension is used only if it was observed on so many of the rows with a score: where one of its
# dimensions is not observed, a model says nothing.
DIMENSION_OBSERVED_FROM = 0.5


@dataclass(frozen=True)
class Terms:
    """Values of all terms that a model may have, per row: the intercept, the score, the dimensions."""

    values: dict[str, np.ndarray]

    @staticmethod
    def of(rows: pd.DataFrame, dimensions: Dimensions) -> Terms:
        """The terms of rows."""
        return Terms(
            {INTERCEPT: np.ones(len(rows)), SCORE: rows.score.to_numpy()}
            | dict(zip(dimensions.names, dimensions.scores.T, strict=True))
        )

    def matrix(self, names: list[str]) -> np.ndarray:
        """Rows × terms; NaN where a term is not observed."""
        return np.column_stack([self.values[name] for name in names])


@dataclass(frozen=True)
class Model:
    """A sum of terms on the scale of log odds, and the covariance of its coefficients.

    step: 0 the average rate, 1 the score, 2 the dimensions; counts and means (of each term) are of the
    rows fitted on.
    """

    step: int
    terms: list[str]
    coefficients: np.ndarray
    covariance: np.ndarray
    observations: int = 0
    accounts: int = 0
    churned_accounts: int = 0
    choice: Choice | None = None
    means: np.ndarray | None = None

    def log_odds(self, terms: Terms) -> np.ndarray:
        """Log odds per row; NaN where a term is not observed."""
        return terms.matrix(self.terms) @ self.coefficients

    def interval(self, terms: Terms, z: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Probability and both ends per row."""
        return interval(terms.matrix(self.terms), self.coefficients, self.covariance, z)


@dataclass(frozen=True)
class StepTaken:
    """A step that was tried: the model, how it did against the one before, and whether it was taken."""

    step: int
    is_taken: bool
    why: str
    model: Model | None = None
    losses: Losses | None = None
    ranking: Comparison | None = None
    share_without_probability: float | None = None


@dataclass
class Proposal:
    """Everything the report shows. model is None where nothing may be proposed.

    stopped_by: why no later step was taken. examples_at: scores as they occur, from low to high, at which
    the report shows probabilities.
    """

    model: Model | None
    split: Split | None
    churned_accounts: int
    stopped_by: str = ""
    steps: list[StepTaken] = field(default_factory=list)
    before: JudgedProbability | None = None
    before_is: str = ""
    after: JudgedProbability | None = None
    against_in_force: Losses | None = None
    examples_at: list[int] = field(default_factory=list)
    rate_fitted: float = np.nan
    rate_judged: float = np.nan
    refusals: Refusals = field(default_factory=Refusals)

    @property
    def notes(self) -> list[str]:
        """What to be careful about, whether the step was taken or not."""
        return suspicions({
            name: auc
            for one in self.steps if one.ranking
            for name, auc in (
                (STEPS[one.step], one.ranking.score_auc_within_date),
                (STEPS[one.step - 1], one.ranking.baseline_auc_within_date),
            )
        })  # fmt: skip


def propose(
    rows: pd.DataFrame,
    dimensions: Dimensions,
    window_days: int,
    accounts: int,
    highest_step: int = 2,
    in_force: Model | None = None,
    bootstraps: int = limits.BOOTSTRAPS,
    seed: int = 1,
) -> Proposal:
    """The furthest step that the rows allow and the later period supports.

    rows: account, date, score, churned; dimensions: the same rows in the same order. in_force: a model
    that was released for the same window, whose probabilities are shown beside the proposed ones.
    """
    proposal = Proposal(None, None, churned_accounts(rows))
    refusals = proposal.refusals
    if refusals.too_few("every model", proposal.churned_accounts, limits.MEASURES_FROM):
        proposal.stopped_by = refusals.refused[-1].why
        return proposal
    terms = Terms.of(rows, dimensions)
    proposal.examples_at = sorted({round(score) for score in rows.score.quantile(EXAMPLE_QUANTILES)})
    split = proposal.split = split_by_date(rows, window_days)
    if split is None:
        refusals.refuse(
            "every model that tells accounts apart",
            f"no date leaves {limits.MEASURES_FROM} churned accounts to fit on and"
            f" {limits.JUDGING_PERIOD_FROM} to judge on",
        )
        proposal.stopped_by = refusals.refused[-1].why
        everything = np.ones(len(rows), dtype=bool)
        proposal.model = _fitted(0, [INTERCEPT], rows, terms, everything)
        proposal.rate_fitted = float(rows.churned.mean())
        proposal.steps = [StepTaken(0, True, "not judged: there is no later period", proposal.model)]
        return proposal

    resamples = Resamples(accounts, bootstraps, seed)
    model = _fitted(0, [INTERCEPT], rows, terms, split.fit)
    proposal.steps.append(StepTaken(0, True, "what every step has to beat", model))
    for step in range(1, highest_step + 1):
        if refusals.too_few(
            STEPS[step], split.churned_to_fit, limits.CALIBRATION_FROM, "churned accounts to fit on"
        ):
            proposal.stopped_by = refusals.refused[-1].why
            break
        if step == 1:
            taken = _step_1(rows, terms, split, model, resamples)
        else:
            taken = _step_2(rows, terms, dimensions, split, resamples, refusals, seed)
        proposal.steps.append(taken)
        if not taken.is_taken:
            proposal.stopped_by = taken.why
            break
        model = taken.model
    proposal.model = model

    proposal.rate_fitted = float(rows.churned[split.fit].mean())
    proposal.rate_judged = float(rows.churned[split.judge].mean())
    _calibrate(proposal, rows, terms, split, in_force, resamples)
    return proposal


def _step_1(
    rows: pd.DataFrame, terms: Terms, split: Split, before: Model, resamples: Resamples
) -> StepTaken:
    """p = 1 / (1 + exp(−(a + b × score))): every ranking stays."""
    model = _fitted(1, [INTERCEPT, SCORE], rows, terms, split.fit)
    if not model.coefficients[1] < 0:
        return StepTaken(
            1, False, "a higher score went with more churn, or with none less: nothing to calibrate", model
        )
    return _judged(1, rows, terms, split, before, model, resamples)


def _step_2(
    rows: pd.DataFrame, terms: Terms, dimensions: Dimensions, split: Split, resamples: Resamples,
    refusals: Refusals, seed: int,
) -> StepTaken:  # fmt: skip
    """Non-negative weights of the dimensions, pulled towards those in force."""
    observed = ~np.isnan(dimensions.scores)
    used = observed.mean(axis=0) >= DIMENSION_OBSERVED_FROM
    for name, share in zip(dimensions.names, observed.mean(axis=0), strict=True):
        if share < DIMENSION_OBSERVED_FROM:
            refusals.refuse(
                f"a weight for dimension {name}",
                f"observed on {share:.0%} of the rows, {DIMENSION_OBSERVED_FROM:.0%} are needed",
            )
    if used.sum() < 2:
        return StepTaken(2, False, "fewer than two dimensions are observed often enough")
    complete = observed[:, used].all(axis=1)
    fit = split.fit & complete
    if refusals.too_few(
        STEPS[2], churned_accounts(rows[fit]), limits.CALIBRATION_FROM,
        "churned accounts to fit on with every dimension observed",
    ):  # fmt: skip
        return StepTaken(2, False, "too few churned accounts had every dimension observed")
    inside = rows[fit]
    churned, account = inside.churned.to_numpy(), inside.account.to_numpy()
    centre = dimensions.weights[used] / dimensions.weights[used].sum()
    points = dimensions.scores[fit][:, used]
    _, slope = fit_logistic(points @ centre, churned)
    if not slope < 0:
        return StepTaken(2, False, "the weights in force point the wrong way: nothing to pull towards")
    is_cautious = churned_accounts(inside) < limits.FREE_WEIGHTS_FROM
    pulled, choice = fit_with_choice(points, churned, account, centre, -slope, is_cautious, seed)
    # A dimension without weight is no term: nobody should need it for a probability.
    names = [name for name, is_used in zip(dimensions.names, used, strict=True) if is_used]
    kept = pulled.shares > 0
    if not kept.any():
        return StepTaken(2, False, "no dimension kept a weight")
    design = np.column_stack([np.ones(len(points)), points[:, kept]])
    penalty = np.zeros((design.shape[1], design.shape[1]))
    pull = pull_matrix(centre, pulled.spread)[np.ix_(kept, kept)]
    penalty[1:, 1:] = pull / pulled.scale**2  # of coefficients, which are scale × share
    model = Model(
        2,
        [INTERCEPT, *(name for name, is_kept in zip(names, kept, strict=True) if is_kept)],
        np.concatenate(([pulled.intercept], -pulled.scale * pulled.shares[kept])),
        clustered_covariance(design, churned, pulled.log_odds(points), account, penalty),
        len(inside),
        inside.account.nunique(),
        churned_accounts(inside),
        choice,
        design.mean(axis=0),
    )
    # Against the score calibrated on the same rows, so that nothing but the weights differs.
    same_rows = _fitted(1, [INTERCEPT, SCORE], rows, terms, fit)
    return _judged(2, rows, terms, split, same_rows, model, resamples)


def _fitted(
    step: int, names: list[str], rows: pd.DataFrame, terms: Terms, mask: np.ndarray
) -> Model:
    """Maximum likelihood of the average rate or of the score alone."""
    inside = rows[mask]
    churned, account = inside.churned.to_numpy(), inside.account.to_numpy()
    if step == 0:
        rate = churned.mean()
        coefficients = np.array([np.log(rate / (1 - rate))])
    else:
        coefficients = np.array(fit_logistic(inside.score.to_numpy(), churned))
    design = terms.matrix(names)[mask]
    known = np.isfinite(coefficients).all()
    covariance = (
        clustered_covariance(design, churned, design @ coefficients, account)
        if known
        else np.full((len(names), len(names)), np.nan)
    )
    return Model(
        step, names, coefficients, covariance,
        len(inside), inside.account.nunique(), churned_accounts(inside), means=design.mean(axis=0),
    )  # fmt: skip


def _judged(
    step: int, rows: pd.DataFrame, terms: Terms, split: Split, before: Model, after: Model,
    resamples: Resamples,
) -> StepTaken:  # fmt: skip
    """A model against the one before it, on the later rows for which it has a probability."""
    log_odds = after.log_odds(terms)
    without = float(np.isnan(log_odds[split.judge]).mean())
    judge = split.judge & ~np.isnan(log_odds)
    later = rows[judge]
    found = churned_accounts(later)
    if found < limits.JUDGING_PERIOD_FROM:
        why = f"{found} churned accounts to judge on, {limits.JUDGING_PERIOD_FROM} are needed"
        return StepTaken(step, False, why, after, share_without_probability=without)
    earlier_odds = before.log_odds(terms)[judge]
    losses = paired_losses(later, earlier_odds, log_odds[judge], resamples)
    ranking = None
    if step > 1:
        ranking = comparison(later.assign(score=-log_odds[judge]), STEPS[step - 1], earlier_odds, resamples)
    better = losses.is_better
    why = "better on the later period" if better else "not shown to be better on the later period"
    return StepTaken(step, better, why, after, losses, ranking, without)


def _calibrate(
    proposal: Proposal, rows: pd.DataFrame, terms: Terms, split: Split, in_force: Model | None,
    resamples: Resamples,
) -> None:  # fmt: skip
    """Calibration on the later rows, before (in force, or else one rate for everybody) and after."""
    after = proposal.model.log_odds(terms)
    if in_force is None:
        before = proposal.steps[0].model.log_odds(terms)
        proposal.before_is = "one rate for everybody"
    else:
        before = in_force.log_odds(terms)
        proposal.before_is = "the model in force"
    judge = split.judge & ~np.isnan(after) & ~np.isnan(before)
    later = rows[judge]
    if churned_accounts(later) < limits.MEASURES_FROM:
        return
    for name, log_odds in (("before", before), ("after", after)):
        p = logistic(log_odds[judge])
        found = judged_probability(later, p, resamples, proposal.rate_fitted)
        setattr(proposal, name, found)
    if in_force is not None:
        proposal.against_in_force = paired_losses(later, before[judge], after[judge], resamples)
