"""Proposed weights as seed rows of a shadow version, and as a report for the person who decides."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from lib.documents import write_both
from lib.validation.bootstrap import Interval
from lib.validation.limits import CONFIDENCE

from .reports import (
    ends,
    figure,
    periods_words,
    refused_words,
    table,
    window_words,
)
from .rows import Evidence
from .seeds import Card, Row, columns_of, write_rows
from .weights import Proposal

SEEDS = ("scorecards", "dimensions", "scorecard_signals")


def seed_rows(
    proposal: Proposal, card: Card, segment: str | None, valid_from: date, author: str
) -> dict[str, list[Row]]:
    """The rows of the proposed version: a shadow that extends the version in force, all weights its own."""
    weights = proposal.proposed
    if weights is None:
        return {seed: [] for seed in SEEDS}
    key = {"scorecard_id": card.scorecard_id, "scorecard_version": str(card.next_version)}
    better = "better on the later period" if proposal.is_better else "not shown to be better"
    of = f" of segment {segment}" if segment else ""
    version = card.row | key | {
        "valid_from": valid_from.isoformat(),
        "status": "shadow",
        "extends_scorecard_id": card.scorecard_id,
        "extends_version": card.version,
        "author": author,
        "note": f"weights fitted on {proposal.split.churned_to_fit} churned accounts{of}; {better}",
    }  # fmt: skip
    return {
        SEEDS[0]: [version],
        SEEDS[1]: [
            key | {"dimension_id": name, "weight": _cell(weight)}
            for name, weight in weights.dimensions.items()
        ],
        SEEDS[2]: [
            key | {
                "dimension_id": rule.dimension_id, "signal_id": rule.signal_id,
                "weight": _cell(rule.weight), "curve_id": rule.curve_id,
            }
            for rule in weights.rules
            if weights.dimensions[rule.dimension_id] > 0
        ],
    }  # fmt: skip


def write_proposal(
    folder: Path, seeds: Path, evidence: Evidence, proposal: Proposal, card: Card,
    rows: dict[str, list[Row]], notes: list[str],
) -> list[Path]:  # fmt: skip
    """Write the report and the rows; where nothing is proposed the files of rows hold none."""
    document = as_document(evidence, proposal, card, rows, notes)
    page = as_page(evidence, proposal, card, rows, notes)
    written = write_both(document, "\n".join([*page, ""]), folder / "weights_proposal.md")
    return written + [write_rows(folder, seed, columns_of(seeds, seed), rows[seed]) for seed in SEEDS]


def sentence(proposal: Proposal, card: Card) -> str:
    """What was found, in a sentence."""
    name = f"{card.scorecard_id} {card.version}"
    if proposal.proposed is None:
        return f"No weights are proposed for {name}: {proposal.refusals.refused[-1].why}."
    if proposal.judged is None:
        return f"New weights for {name} could not be judged: {proposal.refusals.refused[-1].why}."
    difference = proposal.judged.difference_within_date
    evidence = (
        f"AUC within date {figure(difference.value, 3, True)}, {CONFIDENCE:.0%} interval"
        f" {ends(difference, 3, True)}, judged on {proposal.judged.churned_accounts:,} churned accounts"
    )
    if proposal.is_better:
        return f"The proposed weights rank who leaves better than {name} ({evidence})."
    return f"The proposed weights are not shown to be better than {name} ({evidence}). Keep those in force."


def as_document(
    evidence: Evidence, proposal: Proposal, card: Card, rows: dict[str, list[Row]], notes: list[str]
) -> dict[str, Any]:
    """What weights_proposal.json holds (docs/churn_model.md)."""
    return {
        "schema_version": 1,
        "sentence": sentence(proposal, card),
        "is_better": proposal.is_better,
        "scorecard_id": card.scorecard_id,
        "version_in_force": card.version,
        "proposed_version": card.next_version if proposal.proposed else None,
        "horizon": evidence.horizon,
        "last_day": evidence.last_day,
        "churned_accounts": proposal.churned_accounts,
        "periods": proposal.split.periods() if proposal.split else None,
        "signals": proposal.signals,
        "dimensions": {
            name: {"current": current, "proposed": proposed}
            for name, (current, proposed) in proposal.dimensions.items()
        },
        "pull": proposal.choice,
        "judged": proposal.judged,
        "rows_without_score": dict(
            zip(("in_force", "proposed"), proposal.rows_without_score, strict=True)
        ),
        "dimensions_observed": {
            name: dict(zip(("in_force", "proposed"), shares, strict=True))
            for name, shares in proposal.dimensions_observed.items()
        },
        "mean_distance_from_mart": proposal.unlike_the_mart,
        "notes": notes,
        "refused": proposal.refusals.refused,
        "seed_rows": rows,
    }


def as_page(
    evidence: Evidence, proposal: Proposal, card: Card, rows: dict[str, list[Row]], notes: list[str]
) -> list[str]:
    """The report for the person who decides."""
    page = [
        f"# Weights of {card.scorecard_id}: a proposal",
        "",
        f"**{sentence(proposal, card)}**",
        "",
        f"- Window: {window_words(evidence.horizon)}.",
        *periods_words(proposal.split),
        *(f"- {note}" for note in notes),
        "",
    ]
    if proposal.proposed is not None:
        page += _weights_words(proposal)
    if proposal.judged is not None:
        page += _judged_words(proposal)
    page += refused_words(proposal.refusals)
    page += _decision_words(proposal, card, rows)
    return page


def _weights_words(proposal: Proposal) -> list[str]:
    new = proposal.proposed
    old = {rule.signal_id: rule.weight for rule in proposal.current.rules}
    choice = proposal.choice
    how = "the strongest within a standard error of the best" if choice.is_cautious else "the best"
    return [
        "## Dimensions",
        "",
        *table(
            [
                "dimension", "weight in force", "proposed", "interval", "observed, in force",
                "observed, proposed",
            ],
            [
                [
                    name, _cell(proposal.current.dimensions[name]), _cell(new.dimensions[name]),
                    _percent(share), *(f"{seen:.0%}" for seen in proposal.dimensions_observed[name]),
                ]
                for name, (_, share) in proposal.dimensions.items()
            ],
        ),
        "A dimension is observed where enough of its weight is: weight that moves to a signal which few"
        " accounts have takes the dimension away from the others. On the later period"
        f" {proposal.rows_without_score[0]:,} observations have no score under the weights in force,"
        f" {proposal.rows_without_score[1]:,} under the proposed ones.",
        "",
        "## Signals",
        "",
        "The first two columns are weights within the dimension, as the seeds have them; the next are of the"
        " whole score, of a hundred. A weight of 0 was held there: a negative one would reward what"
        " the curve punishes.",
        "",
        *table(
            [
                "dimension", "signal", "in force", "proposed", "of the whole, in force",
                "of the whole, proposed", "interval", "observed", "churned accounts",
            ],
            [
                [
                    one.dimension_id, one.signal_id, _cell(old[one.signal_id]), _cell(rule.weight),
                    figure(100 * one.current, 1), figure(100 * one.proposed.value, 1), _percent(one.proposed),
                    f"{one.observed_share:.0%}", f"{one.churned_accounts:,}",
                ]
                for one, rule in zip(proposal.signals, new.rules, strict=True)
            ],
        ),
        f"Pulled towards the weights in force with a spread of {100 * choice.spread:g} points of a hundred,"
        f" {how} for accounts left out of the fit. The intervals are of the pulled weights: what the pull keeps"
        " back is not in them. Churned accounts are those fitted on for which the signal was observed.",
        "",
    ]  # fmt: skip


def _judged_words(proposal: Proposal) -> list[str]:
    judged = proposal.judged
    return [
        "## On the later period",
        "",
        *table(
            ["AUC", "in force", "proposed", "difference, paired", "interval"],
            [
                [
                    name, figure(old.value), figure(new.value), figure(gain.value, 3, True),
                    ends(gain, 3, True),
                ]
                for name, old, new, gain in (
                    ("within date", judged.baseline_auc_within_date, judged.score_auc_within_date,
                     judged.difference_within_date),
                    ("pooled", judged.baseline_auc_pooled, judged.score_auc_pooled, judged.difference_pooled),
                )
            ],
        ),
        f"Judged on {judged.observations:,} observations and {judged.churned_accounts:,} churned accounts,"
        " with both scores computed by the rules of docs/scoring.md from the same signals.",
        "",
    ]  # fmt: skip


def _decision_words(proposal: Proposal, card: Card, rows: dict[str, list[Row]]) -> list[str]:
    if proposal.proposed is None:
        return ["## What to do", "", "Nothing: the weights in force stay.", ""]
    advice = (
        f"Add the rows beside this page to the seeds of the same name. Version {card.next_version} is then a"
        " shadow: scored over the whole history beside the live one, and shown to nobody. Look at what"
        " it would have changed before making it live. Bands stay those of the version it extends, so"
        " check that they still cut where they should."
    )
    if not proposal.is_better:
        advice = f"Nothing: the weights in force stay. Only if you want to look further: {advice}"
    return ["## What to do", "", advice, "Nothing was written into the seeds.", ""]


def _percent(found: Interval) -> str:
    return ends(found.scaled(100), 1)


def _cell(weight: Decimal) -> str:
    text = f"{weight.normalize():f}"
    return text if weight else "0"
