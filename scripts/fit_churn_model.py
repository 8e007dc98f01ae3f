#!/usr/bin/env python3
"""Propose a churn model: the probability that an account decides to leave, from its score.

Fits on the past, judges on the later period, and writes the rows that a person would add to the seeds
churn_models, churn_model_terms and churn_model_covariances, with a report (docs/churn_model.md).
Proposes and never applies: nothing is written into the seeds or into the warehouse.

Step 1 calibrates the score, step 2 weighs the dimensions anew; each is taken only if it beats the one
before on the later period. With few churned accounts there is only the average rate, or nothing.

The warehouse is the DuckDB file of --database or HEALTH_DB; with HEALTH_TARGET=postgres it is the
PostgreSQL database that the HEALTH_PG_* settings name (profiles.yml).

Exit status: 0 a model that tells accounts apart is proposed; 1 only the average rate is; 2 nothing is.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from statistics import NormalDist

from lib.command_line import guarded, new_parser
from lib.fitting.arguments import add_shared_arguments
from lib.fitting.churn_model import Proposal, propose
from lib.fitting.churn_report import (
    can_be_applied,
    model_name,
    released_model,
    seed_rows,
    sentence,
    write_proposal,
)
from lib.fitting.rows import read_dimensions, read_evidence
from lib.fitting.seeds import SeedsError, default_seeds, refuse_seeds_folder
from lib.validation.limits import CONFIDENCE
from lib.warehouse import WarehouseError, open_warehouse

DEFAULT_OUT = Path("target/churn_model")
PROPOSED, AVERAGE_ONLY, NOTHING = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status says what is proposed."""
    options = _parser().parse_args(arguments)
    seeds = options.seeds or default_seeds()
    try:
        refuse_seeds_folder(options.out, seeds)
        with open_warehouse(options.database) as warehouse:
            evidence = read_evidence(warehouse, options.schema, options.horizon, options.gap)
            dimensions = read_dimensions(warehouse, options.schema, evidence)
        horizon_id = evidence.horizon.horizon_id
        released = released_model(seeds, horizon_id)
        valid_from = options.valid_from or evidence.last_day
        name = model_name(seeds, horizon_id, valid_from)
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
    usable = released is not None and can_be_applied(released[1], dimensions)
    proposal = propose(
        evidence.rows, dimensions, evidence.horizon.window_days, evidence.accounts, options.step,
        released[1] if usable else None, options.bootstraps, options.seed,
    )  # fmt: skip
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    rows = seed_rows(proposal, name, horizon_id, valid_from, z, options.author)
    in_force = released[0] if released else None
    written = write_proposal(options.out, seeds, evidence, proposal, rows, in_force, z)
    print(f"== {sentence(proposal)}")
    for note in proposal.notes:
        print(f"   careful: {note}")
    print(f"   {', '.join(map(str, written))}")
    print("   Nothing was written into the seeds: read the report, then decide.")
    return _status(proposal)


def _status(proposal: Proposal) -> int:
    if proposal.model is None:
        return NOTHING
    return AVERAGE_ONLY if proposal.model.step == 0 else PROPOSED


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(__doc__)
    add_shared_arguments(parser, DEFAULT_OUT)
    parser.add_argument(
        "--step", type=int, choices=(1, 2), default=2, help="highest step to try (default: %(default)s)"
    )
    parser.add_argument(
        "--valid-from",
        type=date.fromisoformat,
        metavar="DATE",
        help="first day of the model (default: the last scored day)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(guarded(main, NOTHING))
