"""Whether a file is a seed at all: what dbt and DuckDB would say of it names neither line nor mend."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

Columns = list[str]

# Of scorecard_releases, which no person writes and no check of cells looks at.
RELEASE_COLUMNS = ["scorecard_id", "scorecard_version", "seed", "row_key", "content"]


class SeedFileError(ValueError):
    """A file that is no table of text; the message names the file, the line and the mend."""


def header(path: Path, expected: Iterable[str] = ()) -> Columns:
    """The column names of a seed, every line of which has as many cells, the expected ones among them.

    Raises SeedFileError.
    """
    try:
        # Spreadsheets put a mark before UTF-8, which dbt and DuckDB pass over.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SeedFileError(
            f"{path}, line {line}: is not UTF-8 text. Mend: save it as CSV in UTF-8"
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = next(reader, [])
        missing = [name for name in expected if name not in names]
        if missing or not names:
            separators = [mark for mark in (";", "\t") if any(mark in name for name in names)]
            cause = " (it is separated by semicolons or tabs)" if separators else ""
            raise SeedFileError(
                f"{path}, line 1: lacks the column(s) {', '.join(missing)}{cause}. Mend: let it hold"
                " them, with commas between"
            )
        for row in reader:
            # A line of nothing is no row; one of a single blank cell would be.
            if row and len(row) != len(names):
                raise SeedFileError(
                    f"{path}, line {reader.line_num}: has {len(row)} cell(s), the first line {len(names)}."
                    " Mend: write as many; a cell that holds a comma needs quotes"
                )
            if row and not any(cell.strip() for cell in row):
                raise SeedFileError(
                    f"{path}, line {reader.line_num}: has only empty cells. Mend: take the line out"
                )
    except csv.Error as error:
        raise SeedFileError(
            f"{path}, line {reader.line_num}: {error}. Mend: write plain text, and quotes in pairs"
        ) from error
    if "" in names or len({name.lower() for name in names}) < len(names):
        raise SeedFileError(
            f"{path}: its first line has a column without a name, or one twice. Mend: name each once"
        )
    return names
