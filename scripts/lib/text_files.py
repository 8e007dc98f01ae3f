"""Text files as companies export them, opened as text whatever their compression and encoding.

Only what a file itself says is used: its ending names the compression, a byte order mark the
encoding, a first line `sep=;` the separator.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import shutil
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import BinaryIO

_SEPARATORS = ",;\t|"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_CHUNK_BYTES = 1 << 22
# No cell is too long for a file that DuckDB may still take.
csv.field_size_limit(1 << 30)


class TextFileError(ValueError):
    """A file that cannot be read as text; the message says why and gives the mend."""


@dataclass(frozen=True)
class TextFile:
    """One text file; `compression` is gzip, zstd or none."""

    path: Path
    compression: str = "none"

    @cached_property
    def encoding(self) -> str:
        """utf-16 if the byte order mark says so, else utf-8-sig.

        Raises TextFileError for UTF-16 without a mark, whose bytes also pass for UTF-8.
        """
        with self._bytes() as file:
            start = file.read(1000)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\x00" in start:
            raise TextFileError(
                "holds zero bytes, as UTF-16 text without a byte order mark does. Mend: save it as"
                " UTF-8 (iconv -f UTF-16LE -t UTF-8)"
            )
        return "utf-8-sig"

    def opened(self) -> io.TextIOWrapper:
        """The text, with its line ends as they are."""
        return io.TextIOWrapper(self._bytes(), encoding=self.encoding, newline="")

    def has_mixed_line_ends(self) -> bool:
        """Whether more than one of CR, LF and CRLF occurs anywhere, in quotes or not."""
        feeds = returns = pairs = 0
        before = b""
        with self._bytes() as file:
            while chunk := file.read(_CHUNK_BYTES):
                feeds += chunk.count(b"\n")
                returns += chunk.count(b"\r")
                pairs += chunk.count(b"\r\n") + (before == b"\r" and chunk.startswith(b"\n"))
                before = chunk[-1:]
        return sum(count > 0 for count in (pairs, feeds - pairs, returns - pairs)) > 1

    def header(self, separator: str | None) -> Header:
        """What the first lines of a CSV file say; the separator is looked for if none is given.

        DuckDB's own detection is not used because it takes a later line for the header where the
        first lines do not fit, and the lines before are then lost without a word.
        """
        with self.opened() as file:
            line = file.readline()
            said = _SEPARATOR_LINE.fullmatch(line.rstrip("\r\n"))
            if said:
                separator, line = said[1], file.readline()
            separator = separator or _separator(line)
            # A name in quotes may go on in the next line.
            names = next(csv.reader(chain([line], file), delimiter=separator), [])
        if not names:
            raise TextFileError("its first line is empty; a header with column names is expected")
        names = [name.strip() or f"column{position}" for position, name in enumerate(names)]
        seen: set[str] = set()
        for name in names:
            if name.casefold() in seen:
                raise TextFileError(f"its header names the column {name} twice")
            seen.add(name.casefold())
        return Header(separator, names, 1 if said else 0)

    def copy_csv(self, header: Header, target: Path) -> TextFile:
        """The same cells from the header on, as UTF-8 with one kind of line end."""
        with self.opened() as file, target.open("w", encoding="utf-8", newline="") as copy:
            for _ in range(header.lines_before):
                file.readline()
            rows = csv.reader(file, delimiter=header.separator, strict=True)
            cells = csv.writer(copy, delimiter=header.separator, lineterminator="\n")
            try:
                cells.writerows(rows)
            except csv.Error as error:
                line = rows.line_num + header.lines_before
                raise TextFileError(
                    f"line {line}: {error}. Mend: close the quote; a quote within a value is"
                    " written twice"
                ) from error
        return TextFile(target)

    def copy_text(self, target: Path) -> TextFile:
        """The same text as UTF-8."""
        with self.opened() as file, target.open("w", encoding="utf-8", newline="") as copy:
            shutil.copyfileobj(file, copy)
        return TextFile(target)

    def _bytes(self) -> BinaryIO:
        if self.compression == "gzip":
            return gzip.open(self.path, "rb")
        if self.compression == "zstd":
            # Python learns zstd in 3.14. Imported here because no other file needs it.
            import pyarrow

            return pyarrow.input_stream(str(self.path), compression="zstd")
        return self.path.open("rb")


@dataclass(frozen=True)
class Header:
    """Separator and column names of a CSV file, and the number of lines before the names."""

    separator: str
    names: list[str]
    lines_before: int


def _separator(line: str) -> str:
    unquoted = re.sub(r'"[^"]*"', "", line)
    return max(_SEPARATORS, key=unquoted.count)
