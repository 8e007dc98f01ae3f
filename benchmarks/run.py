"""Run what the project is measured against, and print the seconds and the seconds of CPU that it took.

    python benchmarks/run.py WHAT RAW_FOLDER DATABASE

WHAT is floor, which computes scores from raw tables, or one of the ways to count active people, each timed
alone, after the floor has made what they read: intervals, range_joins, pandas.
"""

import sys
import time
from pathlib import Path

import duckdb
from windows_pandas import active_users

HERE = Path(__file__).parent


def main(what: str, raw: str, database: str) -> None:
    """Print the seconds on the clock and those of the processors, with a blank between."""
    with duckdb.connect(database) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set variable raw = ?", [raw])
        started = time.perf_counter(), time.process_time()
        connection.execute((HERE / "floor.sql").read_text(encoding="utf-8"))
        if what != "floor":
            started = time.perf_counter(), time.process_time()
            if what == "pandas":
                active_users(connection)
            else:
                connection.execute((HERE / f"{what}.sql").read_text(encoding="utf-8"))
        print(time.perf_counter() - started[0], time.process_time() - started[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
