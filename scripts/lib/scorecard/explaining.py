"""Why an account had its score on a day, as a table for the terminal. Reads the marts and nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from lib.terminal import aligned, plain
from lib.warehouse import Warehouse, WarehouseError

Row = dict[str, Any]

HEADS = (
    "dimension", "signal", "product", "value", "scale", "points", "weight", "contribution",
    "points lost", "state",
)  # fmt: skip
LEFT = (0, 1, 2, 9)


def explanation(warehouse: Warehouse, schema: str, account_id: str, day: date | None) -> list[str]:
    """The lines of the explanation, of the account's last scored day where none is named.

    Raises WarehouseError where the account or the day has no row.
    """
    account = f"account_id = '{account_id.replace(chr(39), chr(39) * 2)}'"
    score = _score(warehouse, schema, account_id, account, day)
    rows = warehouse.rows(
        f"""
        select *
        from {schema}.health_contributions
        where {account} and as_of_date = cast('{score["as_of_date"]}' as date)
        """
    )
    rows.sort(key=lambda row: (-(row["points_lost"] or 0), -(row["effective_weight"] or 0), _names(row)))
    return [
        f"== {account_id} at the end of {score['as_of_date']}:"
        f" {_headline(score)}, scorecard {score['scorecard_id']}/{score['scorecard_version']}",
        *aligned(HEADS, [*map(_cells, rows), _sums(rows)], LEFT),
    ]


def _score(
    warehouse: Warehouse, schema: str, account_id: str, account: str, day: date | None
) -> Row:
    """The account's row of the day. Says which days are near where there is none."""
    wanted = f"cast('{day}' as date)" if day else "cast('9999-12-31' as date)"
    near = warehouse.rows(
        f"""
        select
            max(case when as_of_date <= {wanted} then as_of_date end) as earlier,
            min(case when as_of_date >= {wanted} then as_of_date end) as later
        from {schema}.account_health_daily
        where {account}
        """
    )[0]
    days = [one for one in (near["earlier"], near["later"]) if one]
    if not days:
        raise WarehouseError(
            f"{warehouse.place}: there is no account {account_id} in {schema}.account_health_daily."
            " Mend: write its account_id as the marts do; an account without a subscription on any"
            " scored day is not there"
        )
    if day and day not in days:
        raise WarehouseError(
            f"{warehouse.place}: {account_id} has no row on {day}."
            f" Mend: name a scored day; the nearest: {', '.join(map(str, days))}"
        )
    found = warehouse.rows(
        f"""
        select *
        from {schema}.account_health_daily
        where {account} and as_of_date = cast('{days[0]}' as date)
        """
    )
    return found[0]


def _headline(score: Row) -> str:
    if score["health_score"] is None:
        return f"no score ({score['score_reason']}), {score['band']}"
    band = f"{score['band']} since {score['band_since']}"
    if score["raw_band"] != score["band"]:
        band += f" (the day alone: {score['raw_band']})"
    return f"score {score['health_score']}, {band}"


def _names(row: Row) -> tuple[str, ...]:
    named = row["signal_id"] if row["rule_id"] == "none" else row["rule_id"]
    product = "" if row["product_id"] == "all" else row["product_id"]
    return row["dimension_id"], named, product


def _cells(row: Row) -> list[str]:
    state = row["state"] + (f" ({row['state_reason']})" if row["state_reason"] else "")
    if row["account_overrides"]:
        state += f", override: {row['account_overrides']}"
    return [
        *_names(row),
        _rounded(row["value"]),
        _rounded(row["scale"]),
        _fixed(row["points"], 1),
        _percent(row["effective_weight"]),
        _fixed(row["contribution"], 4),
        _fixed(row["points_lost"], 4),
        state if row["contribution_kind"] == "signal" else f"{state}, {row['contribution_kind']}",
    ]


def _sums(rows: list[Row]) -> list[str]:
    def total(column: str) -> Decimal | None:
        values = [row[column] for row in rows if row[column] is not None]
        return sum(values) if values else None

    return [
        "sum", "", "", "", "", "", _percent(total("effective_weight")),
        _fixed(total("contribution"), 4), _fixed(total("points_lost"), 4), "",
    ]  # fmt: skip


def _rounded(number: Decimal | None) -> str:
    return "" if number is None else plain(round(number, 4))


def _fixed(number: Decimal | None, decimals: int) -> str:
    return "" if number is None else f"{number:.{decimals}f}"


def _percent(share: Decimal | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"
