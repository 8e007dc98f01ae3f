"""Whether a build can write its warehouse, in one message before dbt starts; or why it stopped.

dbt and DuckDB say the same in a hundred lines, or in three tracebacks. Looks at the DuckDB file of
HEALTH_DB, at its folder and at the folders in which dbt works; a PostgreSQL server answers for itself.

    scripts/check_warehouse.py              before a build
    scripts/check_warehouse.py --since 1764500000   after one that began then and failed
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import re
import sys
import tempfile
from pathlib import Path

import duckdb

from lib.warehouse import DEFAULT_DATABASE

# Enough to see that there is room at all; how much a build needs depends on the company.
_PROBE_BYTES = 1 << 20
_ANOTHER = "DB=another file"
# What an engine says when a resource is used up, and what that is.
_EXHAUSTED = {
    "No space left on device": "the disk is full",
    "File too large": "a file may not grow any more (ulimit -f)",
    "Out of Memory": "the memory is used up",
}


class BuildError(ValueError):
    """What keeps a build from its warehouse; the message says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 1 with one message if a build cannot go on."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--since", type=float, metavar="SECONDS", help="say why the build that began then stopped"
    )
    options = parser.parse_args(arguments)
    if (os.environ.get("HEALTH_TARGET") or "duckdb") != "duckdb":
        return 0
    database = Path(os.environ.get("HEALTH_DB") or DEFAULT_DATABASE)
    work = [Path(os.environ.get("DBT_TARGET_PATH") or "target")]
    work.append(Path(os.environ.get("DBT_LOG_PATH") or "logs"))
    try:
        if options.since is None:
            check_name(database)
            check_folder(database.parent, f"or choose another folder ({_ANOTHER})")
            for folder in work:
                check_folder(folder, "dbt works there")
            check_file(database)
        else:
            explain(database, work[0] / "run_results.json", options.since)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def check_name(database: Path) -> None:
    """Refuse a path that dbt-duckdb would take for an address, or whose name it cannot quote."""
    odd = re.search(r"[#?;]", str(database)) or re.search(r"['\"]", database.name)
    if odd:
        raise BuildError(
            f"the path of the database, {database}, holds {odd[0]}, with which dbt cannot open it."
            f" Mend: {_ANOTHER}, such as DB=warehouse/my_company_health.duckdb"
        )


def check_folder(folder: Path, more: str) -> None:
    """Make the folder and write to it for a moment; `more` goes on after the mend."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PROBE_BYTES))
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        mend = "free space on its disk" if is_full else "let this user write there"
        raise BuildError(
            f"a build has to write to the folder {folder}, and cannot: {error.strerror}."
            f" Mend: {mend}, {more}"
        ) from error


def check_file(database: Path) -> None:
    """Open a database that is there, as a build does."""
    if not database.exists():
        return
    try:
        duckdb.connect(str(database)).close()
    except (duckdb.Error, OSError) as error:
        raise BuildError(_why_closed(database, str(error))) from error


def explain(database: Path, results: Path, since: float) -> None:
    """Raise BuildError if the results, written since then, name something that is used up."""
    if not results.exists() or results.stat().st_mtime < since:
        check_file(database)
        return
    for result in json.loads(results.read_text(encoding="utf-8"))["results"]:
        for sign, meaning in _EXHAUSTED.items():
            if sign in (result.get("message") or ""):
                model = result["unique_id"].split(".")[2]
                mend = (
                    "give it more (HEALTH_MEMORY), or build fewer models at a time"
                    " (HEALTH_THREADS=1)"
                    if sign == "Out of Memory"
                    else f"free space there, or build on another disk ({_ANOTHER})"
                )
                raise BuildError(
                    f"{meaning}, and so the build of {database} stopped at {model}. Mend: {mend};"
                    " then run make build again, which ends in the same rows"
                )


def _why_closed(database: Path, text: str) -> str:
    holder = re.search(r"held in (.+?) \(PID (\d+)\)", text)
    if holder or "Could not set lock" in text:
        who = f"{Path(holder[1]).name} (process {holder[2]})" if holder else "another program"
        return (
            f"{database} is open in {who}, and a build has to be alone in it. Mend: close it there"
            f" (a notebook, a BI tool, a shell, another build), or build into {_ANOTHER}"
        )
    if database.is_dir():
        return f"{database} is a folder. Mend: DB=a file in it"
    if not os.access(database, os.W_OK) or "ead-only" in text or "Permission denied" in text:
        mend = f"let this user write to it, or build into {_ANOTHER}"
        return f"{database} may only be read. Mend: {mend}"
    return (
        f"{database} cannot be opened as a DuckDB database: {text.splitlines()[0].rstrip('.!')}."
        f" Mend: {_ANOTHER}"
    )


if __name__ == "__main__":
    sys.exit(main())
