"""Whatever lies in the raw tables, nothing crashes, nothing is lost and no score leaves its bounds.

The SQL is the models' own, as dbt compiled it for a shared warehouse; only the raw tables are spoilt, column
by column, in values and in types. They lie in memory, and the models are run one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.contract import Column, duckdb_type, read_contract
from support.dbt import PROJECT
from support.worlds import World

CONTRACT = read_contract(PROJECT)
ACCOUNTS = 8

LONG = "x" * 10_000_000
TEXTS = (
    "", " ", "\t\n", "none", "null", "NaN", "any", "all", "0", "-1", "true", "default",
    "'; drop table raw.accounts; --", '"; drop schema raw cascade; --', "' or '1'='1", "x' union select",
    "{{ env_var('HOME') }}", "{% do run_query('drop table raw.accounts') %}", "{# #}", "$1", "%s", "\\", "\\'",
    "a/b", "a|b", "a,b", "ä", "Ä", "é", "e\u0301", "ß", "İ", "ı", "\u200b", "\u00a0", "\ufeff", "\u202egnp.exe",
    "مرحبا", "שלום", "👩‍👩‍👧‍👦", "a\x00b", "\x00", "\x07", "a\r\nb", "\U0010ffff", "x" * 300, LONG,
)  # fmt: skip
DATES = (
    "0001-01-01", "0001-12-31 (BC)", "1582-10-10", "1899-12-31", "1900-01-01", "1969-12-31", "1970-01-01",
    "2024-02-29", "2025-12-31", "2026-03-29", "2026-10-25", "2038-01-20", "2100-02-28", "9999-01-01",
    "9999-12-30", "9999-12-31", "10000-01-01", "290000-01-01", "infinity", "-infinity",
)  # fmt: skip
CLOCK = ("00:00:00", "02:30:00", "23:59:59.999999")
WHOLES = (0, 1, -1, 2**31, 10**12, 10**13, 2**62, 2**63 - 1, -(2**63))
FLOATS = (
    "nan", "inf", "-inf", "1e308", "-1e308", "1e-320", "-0.0", "0.5", "9.3e18", "1e12", "1e16", "0.1",
)  # fmt: skip
# Types of the same family in which the values of a contract type may come.
WIDER = {
    "string": (),
    "bigint": ("DOUBLE", "FLOAT", "HUGEINT", "DECIMAL(38,6)", "INTEGER"),
    "boolean": (),
    "date": (),
    "timestamp": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_NS"),
    "decimal": ("DOUBLE", "FLOAT", "HUGEINT", "DECIMAL(38,10)", "BIGINT"),
}


def family(column: Column) -> str:
    return column.data_type.split("(")[0]


@dataclass(frozen=True)
class Spoilt:
    """Every nth row of a column, in a type of the same family, with another value (as a text)."""

    table: str
    column: str
    data_type: str
    value: str | None
    every: int


@cache
def values(data_type: str, name: str) -> tuple[str, ...]:
    """What may stand in a column of a DuckDB type, spelt as DuckDB takes it."""
    if data_type == "VARCHAR":
        return TEXTS
    if data_type == "BOOLEAN":
        return ("true", "false")
    if data_type == "DATE":
        return DATES
    if data_type.startswith("TIMESTAMP"):
        return tuple(
            f"{day} {clock}" if day[-1].isdigit() else day for day in DATES for clock in CLOCK
        )
    return (*map(str, WHOLES), *FLOATS)
