"""The data files of a folder, each as a DuckDB view that is named like the file.

Values of CSV and JSON are read as text, all of them, and nothing about a file is guessed but the
separator of a CSV, which its header shows. So `007` keeps its zeros, a bad cell in the last row is
still there to be reported, and the same file is read the same way next month.
"""

from __future__ import annotations

import glob
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lib.text_files import TextFile, TextFileError

_SAVE_AS_UTF_8 = "Mend: save it as UTF-8 (iconv -f WINDOWS-1252 -t UTF-8 turns what Excel saves)"
# What DuckDB says of a CSV or JSON file, and what to do about it.
_MENDS = {
    "Invalid unicode": _SAVE_AS_UTF_8,
    "invalid UTF-8": _SAVE_AS_UTF_8,
    "Expected Number of Columns": "Mend: as many cells as the header has; a value that holds the"
    " separator goes in quotes",
    "unterminated quote": "Mend: close the quote; a quote within a value is written twice",
    "Maximum line size": "Mend: close a quote that was left open, or leave so long a text out",
    "has duplicate key": "Mend: write each key of a record once",
    "Expected OBJECT": "Mend: a record is an object, {...}; write an array of them, or one after"
    " another",
    "maximum_object_size": "Mend: write the records one after another, or as an array of them",
    "Malformed JSON": "Mend: export the file again; it may have been cut off",
}
_LONGEST_LINE = 200
ENDINGS = ".csv, .tsv, .json, .jsonl, .ndjson (each also .gz or .zst) and .parquet"
# How the name of a data file ends; the rest of the name is the name of its view.
_NAME = re.compile(r"(.+)\.(?:(csv|tsv|json|jsonl|ndjson)(?:\.(gz|zst))?|(parquet))", re.IGNORECASE)
_COMPRESSIONS = {"gz": "gzip", "zst": "zstd"}
# What to do with a file that is not read, by the last part of its name.
_CONVERSIONS = {
    **dict.fromkeys((".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"), "save each sheet as CSV (UTF-8)"),
    **dict.fromkeys((".zip", ".tar", ".tgz", ".7z", ".bz2", ".xz", ".rar"), "unpack it"),
    **dict.fromkeys((".txt", ".tab", ".dat"), "name it .csv if its first line names the columns"),
}


class DataFileError(ValueError):
    """A data file that cannot be offered to mappings; the message names the file and the mend."""


@dataclass(frozen=True)
class DataFile:
    """A file as found; `stem` names its view, and of the path links are followed."""

    stem: str
    name: str
    kind: str
    compression: str
    path: Path


class DataFiles:
    """The data files of one folder, as views on a connection once they are asked for.

    `names` lists the views and `paths` their files, links followed. What DuckDB would not read as
    it is gets a copy in the folder `scratch`. A file that cannot be read is no error until
    something asks for it: `why_not(name)` then tells.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path, scratch: Path) -> None:
        """Find the files of the folder.

        Raises DataFileError where two files would share a name or the folder holds no data file.
        """
        self.folder = folder
        self._connection = connection
        self._scratch = scratch
        self._files, self._others = _by_stem(folder)
        self._offered: set[str] = set()
        self._unreadable: dict[str, str] = {}
        self.names = [file.stem for file in self._files.values()]
        self.paths = [file.path for file in self._files.values()]

    def offer(self, name: str) -> bool:
        """Make the view of this name; whether it was made now."""
        key = name.casefold()
        if key in self._offered or key not in self._files:
            return False
        self._offered.add(key)
        file = self._files[key]
        try:
            self._relation(file).create_view(file.stem)
        except (duckdb.Error, OSError, UnicodeError, TextFileError) as error:
            reason = brief(error).removeprefix(f"{file.path.name}: ")
            self._unreadable[key] = f"{file.name}: {reason}"
            return False
        return True

    def why_not(self, name: str) -> str:
        """Why there is no view of this name."""
        key = name.casefold()
        if key in self._unreadable:
            return f"which cannot be read: {self._unreadable[key]}"
        others = [path for path in self._others if path.name.casefold().split(".")[0] == key]
        if others:
            return f"but {_not_read(others[0])}"
        aside = ", ".join(path.name for path in self._others)
        there = self.listed() + (f"; not read: {aside}" if aside else "")
        return f"but there is no such file. {there}"

    def listed(self) -> str:
        """The view names for a message."""
        return f"In {self.folder} there are: {', '.join(self.names)}"

    def _relation(self, file: DataFile) -> duckdb.DuckDBPyRelation:
        if file.kind == "parquet":
            return self._connection.read_parquet(_pattern(file.path), hive_partitioning=False)
        text = TextFile(file.path, file.compression)
        copy = self._scratch / f"{file.stem}.{file.kind}"
        if file.kind in ("csv", "tsv"):
            return self._csv(text, "\t" if file.kind == "tsv" else None, copy)
        return self._json(text.copy_text(copy) if text.encoding == "utf-16" else text)

    def _csv(self, text: TextFile, separator: str | None, copy: Path) -> duckdb.DuckDBPyRelation:
        """Every column as text."""
        header = text.header(separator)
        if header.lines_before or text.encoding == "utf-16" or text.has_mixed_line_ends():
            text = text.copy_csv(header, copy)
        return self._connection.read_csv(
            _pattern(text.path),
            auto_detect=False,
            header=True,
            sep=header.separator,
            quotechar='"',
            escapechar='"',
            columns=dict.fromkeys(header.names, "VARCHAR"),
            compression=text.compression,
            hive_partitioning=False,
        )

    def _json(self, text: TextFile) -> duckdb.DuckDBPyRelation:
        """Every key of any record as a column of text; of objects and arrays their JSON."""
        with text.opened() as file:
            kind = "array" if file.read(1000).lstrip().startswith("[") else "unstructured"
        keys = self._connection.execute(
            "select distinct unnest(json_keys(json)) as key from"
            " read_json_objects($1, format = $2, compression = $3) order by key",
            [_pattern(text.path), kind, text.compression],
        )
        names = [key for (key,) in keys.fetchall() if key]
        if not names:
            raise TextFileError("holds no record, so that its keys are not known")
        # DuckDB's names know no case.
        spellings: dict[str, str] = {}
        for name in names:
            other = spellings.setdefault(name.casefold(), name)
            if other != name:
                raise TextFileError(
                    f"its keys {other} and {name} differ in case only. Mend: write them alike"
                )
        return self._connection.read_json(
            _pattern(text.path),
            columns=dict.fromkeys(names, "VARCHAR"),
            format=kind,
            # Else a record that is no object would be a text in a column of its own.
            records="true",
            compression=text.compression,
            hive_partitioning=False,
        )


def brief(error: Exception) -> str:
    """The error's message; for a data file, with a mend in place of DuckDB's list of settings."""
    if isinstance(error, UnicodeError):
        return f"not UTF-8 text. {_SAVE_AS_UTF_8}"
    text = str(error).strip()
    file = re.search(r'^\s*file = (.+)$|(?:in|reading) file "(.+?)"', text, re.MULTILINE)
    if not file:
        return text
    said = re.split(
        r"\n\s*Possible (?:fix|solution)|\s+Try (?:setting|auto-detecting|increasing)",
        text,
        maxsplit=1,
        flags=re.IGNORECASE,
    )[0]
    said = re.sub(r' (?:in|while reading) file ".+?"', "", said)
    lines = [
        line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "…"
        for line in said.splitlines()
        if line
    ]
    mends = [f". {mend}" for sign, mend in _MENDS.items() if sign in said]
    name = Path(file[1] or file[2]).name
    return f"{name}: " + "; ".join(lines).rstrip(". ") + "".join(mends[:1])


def _by_stem(folder: Path) -> tuple[dict[str, DataFile], list[Path]]:
    """The data files by their stems, whose case DuckDB does not know, and what else is there."""
    found: dict[str, DataFile] = {}
    others: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        match = _NAME.fullmatch(path.name)
        if not match or not path.is_file():
            others.append(path)
            continue
        stem, kind, ending, parquet = match.groups()
        other = found.get(stem.casefold())
        if other:
            raise DataFileError(
                f"{folder}: {other.name} and {path.name} would both be read as {stem}."
                " Mend: rename one of them or move it out of the folder"
            )
        compression = _COMPRESSIONS[ending.lower()] if ending else "none"
        found[stem.casefold()] = DataFile(
            stem, path.name, (kind or parquet).lower(), compression, path.resolve()
        )
    if not found:
        there = f" (there are: {', '.join(path.name for path in others[:5])})" if others else ""
        raise DataFileError(
            f"{folder}: no data file in it{there}. Mend: give the folder that holds the files."
            f" Endings that are read: {ENDINGS}"
        )
    return found, others


def _not_read(path: Path) -> str:
    """That a file or folder is there and not read, and what to do about it."""
    if path.is_dir():
        return (
            f"{path.name} is a folder. Mend: put its files beside the others, each under a name of"
            " its own"
        )
    mend = _CONVERSIONS.get(path.suffix.lower(), "export it as one of these")
    return f"{path.name} is not read. Mend: {mend}. Endings that are read: {ENDINGS}"


def _pattern(path: Path) -> str:
    """The path for DuckDB, to which a bracket or an asterisk in a path means something else."""
    return glob.escape(str(path))
