#!/usr/bin/env python3
"""May a shadow version of a scorecard be released? A gate for CI and for whoever promotes it.

Refused is a version under which, on history, the worst band does not leave more than the best, beyond
the interval of the difference; or which puts more revenue into another band, or more entries into the
worst band on a CSM, than seeds/scorecard/release_limits.csv allows (docs/what_if.md).

Reads the warehouse as scripts/what_if.py does. Exit status: 0 accepted; 1 refused, with every reason;
2 it could not be judged.
"""

from __future__ import annotations

import sys

from lib.command_line import guarded
from lib.warehouse import Warehouse, WarehouseError, open_warehouse
from lib.what_if.gate import Status, judge_release
from lib.what_if.options import parser
from lib.what_if.reading import History, Horizon, read_history
from lib.what_if.versions import choose_pair

WORDS = {
    Status.ACCEPTED: "accepted",
    Status.REFUSED: "refused",
    Status.NOT_JUDGED: "could not be judged",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status is the decision."""
    found = parser(__doc__)
    found.add_argument(
        "--horizon",
        metavar="NAME",
        help="horizon of the seed outcome_horizons to judge by (default: the shortest)",
    )
    options = found.parse_args(arguments)
    try:
        with open_warehouse(options.database) as warehouse:
            pair = choose_pair(
                warehouse, options.schemas, options.live, options.shadow, options.since
            )
            print(f"reading the history of {pair.live} and {pair.shadow} ...", file=sys.stderr)
            history = read_history(warehouse, options.schemas, pair)
            horizon = _horizon(warehouse, history, options.horizon)
    except WarehouseError as error:
        print(f"error: {error}", file=sys.stderr)
        return Status.NOT_JUDGED
    status, checks = judge_release(history, horizon, options.bootstraps, options.seed)
    print(f"== {pair.shadow}, to replace {pair.live}: {WORDS[status]}")
    for check in checks:
        print(f"   {WORDS[check.status]}: {check.sentence}")
    return status


def _horizon(warehouse: Warehouse, history: History, wanted: str | None) -> Horizon:
    for horizon in history.outcomes:
        if wanted in (None, horizon.horizon_id):
            return horizon
    listed = ", ".join(horizon.horizon_id for horizon in history.outcomes) or "none is there"
    raise WarehouseError(
        f"{warehouse.place}: there is no such horizon. Mend: name one of outcome_horizons.csv ({listed})"
    )


if __name__ == "__main__":
    sys.exit(guarded(main, Status.NOT_JUDGED))
