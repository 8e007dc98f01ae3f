"""Accounts, where there are raw files or a warehouse to look at: which exist, and who scores them."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from lib.warehouse import WarehouseError, open_warehouse

from .definition import Row
from .versions import Key, key_of

DEFAULT_RAW = Path("data/raw")


@dataclass(frozen=True)
class Known:
    """The accounts that exist, and where that is said."""

    place: str
    account_ids: frozenset[str]


@dataclass(frozen=True)
class Scored:
    """How many accounts have a row on the last scored day, by the version that scores them."""

    last_day: date
    counts: Counter[Key]

    def told(self, version: Row) -> str:
        """What the version scores on that day, or would score."""
        name = "/".join(key_of(version))
        if version["status"] == "expansion":
            return f"{name} scores readiness to grow, of all {sum(self.counts.values())} accounts"
        if key_of(version) in self.counts:
            return f"{name} scores {self.counts[key_of(version)]} account(s)"
        would = sum(
            count for key, count in self.counts.items() if key[0] == version["scorecard_id"]
        )
        return f"{name} scores no account, and would score {would} if it were in force"


def known_accounts(database: Path | None) -> Known | None:
    """The accounts of the raw files, else of the warehouse; None where there is neither."""
    folder = os.environ.get("HEALTH_RAW") or str(DEFAULT_RAW)
    if database is None and folder != "none":
        files = [
            str(path)
            for pattern in ("accounts.parquet", "accounts/**/*.parquet", "accounts.parquet/**/*.parquet")
            for path in sorted(Path(folder).glob(pattern))
            if path.is_file()
        ]
        if files:
            try:
                rows = duckdb.connect().execute(
                    "select distinct cast(account_id as varchar) from read_parquet(?, union_by_name = true)",
                    [[glob.escape(file) for file in files]],
                ).fetchall()  # fmt: skip
            except duckdb.Error:
                return None  # the build says what is wrong with it
            return Known(folder, _trimmed(row[0] for row in rows))
    try:
        with open_warehouse(database) as warehouse:
            rows = warehouse.rows("select distinct account_id from staging.stg_crm__accounts")
            return Known(warehouse.place, _trimmed(row["account_id"] for row in rows))
    except WarehouseError:
        return None


def scored_accounts(database: Path | None, schema: str) -> Scored:
    """Who scores how many. Raises WarehouseError where there is no warehouse."""
    with open_warehouse(database) as warehouse:
        rows = warehouse.rows(
            f"""
            select as_of_date, scorecard_id, scorecard_version, count(*) as accounts
            from {schema}.account_health_daily
            where as_of_date = (select max(as_of_date) from {schema}.account_health_daily)
            group by as_of_date, scorecard_id, scorecard_version
            """
        )
    counts: Counter[Key] = Counter()
    for row in rows:
        counts[str(row["scorecard_id"]), str(row["scorecard_version"])] += row["accounts"]
    if not rows:
        raise WarehouseError(f"{warehouse.place}: no account is scored. Mend: run make build")
    return Scored(rows[0]["as_of_date"], counts)


def _trimmed(account_ids: Iterable[str | None]) -> frozenset[str]:
    return frozenset(one.strip() for one in account_ids if one)
