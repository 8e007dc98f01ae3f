#!/usr/bin/env python3
"""Propose weights for a scorecard: the same signals and curves, weighed by who left.

Fits non-negative weights, pulled towards those in force, on the past; judges them on the later period;
and writes a shadow version as rows for the seeds scorecards, dimensions and scorecard_signals, with a
report that says when it is not better (docs/churn_model.md). Proposes and never applies: nothing is
written into the seeds or into the warehouse.

The warehouse is the DuckDB file of --database or HEALTH_DB; with HEALTH_TARGET=postgres it is the
PostgreSQL database that the HEALTH_PG_* settings name (profiles.yml).

Exit status: 0 the proposed weights are better; 1 they are not shown to be; 2 nothing is proposed.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date, timedelta
from pathlib import Path

from lib.command_line import guarded, new_parser
from lib.fitting.arguments import add_shared_arguments
from lib.fitting.rows import Evidence, read_evidence, read_signals
from lib.fitting.seeds import (
    Card,
    SeedsError,
    card_in_force,
    default_seeds,
    read_rows,
    refuse_seeds_folder,
)
from lib.fitting.weights import propose
from lib.fitting.weights_report import seed_rows, sentence, write_proposal
from lib.validation.limits import SEGMENT_POOLED_BELOW
from lib.validation.protocol import churned_accounts
from lib.warehouse import WarehouseError, open_warehouse

DEFAULT_OUT = Path("target/proposed_weights")
BETTER, NOT_BETTER, NOTHING = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status says what was found."""
    options = _parser().parse_args(arguments)
    seeds = options.seeds or default_seeds()
    try:
        refuse_seeds_folder(options.out, seeds)
        with open_warehouse(options.database) as warehouse:
            evidence = read_evidence(warehouse, options.schema, options.horizon, options.gap)
            signals = read_signals(warehouse, options.schema, evidence)
        card = card_in_force(seeds, options.scorecard, evidence.last_day)
        sharing = segments_of(seeds, options.scorecard, evidence.last_day)
        if options.segment and options.segment not in sharing:
            raise SeedsError(
                f"{seeds}: no segment {options.segment} is scored by {options.scorecard}."
                f" Mend: name one of: {', '.join(sorted(sharing)) or '(none)'}"
            )
    except (WarehouseError, SeedsError) as error:
        print(f"error: {error}", file=sys.stderr)
        return NOTHING
    if evidence.broken:
        listed = ", ".join(f"{what} {count:,}" for what, count in evidence.broken.items())
        print(
            f"error: rows that no honest history can hold ({listed}): nothing is fitted on them."
            " Mend: run scripts/validate_scores.py, and find the model that lets the future in",
            file=sys.stderr,
        )
        return NOTHING
    chosen, notes = rows_of(evidence, card, options.segment, sharing)
    proposal = propose(
        evidence.rows[chosen].reset_index(drop=True),
        signals.of(chosen),
        card,
        evidence.horizon.window_days,
        evidence.accounts,
        options.bootstraps,
        options.seed,
    )
    notes += proposal.notes
    valid_from = evidence.last_day + timedelta(days=1)
    rows = seed_rows(proposal, card, options.segment, valid_from, options.author)
    written = write_proposal(options.out, seeds, evidence, proposal, card, rows, notes)
    print(f"== {sentence(proposal, card)}")
    for note in notes:
        print(f"   careful: {note}")
    print(f"   {', '.join(map(str, written))}")
    print("   Nothing was written into the seeds: read the report, then decide.")
    if proposal.proposed is None:
        return NOTHING
    return BETTER if proposal.is_better else NOT_BETTER


def segments_of(seeds: Path, scorecard_id: str, on: date) -> set[str]:
    """The segments that a scorecard scores on a day."""
    return {
        row["segment_id"]
        for row in read_rows(seeds, "segments")
        if row["scorecard_id"] == scorecard_id
        and row["valid_from"] <= on.isoformat() <= row["valid_to"]
    }


def rows_of(
    evidence: Evidence, card: Card, segment: str | None, sharing: set[str]
) -> tuple[list[bool], list[str]]:
    """Which rows to use, and what to be careful about."""
    rows, notes = evidence.rows, []
    scored = rows.scorecard_id == card.scorecard_id
    chosen = scored
    if segment:
        own = scored & (rows.segment_id == segment)
        churned = churned_accounts(rows[own])
        if churned < SEGMENT_POOLED_BELOW:
            notes.append(
                f"segment {segment} has {churned} churned accounts, {SEGMENT_POOLED_BELOW} are needed for"
                f" weights of its own: pooled with everybody that {card.scorecard_id} scores"
            )
        else:
            chosen = own
            others = sorted(sharing - {segment})
            if others:
                notes.append(
                    f"{card.scorecard_id} also scores {', '.join(others)}: made live, the version would"
                    f" change them too. Give {segment} a scorecard of its own first"
                )
    earlier = int((chosen & (rows.scorecard_version != int(card.version))).sum())
    if earlier:
        notes.append(
            f"{earlier:,} of {int(chosen.sum()):,} observations were scored by another version than"
            f" {card.version}, and lack the signals that it did not have"
        )
    return chosen.to_numpy(), notes


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(__doc__)
    parser.add_argument(
        "--scorecard", required=True, metavar="NAME", help="scorecard_id, such as standard"
    )
    parser.add_argument(
        "--segment", metavar="NAME", help="fit on one of the segments that the scorecard scores"
    )
    add_shared_arguments(parser, DEFAULT_OUT)
    return parser


if __name__ == "__main__":
    sys.exit(guarded(main, NOTHING))
