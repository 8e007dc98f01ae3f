"""The raw contract, read from the dbt sources files, which are its only home.

The generator and the importer both write Parquet in exactly these columns, order and types; reading
them here means that a column added to a sources file needs no second edit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

SOURCES_GLOB = "models/staging/*/_*__sources.yml"

# dbt's portable type names, and what DuckDB calls them.
_DUCKDB_TYPES = {
    "string": "VARCHAR",
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
# Written in C, where yaml was built with it: the same documents, several times faster.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")


class ContractError(ValueError):
    """A sources file that cannot be read as a contract; the message names the file and the mend."""


@dataclass(frozen=True)
class Column:
    """One column; `data_type` as the sources file spells it, such as `decimal(18,2)`."""

    name: str
    data_type: str
    description: str
    required: bool


@dataclass(frozen=True)
class Table:
    """One raw table, with the name of its dbt source and its columns in the contract's order."""

    name: str
    source: str
    description: str
    required: bool
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Column names in the contract's order."""
        return tuple(column.name for column in self.columns)


def duckdb_type(data_type: str) -> str:
    """DuckDB's name of a contract type.

    Raises ContractError for a type the contract does not use.
    """
    normal = data_type.strip().lower()
    if normal in _DUCKDB_TYPES:
        return _DUCKDB_TYPES[normal]
    decimal = _DECIMAL.fullmatch(normal)
    if decimal:
        return f"DECIMAL({decimal[1]},{decimal[2]})"
    known = ", ".join([*_DUCKDB_TYPES, "decimal(p,s)"])
    raise ContractError(f"unknown data_type '{data_type}'; use one of: {known}")


def read_contract(project_dir: Path | str) -> dict[str, Table]:
    """Every table of the raw contract by name, in the order of the files and within them.

    Raises ContractError where no sources file is found, a table is declared twice, or a column has
    no known type.
    """
    contract: dict[str, Table] = {}
    paths = sorted(Path(project_dir).glob(SOURCES_GLOB))
    if not paths:
        raise ContractError(f"no sources files at {Path(project_dir) / SOURCES_GLOB}")
    for path in paths:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}
        for source in document.get("sources", []):
            for entry in source.get("tables", []):
                table = _table(source["name"], entry, path)
                if table.name in contract:
                    raise ContractError(f"{path.name}: table '{table.name}' is declared twice")
                contract[table.name] = table
    return contract


def _table(source: str, entry: dict, path: Path) -> Table:
    """One `tables:` entry of a sources file as a Table."""
    columns = tuple(_column(column, entry["name"], path) for column in entry.get("columns", []))
    return Table(
        name=entry["name"],
        source=source,
        description=_text(entry),
        required=_is_required(entry),
        columns=columns,
    )


def _column(entry: dict, table: str, path: Path) -> Column:
    """One `columns:` entry as a Column, its type checked here so that callers need not."""
    data_type = str(entry.get("data_type", ""))
    try:
        duckdb_type(data_type)
    except ContractError as error:
        raise ContractError(f"{path.name}: {table}.{entry['name']}: {error}") from error
    return Column(entry["name"], data_type, _text(entry), _is_required(entry))


def _text(entry: dict) -> str:
    return " ".join(str(entry.get("description", "")).split())


def _is_required(entry: dict) -> bool:
    return bool(entry.get("config", {}).get("meta", {}).get("required", False))
