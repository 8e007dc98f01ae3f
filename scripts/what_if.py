#!/usr/bin/env python3
"""What if a shadow version of a scorecard had been the live one: both, side by side, over the history.

Compared are the accounts and days that the scorecard scored: which bands they would have been in, by
count and revenue; entries into the worst band per CSM and week; churn by band; warning time; how often
bands flip; and the accounts whose score differs most, with the reason (docs/what_if.md).

Reads the warehouse and writes nothing into it: the DuckDB file of --database or HEALTH_DB, or, with
HEALTH_TARGET=postgres, the database that the HEALTH_PG_* settings name (profiles.yml).
"""

from __future__ import annotations

import sys
from pathlib import Path

from lib.warehouse import WarehouseError, open_warehouse
from lib.what_if.comparing import compare
from lib.what_if.options import parser
from lib.what_if.reading import read_history, read_movers
from lib.what_if.report import as_text, write_report
from lib.what_if.versions import choose_pair

MOVERS = 10


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 if it was compared, 1 with one message if not."""
    found = parser(__doc__)
    found.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for what_if.json and what_if.html"
    )
    found.add_argument(
        "--movers", type=int, default=MOVERS, metavar="N",
        help="how many of the accounts that differ most to show (default: %(default)s)",
    )  # fmt: skip
    options = found.parse_args(arguments)
    try:
        with open_warehouse(options.database) as warehouse:
            pair = choose_pair(
                warehouse, options.schemas, options.live, options.shadow, options.since
            )
            print(f"reading the history of {pair.live} and {pair.shadow} ...", file=sys.stderr)
            history = read_history(warehouse, options.schemas, pair)
            movers = read_movers(warehouse, options.schemas, pair, options.movers)
        compared = compare(history, movers, options.bootstraps, options.seed)
        print(as_text(compared))
        if options.out:
            print("\n" + ", ".join(map(str, write_report(compared, options.out))))
    except (WarehouseError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
