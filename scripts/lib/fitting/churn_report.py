"""A proposed churn model as seed rows to be added by a person, and as a report for that person."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from lib.documents import write_both

from .churn_model import INTERCEPT, SCORE, STEPS, Model, Proposal, StepTaken, Terms
from .reports import (
    INTERVAL_WORDS,
    ends,
    figure,
    periods_words,
    refused_words,
    table,
    window_words,
)
from .rows import Dimensions, Evidence
from .seeds import Row, columns_of, read_rows, write_rows

SEEDS = ("churn_models", "churn_model_terms", "churn_model_covariances")
DECIMALS = 15  # of a coefficient in the seeds: digits to spare, and no exponent that an engine may not read


def released_model(seeds: Path, horizon_id: str) -> tuple[str, Model] | None:
    """The last model that was released for a window, with its name; None without one."""
    models = [row for row in read_rows(seeds, SEEDS[0]) if row["horizon_id"] == horizon_id]
    if not models:
        return None
    name = max(models, key=lambda row: (row["valid_from"], row["model_id"]))["model_id"]
    rows = [row for row in read_rows(seeds, SEEDS[1]) if row["model_id"] == name]
    terms = [row["term"] for row in rows]
    covariance = np.zeros((len(terms), len(terms)))
    for row in read_rows(seeds, SEEDS[2]):
        if row["model_id"] == name and {row["term"], row["other_term"]} <= set(terms):
            place = terms.index(row["term"]), terms.index(row["other_term"])
            covariance[place] = float(row["covariance"])
    coefficients = np.array([float(row["coefficient"]) for row in rows])
    return name, Model(-1, terms, coefficients, covariance)


def can_be_applied(model: Model, dimensions: Dimensions) -> bool:
    """Whether every term of a released model still exists."""
    return set(model.terms) <= {INTERCEPT, SCORE, *dimensions.names}


def model_name(seeds: Path, horizon_id: str, valid_from: date) -> str:
    """A name that no released model has."""
    taken = {row["model_id"] for row in read_rows(seeds, SEEDS[0])}
    wanted = f"{horizon_id}_{valid_from:%Y_%m_%d}"
    names = [wanted, *(f"{wanted}_{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def seed_rows(
    proposal: Proposal, name: str, horizon_id: str, valid_from: date, z: float, author: str
) -> dict[str, list[Row]]:
    """The rows to be added to each seed; none where nothing is proposed."""
    model = proposal.model
    if model is None:
        return {seed: [] for seed in SEEDS}
    judged = proposal.split.churned_to_judge if proposal.split else 0
    # Exactly symmetric, as the build asks for: the last bit of a product depends on its order.
    covariances = (model.covariance + model.covariance.T) / 2
    note = (
        f"step {model.step}: {STEPS[model.step].replace(',', '')}; {model.churned_accounts} churned"
        f" accounts to fit on and {judged} to judge on"
    )
    return {
        SEEDS[0]: [{
            "model_id": name, "horizon_id": horizon_id, "valid_from": valid_from.isoformat(),
            "interval_z": f"{z:.4g}", "author": author, "note": note,
        }],
        SEEDS[1]: [
            {
                "model_id": name, "term": term, "coefficient": _digits(coefficient),
                "reference_value": _digits(mean, 4),
            }
            for term, coefficient, mean in zip(
                model.terms, model.coefficients, model.means, strict=True
            )
        ],
        SEEDS[2]: [
            {"model_id": name, "term": term, "other_term": other, "covariance": _digits(covariance)}
            for term, line in zip(model.terms, covariances, strict=True)
            for other, covariance in zip(model.terms, line, strict=True)
        ],
    }  # fmt: skip


def write_proposal(
    folder: Path, seeds: Path, evidence: Evidence, proposal: Proposal, rows: dict[str, list[Row]],
    in_force: str | None, z: float,
) -> list[Path]:  # fmt: skip
    """Write the report and the rows; where nothing is proposed the files of rows hold none."""
    document = as_document(evidence, proposal, rows, in_force, z)
    page = as_page(evidence, proposal, rows, in_force, z)
    written = write_both(document, "\n".join([*page, ""]), folder / "churn_model_proposal.md")
    return written + [write_rows(folder, seed, columns_of(seeds, seed), rows[seed]) for seed in SEEDS]


def sentence(proposal: Proposal) -> str:
    """What is proposed, in a sentence."""
    model = proposal.model
    if model is None:
        return f"No model is proposed: {proposal.stopped_by}."
    fitted = f"fitted on {model.churned_accounts:,} churned accounts"
    if model.step == 0:
        return (
            f"Only the average rate is proposed, the same for every account ({fitted}):"
            f" {proposal.stopped_by}."
        )
    return f"Proposed: {STEPS[model.step]} ({fitted}); {_tried(proposal, model.step).why}."


def as_document(
    evidence: Evidence, proposal: Proposal, rows: dict[str, list[Row]], in_force: str | None, z: float
) -> dict[str, Any]:
    """What churn_model_proposal.json holds (docs/churn_model.md)."""
    model = proposal.model
    return {
        "schema_version": 1,
        "sentence": sentence(proposal),
        "interval_means": INTERVAL_WORDS,
        "horizon": evidence.horizon,
        "last_day": evidence.last_day,
        "churned_accounts": proposal.churned_accounts,
        "periods": proposal.split.periods() if proposal.split else None,
        "proposed_step": None if model is None else model.step,
        "coefficients": None if model is None else _coefficients(model, z),
        "examples": None if model is None else _examples(proposal, z),
        "steps": proposal.steps,
        "calibration_before_is": proposal.before_is or None,
        "calibration_before": proposal.before,
        "calibration_after": proposal.after,
        "model_in_force": in_force,
        "against_model_in_force": proposal.against_in_force,
        "rate_fitted": proposal.rate_fitted,
        "rate_judged": proposal.rate_judged,
        "notes": proposal.notes,
        "refused": proposal.refusals.refused,
        "seed_rows": rows,
    }


def as_page(
    evidence: Evidence, proposal: Proposal, rows: dict[str, list[Row]], in_force: str | None, z: float
) -> list[str]:
    """The report for the person who decides."""
    page = [
        "# Churn model: a proposal",
        "",
        f"**{sentence(proposal)}**",
        "",
        f"- Window: {window_words(evidence.horizon)}.",
        *periods_words(proposal.split),
    ]
    if proposal.split is not None:
        page.append(
            f"- Churned of the observations: {proposal.rate_fitted:.1%} of those fitted on,"
            f" {proposal.rate_judged:.1%} of those judged on."
        )
    page += [*(f"- Careful: {note}." for note in proposal.notes), ""]
    if proposal.model is not None:
        page += _model_words(proposal, z)
    if proposal.steps:
        page += _steps_words(proposal)
    if proposal.after is not None:
        page += _calibration_words(proposal)
    if proposal.against_in_force is not None:
        improvement = proposal.against_in_force.log_loss_improvement
        page += [
            f"Against the model in force ({in_force}), log loss improves by"
            f" {figure(improvement.value, 5, True)} (interval {ends(improvement, 5, True)}):"
            f" {'better' if proposal.against_in_force.is_better else 'not shown to be better'}.",
            "",
        ]
    page += refused_words(proposal.refusals)
    page += _decision_words(proposal, rows, in_force)
    return page


def _model_words(proposal: Proposal, z: float) -> list[str]:
    model = proposal.model
    lines = [
        "## What it says",
        "",
        "The same for every score:"
        if model.step == 0
        else "At scores as they occur, from the lowest to the highest twentieth:",
        "",
        *table(
            ["score" if model.step < 2 else "score of every dimension", "probability", "interval"],
            [
                ["any" if model.step == 0 else one["at"], f"{one['probability']:.1%}", f"{one['low']:.1%} to {one['high']:.1%}"]
                for one in _examples(proposal, z)
            ],
        ),
        INTERVAL_WORDS,
        "",
        "## Coefficients",
        "",
        "On the scale of log odds; a coefficient is for one unit of the term, and intervals are robust to"
        " the rows of one account being alike. The reference value is the mean of the term: the account"
        " that the drivers of a probability are told against has it in every term.",
        "",
        *table(
            [
                "term", "coefficient", "interval", "odds of churn for 10 points more",
                "reference value", "churned accounts",
            ],
            [
                [
                    one["term"],
                    figure(one["coefficient"], 5),
                    f"{figure(one['low'], 5)} to {figure(one['high'], 5)}",
                    "–" if one["term"] == INTERCEPT else f"× {np.exp(10 * one['coefficient']):.2f}",
                    figure(one["reference_value"], 2),
                    f"{model.churned_accounts:,}",
                ]
                for one in _coefficients(model, z)
            ],
        ),
    ]
    if model.choice is not None:
        lines += [_pull_words(model.choice.spread, model.choice.is_cautious), ""]
    return lines


def _pull_words(spread: float, is_cautious: bool) -> str:
    how = (
        "the strongest that is no worse, within a standard error"
        if is_cautious
        else "the one that predicts best"
    )
    return (
        f"Pulled towards the weights in force with a spread of {100 * spread:g} points of a hundred,"
        f" {how} for accounts left out of the fit. The intervals do not count what the pull keeps back."
    )


def _steps_words(proposal: Proposal) -> list[str]:
    rows = []
    for one in proposal.steps:
        losses, ranking = one.losses, one.ranking
        difference = ranking.difference_within_date if ranking else None
        rows.append([
            f"{one.step}: {STEPS[one.step]}",
            "yes" if one.is_taken else "no",
            f"{figure(losses.log_loss_improvement.value, 5, True)}"
            f" ({ends(losses.log_loss_improvement, 5, True)})" if losses else "–",
            f"{figure(losses.brier_improvement.value, 5, True)}"
            f" ({ends(losses.brier_improvement, 5, True)})" if losses else "–",
            f"{figure(difference.value, 3, True)} ({ends(difference, 3, True)})" if difference else "–",
            f"{one.share_without_probability:.1%}" if one.share_without_probability is not None else "–",
            one.why,
        ])  # fmt: skip
    return [
        "## Each step against the one before, on the later period",
        "",
        "A step is taken where the interval of the log loss improvement lies above 0. Accounts are"
        " resampled, and the difference is paired.",
        "",
        *table(
            [
                "step", "taken", "log loss improves by", "Brier score improves by",
                "AUC within date", "rows without probability", "why",
            ],
            rows,
        ),
    ]  # fmt: skip


def _calibration_words(proposal: Proposal) -> list[str]:
    before, after = proposal.before, proposal.after

    def line(what: str, name: str, decimals: int) -> list[str]:
        cells = [what]
        for found in (getattr(before, name), getattr(after, name)):
            value = figure(found.value, decimals)
            cells.append(value if value == "–" else f"{value} ({ends(found, decimals)})")
        return cells

    return [
        "## Calibration on the later period",
        "",
        *table(
            ["measure", f"before: {proposal.before_is}", "after: the proposal"],
            [
                line("Brier score (lower is better)", "brier", 5),
                line("expected calibration error", "expected_calibration_error", 4),
                line("slope (1 is right)", "slope", 2),
                line("intercept (0 is right)", "intercept", 2),
            ],
        ),
        "Probabilities of the proposal and what came, rows in groups of about equal size:",
        "",
        *table(
            ["observations", "expected", "came", "interval"],
            [
                [
                    f"{one.observations:,}", f"{one.expected:.1%}", f"{one.observed.value:.1%}",
                    f"{one.observed.low:.1%} to {one.observed.high:.1%}",
                ]
                for one in after.bins
            ],
        ),
    ]  # fmt: skip


def _decision_words(
    proposal: Proposal, rows: dict[str, list[Row]], in_force: str | None
) -> list[str]:
    if proposal.model is None:
        return ["## What to do", "", "Nothing: without a released model there is no probability.", ""]
    valid_from = rows[SEEDS[0]][0]["valid_from"]
    replaced = f" It takes the place of {in_force} from that day on." if in_force else ""
    lines = [
        "## What to do",
        "",
        f"The rows beside this page hold from {valid_from}; earlier dates keep what they had.{replaced}"
        " A model holds until the next one begins, whatever its window. Nothing was written into the seeds: to"
        " release it, add the rows of the three files to the seeds of the same name, put your name into"
        " `author`, build, and commit (docs/churn_model.md).",
        "",
    ]
    if proposal.model.step == 0:
        lines += [
            "This model gives every account the same probability. Release it only if an average rate is"
            " what you want to show.",
            "",
        ]
    return lines


def _coefficients(model: Model, z: float) -> list[dict[str, Any]]:
    deviations = np.sqrt(np.diag(model.covariance))
    return [
        {
            "term": term,
            "coefficient": float(coefficient),
            "low": float(coefficient - z * deviation),
            "high": float(coefficient + z * deviation),
            "reference_value": float(mean),
            "churned_accounts": model.churned_accounts,
        }
        for term, coefficient, deviation, mean in zip(
            model.terms, model.coefficients, deviations, model.means, strict=True
        )
    ]


def _examples(proposal: Proposal, z: float) -> list[dict[str, Any]]:
    model = proposal.model
    scores = proposal.examples_at[:1] if model.step == 0 else proposal.examples_at
    at = np.array(scores, dtype=float)
    values = dict.fromkeys(model.terms, at) | {INTERCEPT: np.ones(len(at))}
    found = zip(scores, *model.interval(Terms(values), z), strict=True)
    return [
        {"at": score, "probability": float(p), "low": float(low), "high": float(high)}
        for score, p, low, high in found
    ]


def _tried(proposal: Proposal, step: int) -> StepTaken:
    return next(one for one in proposal.steps if one.step == step)


def _digits(number: float, decimals: int = DECIMALS) -> str:
    text = f"{number:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
