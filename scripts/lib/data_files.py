"""The data files of a folder, each as a DuckDB view that is named like the file.

CSV values are read as text, all of them, and nothing about a file is guessed but its separator,
which the header shows. So `007` keeps its zeros, a bad cell in the last row is still there to be
reported, and the same file is read the same way next month.
"""

from __future__ import annotations

import csv
import glob
import gzip
import re
from pathlib import Path

import duckdb

_SAVE_AS_UTF_8 = "Mend: save it as UTF-8 (iconv -f WINDOWS-1252 -t UTF-8 turns what Excel saves)"
# What DuckDB says of a CSV file, and what to do about it.
_MENDS = {
    "Invalid unicode": _SAVE_AS_UTF_8,
    "Expected Number of Columns": "Mend: as many cells as the header has; a value that holds the separator"
    " goes in quotes",
    "unterminated quote": "Mend: close the quote; a quote within a value is written twice",
    "Maximum line size": "Mend: close a quote that was left open, or leave so long a text out",
}
_LONGEST_LINE = 200
# How the name of a data file ends; the rest of the name is the name of its view.
_NAME = re.compile(r"(.+)\.(?:(csv|json|ndjson)(?:\.gz)?|(parquet))", re.IGNORECASE)
_SEPARATORS = ",;\t|"


class DataFileError(ValueError):
    """A data file that cannot be offered to mappings; the message names the file and the mend."""


class DataFiles:
    """The data files of one folder, registered on a connection as views.

    `names` lists the views and `paths` their files, links followed. A file that cannot be read is
    no error until something asks for it: `why_unreadable(name)` then tells.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        """Register every file of the folder.

        Raises DataFileError where two files would share a name or the folder holds no data file.
        """
        self.folder = folder
        self.names: list[str] = []
        self.paths: list[Path] = []
        self._unreadable: dict[str, str] = {}
        for stem, (kind, path) in _files_by_stem(folder).items():
            self.names.append(stem)
            self.paths.append(path)
            try:
                _relation(connection, kind, path).create_view(stem)
            except (duckdb.Error, OSError, UnicodeDecodeError, csv.Error, DataFileError) as error:
                reason = brief(error).removeprefix(f"{path.name}: ")
                self._unreadable[stem.casefold()] = f"{path.name}: {reason}"

    def why_unreadable(self, name: str) -> str | None:
        """Why the file behind a view name could not be read; None if it could or is not there."""
        return self._unreadable.get(name.casefold())

    def listed(self) -> str:
        """The view names for a message."""
        return ", ".join(self.names)


def brief(error: Exception) -> str:
    """The error's message; of a CSV file's, with a mend for DuckDB's advice and list of settings."""
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 text. {_SAVE_AS_UTF_8}"
    text = str(error).strip()
    file = re.search(r"^\s*file = (.+)$", text, re.MULTILINE)
    if not file:
        return text
    said = re.split(r"\n\s*Possible (?:fix|solution)", text, maxsplit=1, flags=re.IGNORECASE)[0]
    lines = [
        line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "…"
        for line in said.splitlines()
        if line
    ]
    mends = [f". {mend}" for sign, mend in _MENDS.items() if sign in said]
    return f"{Path(file[1]).name}: " + "; ".join(lines).rstrip(".") + "".join(mends[:1])


def _files_by_stem(folder: Path) -> dict[str, tuple[str, Path]]:
    """Kind (csv, json, ndjson or parquet) and path of each data file, by stem, in names' order."""
    found: dict[str, tuple[str, Path]] = {}
    taken: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        match = _NAME.fullmatch(path.name)
        if not match or not path.is_file() or path.name.startswith("."):
            continue
        stem = match[1]
        # DuckDB's names know no case.
        other = taken.setdefault(stem.casefold(), path)
        if other is not path:
            raise DataFileError(
                f"{folder}: {other.name} and {path.name} would both be read as {stem}."
                " Mend: rename one of them or move it out of the folder"
            )
        found[stem] = ((match[2] or match[3]).lower(), path.resolve())
    if not found:
        raise DataFileError(
            f"{folder}: no data file in it. Mend: give the folder that holds the"
            " .csv, .parquet, .json or .ndjson files (CSV and JSON may be .gz)"
        )
    return found


def _relation(
    connection: duckdb.DuckDBPyConnection, kind: str, path: Path
) -> duckdb.DuckDBPyRelation:
    # DuckDB takes a path for a pattern, in which a bracket or an asterisk means something else.
    pattern = glob.escape(str(path))
    if kind == "parquet":
        return connection.read_parquet(pattern, hive_partitioning=False)
    if kind != "csv":
        # Types of JSON come from every value in the file, so no late one can contradict them.
        return connection.read_json(pattern, sample_size=-1, hive_partitioning=False)
    separator, names = _header(path)
    return connection.read_csv(
        pattern,
        auto_detect=False,
        header=True,
        sep=separator,
        quotechar='"',
        escapechar='"',
        columns=dict.fromkeys(names, "VARCHAR"),
        hive_partitioning=False,
    )


def _header(path: Path) -> tuple[str, list[str]]:
    """Separator and column names of a CSV file, from its first line.

    DuckDB's own detection is not used because it takes a later line for the header where the first
    lines do not fit, and the lines before are then lost without a word.
    """
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        line = file.readline()
        unquoted = re.sub(r'"[^"]*"', "", line)
        separator = max(_SEPARATORS, key=unquoted.count)
        file.seek(0)
        names = next(csv.reader(file, delimiter=separator), [])
    if not names:
        raise DataFileError("its first line is empty; a header with column names is expected")
    names = [name.strip() or f"column{position}" for position, name in enumerate(names)]
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise DataFileError(f"its header names the column {name} twice")
        seen.add(name.casefold())
    return separator, names
