"""Small hand-made warehouses that hold what a comparison of versions reads, and nothing else."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

RANKS = {"critical": 1, "at_risk": 2, "healthy": 3}
LIMITS = {
    "worst_entries_per_owner_week": 5,
    "owner_weeks_above_percent": 10,
    "revenue_changing_band_percent": 20,
}
TABLES = {
    "staging.stg_scorecard__scorecards": {
        "scorecard_id": "text", "scorecard_version": "integer", "status": "text", "valid_to": "date",
    },
    "staging.stg_scorecard__bands": {
        "scorecard_id": "text", "scorecard_version": "integer", "band_id": "text", "band_rank": "bigint",
    },
    "staging.stg_scorecard__outcome_horizons": {
        "horizon_id": "text", "horizon_days": "integer", "gap_days": "integer",
        "interval_z": "double precision",
    },
    "staging.stg_scorecard__release_limits": {"limit_id": "text", "value": "double precision"},
    "staging.stg_scorecard__signals": {"signal_id": "text", "label": "text"},
    "intermediate.int_scoring__scores": {
        "account_id": "text", "as_of_date": "date", "scorecard_id": "text",
        "scorecard_version": "integer", "status": "text", "health_score": "decimal(9, 4)",
    },
    "intermediate.int_scoring__bands": {
        "account_id": "text", "as_of_date": "date", "scorecard_id": "text",
        "scorecard_version": "integer", "status": "text", "band": "text",
        "band_rank": "bigint", "is_best_band": "boolean",
    },
    "intermediate.int_scoring__contributions": {
        "account_id": "text", "as_of_date": "date", "scorecard_id": "text",
        "scorecard_version": "integer", "status": "text", "contribution_kind": "text",
        "signal_id": "text", "rule_id": "text", "contribution": "decimal(9, 4)",
    },
    "marts.account_health_daily": {
        "account_id": "text", "as_of_date": "date", "spell_number": "integer", "owner_id": "text",
        "recurring_revenue": "decimal(18, 2)",
    },
    "marts.account_health": {"account_id": "text", "account_name": "text"},
    "marts.churn_dates": {"account_id": "text", "spell_number": "integer", "churned_on": "date"},
    "marts.health_outcomes": {
        "account_id": "text", "observation_date": "date", "horizon_id": "text",
        "is_churned": "boolean", "is_censored": "boolean", "is_churned_in_gap": "boolean",
    },
}  # fmt: skip
TABLES_EMPTY = [
    *(f"create schema {schema}" for schema in ("staging", "intermediate", "marts")),
    *(
        f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
        for table, columns in TABLES.items()
    ),
]


@dataclass(frozen=True)
class Day:
    """An account on one day; the shadow band is None where another scorecard scores it."""

    account_id: str
    as_of_date: date
    live_band: str
    shadow_band: str | None
    owner_id: str | None = "csm_1"
    revenue: Decimal | None = Decimal(100)
    spell_number: int = 1
    live_version: int = 1


@dataclass
class Company:
    """What a warehouse holds of two versions: card/1 (card/2) live and card/3 shadow."""

    days: list[Day]
    churned_on: dict[tuple[str, int], date] = field(default_factory=dict)
    outcomes: list[tuple[str, date, str, bool | None]] = field(default_factory=list)
    horizons: Sequence[tuple[str, int, int, float]] = (("quarter", 91, 14, 1.96),)
    limits: Mapping[str, float] = field(default_factory=lambda: dict(LIMITS))

    def statements(self) -> Iterator[str]:
        """The SQL that makes it, for any engine."""
        yield from TABLES_EMPTY
        for table, rows in self._rows().items():
            if rows:
                values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
                yield f"insert into {table} values {values}"

    def write(self, path: Path) -> Path:
        """Make it as a DuckDB file. By way of CSV, which DuckDB reads a hundred times faster."""
        with duckdb.connect(str(path)) as connection, TemporaryDirectory() as folder:
            for statement in TABLES_EMPTY:
                connection.execute(statement)
            filled = {table: rows for table, rows in self._rows().items() if rows}
            for table, rows in filled.items():
                file = Path(folder) / f"{table}.csv"
                with file.open("w", encoding="utf-8", newline="") as lines:
                    csv.writer(lines).writerows(rows)
                connection.execute(f"copy {table} from '{file}' (header false)")
        return path

    def _rows(self) -> dict[str, list[tuple]]:
        live_to = date(9999, 12, 30)
        versions = sorted({day.live_version for day in self.days})
        bands, scores, contributions, daily = [], [], [], []
        for day in self.days:
            card = "card" if day.shadow_band else "other"
            number = day.live_version if day.shadow_band else 1
            key = (day.account_id, day.as_of_date)
            daily.append((*key, day.spell_number, day.owner_id, day.revenue))
            sides = [((card, number, "live"), day.live_band)]
            if day.shadow_band:
                sides.append((("card", 3, "shadow"), day.shadow_band))
            for version, band in sides:
                score = None if band == "unknown" else 30 * RANKS[band]
                rank = RANKS.get(band)
                bands.append((*key, *version, band, rank, rank and rank == max(RANKS.values())))
                scores.append((*key, *version, score))
                if score is not None:
                    parts = {"clamp": ("clamp", "none", 3), "usage": ("signal", "usage", score - 3)}
                    for kind, signal, points in parts.values():
                        contributions.append((*key, *version, kind, signal, "none", points))
        return {
            "staging.stg_scorecard__scorecards": [
                ("card", 3, "shadow", live_to), ("card", 4, "shadow", live_to),
                ("other", 1, "live", live_to), ("idle", 1, "live", live_to),
                ("idle", 2, "shadow", live_to),
                *(("card", number, "live", live_to) for number in versions),
            ],
            "staging.stg_scorecard__bands": [
                (card, number, band, rank)
                for card, number in (("card", 1), ("card", 2), ("card", 3), ("card", 4), ("other", 1))
                for band, rank in RANKS.items()
            ],
            "staging.stg_scorecard__outcome_horizons": list(self.horizons),
            "staging.stg_scorecard__release_limits": list(self.limits.items()),
            "staging.stg_scorecard__signals": [("usage", "Usage")],
            "intermediate.int_scoring__scores": scores,
            "intermediate.int_scoring__bands": bands,
            "intermediate.int_scoring__contributions": contributions,
            "marts.account_health_daily": daily,
            "marts.account_health": [
                (account, f"Name of {account}") for account in {day.account_id for day in self.days}
            ],
            "marts.churn_dates": [(*key, day) for key, day in self.churned_on.items()],
            "marts.health_outcomes": [
                (*outcome, outcome[-1] is None, False) for outcome in self.outcomes
            ],
        }  # fmt: skip


def literal(value: object) -> str:
    """A value as SQL."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, date)):
        return f"'{value}'"
    return str(value)


def days_from(first: date, number: int, step: int = 1) -> list[date]:
    return [first + timedelta(days=step * place) for place in range(number)]
