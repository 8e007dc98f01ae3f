"""The warehouse that dbt built, opened to be read: a DuckDB file or a PostgreSQL database.

Which one, and where, is said by the same settings as in profiles.yml. The SQL that callers pass has
to run on both engines.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg2

DEFAULT_DATABASE = Path("warehouse/customer_health.duckdb")


class WarehouseError(ValueError):
    """A warehouse that cannot be opened or read; the message names it and the mend."""


@dataclass(frozen=True)
class Warehouse:
    """An open warehouse; `place` says where it is, for people."""

    place: str
    connection: Any

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query, by column name.

        Raises WarehouseError where a table or column that it names is not there.
        """
        cursor = self.connection.cursor()
        try:
            cursor.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except (duckdb.Error, psycopg2.Error) as error:
            raise WarehouseError(f"{self.place}: {_explained(error)}") from error
        finally:
            cursor.close()


@contextmanager
def open_warehouse(database: Path | None = None) -> Iterator[Warehouse]:
    """Open a warehouse for reading and close it again.

    A `database` is a DuckDB file. Without one HEALTH_TARGET chooses the engine (duckdb or postgres),
    and HEALTH_DB or the HEALTH_PG_* settings say where it is. Raises WarehouseError.
    """
    target = "duckdb" if database else os.environ.get("HEALTH_TARGET") or "duckdb"
    if target == "duckdb":
        warehouse = _open_duckdb(database or Path(os.environ.get("HEALTH_DB") or DEFAULT_DATABASE))
    elif target == "postgres":
        warehouse = _open_postgres()
    else:
        raise WarehouseError(
            f"HEALTH_TARGET={target}: this script reads duckdb and postgres only."
            " Mend: set one of them, or query the schema marts yourself"
        )
    try:
        yield warehouse
    finally:
        warehouse.connection.close()


def postgres_settings() -> dict[str, str]:
    """Arguments of psycopg2.connect, with the defaults of profiles.yml."""
    return {
        "host": os.environ.get("HEALTH_PG_HOST", "localhost"),
        "port": os.environ.get("HEALTH_PG_PORT", "5432"),
        "user": os.environ.get("HEALTH_PG_USER", "postgres"),
        "password": os.environ.get("HEALTH_PG_PASSWORD", ""),
        "dbname": os.environ.get("HEALTH_PG_DBNAME", "customer_health"),
    }


def _open_duckdb(path: Path) -> Warehouse:
    if not path.is_file():
        raise WarehouseError(
            f"{path}: there is no such database. Mend: run make build, or name the file of an"
            " earlier build (make build DB=file, HEALTH_DB, --database)"
        )
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        text = str(error)
        if "Conflicting lock" in text or "Could not set lock" in text:
            holder = re.search(r"PID \d+", text)
            raise WarehouseError(
                f"{path}: another program is writing to it{f' ({holder[0]})' if holder else ''}."
                " Mend: wait until its build has ended, or close it"
            ) from error
        raise WarehouseError(
            f"{path}: cannot be opened as a DuckDB database: {text.splitlines()[0].rstrip('.!')}."
            " Mend: name the file of a build"
        ) from error
    inside = path.resolve().is_relative_to(Path.cwd())
    return Warehouse(str(path.resolve().relative_to(Path.cwd()) if inside else path), connection)


def _open_postgres() -> Warehouse:
    settings = postgres_settings()
    place = f"PostgreSQL database {settings['dbname']} on {settings['host']}:{settings['port']}"
    try:
        connection = psycopg2.connect(**settings)
    except psycopg2.OperationalError as error:
        raise WarehouseError(
            f"{place}: cannot be reached: {str(error).strip()}"
            "\nMend: set HEALTH_PG_HOST, _PORT, _USER, _PASSWORD and _DBNAME"
        ) from error
    connection.set_session(readonly=True, autocommit=True)
    return Warehouse(place, connection)


def _explained(error: Exception) -> str:
    """What a failed query means for someone who has not written it."""
    first_line = str(error).strip().splitlines()[0]
    absent = (
        duckdb.CatalogException,
        psycopg2.errors.UndefinedTable,
        psycopg2.errors.InvalidSchemaName,
    )
    if isinstance(error, absent):
        return (
            f"the marts are not built here, or not all of them ({first_line})."
            " Mend: run make build, and mend what it reports"
        )
    if isinstance(error, (duckdb.BinderException, psycopg2.errors.UndefinedColumn)):
        return (
            f"the marts were built by another version of the project ({first_line})."
            " Mend: run make build"
        )
    return first_line
