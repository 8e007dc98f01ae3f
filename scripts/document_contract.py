"""Write docs/raw_contract.md from the dbt sources files, which are the contract's only home.

With --check nothing is written: exit status 1 and the difference if the page is out of date.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from lib.contract import Column, ContractError, Table, read_contract

PROJECT_DIR = Path(__file__).resolve().parents[1]
PAGE = "docs/raw_contract.md"

INTRODUCTION = """\
<!-- Written by scripts/document_contract.py from models/staging/*/_*__sources.yml: edit those. -->

# The raw contract

The tables a company brings: what the models read, and all they read. Bring them as tables of the
schema `raw`, or as one Parquet file per table (`<table>.parquet`), or one folder of them, in the
folder that `make build RAW=` names. `scripts/import_raw.py` writes such a folder from files of any shape.

- **Required tables:** {required}.
  Every other table may be absent: its source is then off, and the signals that need it are
  `missing` and take no part in a score.
- **Columns:** every column of a table that is there must be there, in the type given. In a
  *required* column a row needs a value: rows without one are rejected with a reason. In the others
  a null is allowed and means what the description says; where it says nothing, not known.
- **Keys:** each table's key, and every reason for which a row is rejected, stand in
  [scoring.md](scoring.md), section 2. An account numbers its own things, so that two accounts
  may use the same ids. Of rows that share a key one is kept. The others are duplicates where they say the
  same, else conflicts: the later load counts, and what no load decides is not guessed.
- **Time:** every timestamp is UTC, without a zone, and every day is a UTC day. Periods include
  both their first and their last day.
- **loaded_at:** when the row arrived, as against when the thing happened. It tells which of two
  rows of one key counts, and what lay in the future when it was loaded. Null: not known. Scores go
  by when things happened: a row that arrives late changes the days it speaks of, and a score of
  before then knows of it.
- **History:** an account has one row, or one for each time something about it changed
  (`valid_from`). With one row alone the attributes of today hold for all of history: its segment,
  and with it its scorecard, may know what came later. Keep accounts that left: whoever is deleted
  takes the proof along.

| type | means |
|---|---|
| `string` | text, UTF-8; blanks around it (those of Unicode too) do not count, and an empty text is a null. Enum, citext: cast to text in a view |
| `date` | a day |
| `timestamp` | a moment in UTC, to the microsecond |
| `bigint` | a whole number |
| `decimal(p,s)` | an exact number: p digits, s of them behind the point. Bring money so, and not in floating point |
| `boolean` | true or false |
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 1 if --check finds a difference or the sources cannot be read."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help=f"compare with {PAGE}, write nothing")
    options = parser.parse_args(arguments)
    try:
        text = page(read_contract(PROJECT_DIR))
    except ContractError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    path = PROJECT_DIR / PAGE
    if not options.check:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"written: {PAGE}")
        return 0
    difference = changes(path.read_text(encoding="utf-8") if path.exists() else "", text)
    if difference:
        print(difference)
        print(f"{PAGE} is out of date. Mend: python scripts/document_contract.py", file=sys.stderr)
        return 1
    return 0


def page(contract: dict[str, Table]) -> str:
    """The whole page as Markdown."""
    tables = list(contract.values())
    required = [f"`{table.name}`" for table in tables if table.required]
    parts = [INTRODUCTION.format(required=", ".join(required)), overview(tables)]
    for source, group in groupby(tables, key=lambda table: table.source):
        parts.append(f"## Source `{source}`\n")
        parts.extend(section(table) for table in group)
    return "\n".join(parts)


def overview(tables: Iterable[Table]) -> str:
    """All tables in one Markdown table, required ones first, each a link to its section."""
    rows = [
        (f"[{table.name}](#{table.name})", table.source, yes(table.required), table.description)
        for table in sorted(tables, key=lambda table: not table.required)
    ]
    return "## Tables\n\n" + markdown_table(("table", "source", "required", "holds"), rows)


def section(table: Table) -> str:
    """One table with its columns."""
    kind = "Required." if table.required else "Optional."
    return f"### {table.name}\n\n{table.description} *{kind}*\n\n" + markdown_table(
        ("column", "type", "required", "description"), map(column_row, table.columns)
    )


def column_row(column: Column) -> tuple[str, ...]:
    """Cells of one column."""
    return (
        f"`{column.name}`",
        f"`{column.data_type}`",
        yes(column.required),
        column.description,
    )


def markdown_table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table; a bar in a cell is written so that it stays in the cell."""
    cells = [header, ("---",) * len(header), *rows]
    lines = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in cells)
    return "".join(f"| {line} |\n" for line in lines)


def yes(required: bool) -> str:
    """How a table says that something is required."""
    return "yes" if required else ""


def changes(old: str, new: str) -> str:
    """The difference as a unified diff; empty if there is none."""
    return "\n".join(
        difflib.unified_diff(
            old.splitlines(), new.splitlines(), PAGE, "sources files", n=1, lineterm=""
        )
    )


if __name__ == "__main__":
    sys.exit(main())
