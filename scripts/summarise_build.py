#!/usr/bin/env python3
"""Say what a build made: what to mend in the data, how many accounts are scored, in which band, on
which sources, what became of the raw rows, which accounts need attention most, and whether the score predicts who
leaves. Reads the marts and nothing else.

The warehouse is the DuckDB file of --database or HEALTH_DB; with HEALTH_TARGET=postgres it is the
PostgreSQL database that the HEALTH_PG_* settings name (profiles.yml).
"""

from __future__ import annotations

import math
import sys
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from lib.command_line import add_database, add_schema, new_parser
from lib.terminal import aligned, say
from lib.validation.bands import BandRate
from lib.validation.bootstrap import Interval
from lib.validation.limits import BOOTSTRAPS, SEED
from lib.validation.reading import choose_horizon, horizons, read_observations
from lib.validation.verdict import Decision, Status, decide
from lib.warehouse import Warehouse, WarehouseError, open_warehouse

# Less use than this share of what the same weekdays before had is worth a word; no score depends on it.
SCANT_SHARE = 0.1
WEEKS_BEFORE = 4
ACCOUNTS_SHOWN = 5
REASONS_SHOWN = 2

Row = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 with a summary, 1 with one message where there is none to give."""
    parser = new_parser(__doc__)
    add_database(parser)
    add_schema(parser)
    parser.add_argument(
        "--demo", action="store_true", help="end with what the demo company shows, for newcomers"
    )
    options = parser.parse_args(arguments)
    try:
        with open_warehouse(options.database) as warehouse:
            say(summary(warehouse, options.schema, options.demo))
    except WarehouseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def summary(warehouse: Warehouse, schema: str = "marts", is_demo: bool = False) -> list[str]:
    """The lines of the summary. Raises WarehouseError where there are no marts or no rows."""
    [scored] = warehouse.rows(
        f"""
        select
            count(*) as accounts,
            count(health_score) as scored,
            (select min(as_of_date) from {schema}.source_health) as first_day,
            (select max(as_of_date) from {schema}.source_health) as last_day,
            (
                select max(as_of_date) from {schema}.source_health
                where as_of_date < (select max(as_of_date) from {schema}.source_health)
            ) as day_before,
            (select max(as_of_date) from {schema}.account_health_daily) as last_customer_day
        from {schema}.account_health
        """
    )
    if scored["last_customer_day"] is None:
        raise WarehouseError(
            f"{warehouse.place}: the build made no score. No usage event falls on a day that a"
            " subscription of its account covers. Mend: compare account_id and the dates of"
            " usage_events and subscriptions; the rejected rows are in the schema staging, in"
            " the views named <raw table>_rejects\n" + "\n".join(findings(warehouse, schema))
        )
    is_weekly = scored["day_before"] == scored["last_day"] - timedelta(weeks=1)
    head = [
        f"== customer health at the end of {scored['last_day']}",
        f"   database: {warehouse.place}",
        f"   scored each {'Sunday' if is_weekly else 'day'} from {scored['first_day']} on",
    ]
    if not scored["accounts"]:
        return [
            *head,
            f"   nobody is a customer on that day; the last scored day with a customer is {scored['last_customer_day']}.",
            "   If somebody is, subscriptions lack the latest periods. Mend: bring them, and build again",
            "",
            *findings(warehouse, schema),
            "",
            *sources(warehouse, schema),
            "",
            *marts(warehouse, schema),
            "",
            *prediction(warehouse, schema, is_demo),
        ]
    return [
        *head,
        f"   accounts: {scored['accounts']:,}, {scored['scored']:,} of them scored"
        + unscored_reasons(warehouse, schema),
        *scant_use(warehouse, schema, scored["last_day"], is_weekly),
        "",
        *findings(warehouse, schema),
        "",
        *bands(warehouse, schema),
        "",
        *sources(warehouse, schema),
        "",
        *marts(warehouse, schema),
        "",
        *attention(warehouse, schema),
        "",
        *prediction(warehouse, schema, is_demo),
    ]


def findings(warehouse: Warehouse, schema: str) -> list[str]:
    """What is untidy in the raw data, the most important first, each with its mend."""
    rows = warehouse.rows(
        f"""
        select says, mend from {schema}.data_findings
        order by position, finding_id, source_id
        """
    )
    lines = ["== what to mend in the data"]
    for number, row in enumerate(rows, 1):
        lines += [f"   {number}. {row['says']}", f"      Mend: {row['mend']}"]
    return lines if rows else [*lines, "   nothing"]


def scant_use(warehouse: Warehouse, schema: str, last_day: date, is_weekly: bool) -> list[str]:
    """A line where so little was used up to the last scored day that it may not be one."""
    rows = warehouse.rows(
        f"""
        select
            as_of_date,
            rows_staged - lag(rows_staged) over (order by as_of_date) as events
        from {schema}.source_health
        where source_id = 'usage_events'
        order by as_of_date
        """
    )
    events = {row["as_of_date"]: row["events"] for row in rows}
    days = [last_day - timedelta(weeks=weeks) for weeks in range(WEEKS_BEFORE + 1)]
    now, *before = [events.get(day) for day in days]
    if now is None or None in before or now >= SCANT_SHARE * median(before):
        return []
    then, usual = "on that day", "on the same weekday of"
    if is_weekly:
        then, usual = "in the week to that day", "in each of"
    return [
        f"   careful: {now:,} usage events {then}, and about {median(before):,.0f} {usual} the {WEEKS_BEFORE}"
        " weeks before.",
        "            If events are dated ahead, health__as_of_date sets the last day (README, Dirty data)",
    ]


def unscored_reasons(warehouse: Warehouse, schema: str) -> str:
    """Why accounts have no score, as the rest of a line; empty where all have one."""
    reasons = warehouse.rows(
        f"""
        select score_reason, count(*) as accounts
        from {schema}.account_health
        where health_score is null
        group by score_reason
        order by count(*) desc, score_reason
        """
    )
    return "".join(f", {row['accounts']:,} unknown ({row['score_reason']})" for row in reasons)


def bands(warehouse: Warehouse, schema: str) -> list[str]:
    """Accounts and recurring revenue per band, the best band first and unknown last."""
    rows = warehouse.rows(
        f"""
        select
            band,
            count(*) as accounts,
            coalesce(sum(recurring_revenue), 0) as revenue,
            count(*) - count(recurring_revenue) as without_revenue,
            avg(health_score) as mean_score
        from {schema}.account_health
        group by band
        """
    )
    rows.sort(key=lambda row: (row["mean_score"] is None, -(row["mean_score"] or 0), row["band"]))
    accounts = sum(row["accounts"] for row in rows)
    revenue = sum(row["revenue"] for row in rows)
    unknown = sum(row["without_revenue"] for row in rows)
    lines = aligned(
        ["band", "accounts", "", "revenue a month", "", *["accounts of unknown revenue"] * bool(unknown)],
        [
            [
                row["band"],
                f"{row['accounts']:,}",
                percent(row["accounts"], accounts),
                "not known" if row["without_revenue"] == row["accounts"] else f"{row['revenue']:,.0f}",
                percent(row["revenue"], revenue),
                *[count(row["without_revenue"])] * bool(unknown),
            ]
            for row in rows
        ],
    )
    by = "the others are ranked by the median" if unknown < accounts else "they are ranked by points lost"
    note = f"   revenue is known of {accounts - unknown:,} of {accounts:,} accounts; {by}"
    return [*lines, *([note] if unknown else [])]


def sources(warehouse: Warehouse, schema: str) -> list[str]:
    """Which sources are on, and the raw tables of which something has to be said."""
    rows = warehouse.rows(
        f"""
        select * from {schema}.source_health
        where as_of_date = (select max(as_of_date) from {schema}.source_health)
        order by source_id
        """
    )
    on = [row for row in rows if row["is_on"]]
    lines = [f"   sources: {len(on)} of {len(rows)} on"]
    for words, chosen in (
        ("off", [row for row in rows if not row["is_on"]]),
        ("on and empty", [row for row in on if not row["rows_raw"]]),
        ("late", [row for row in on if row["is_late"]]),
    ):
        if chosen:
            lines.append(f"   {words}: {', '.join(row['source_id'] for row in chosen)}")
    told = ("rows_outside_subscription", "rows_duplicate", "rows_conflict", "rows_rejected")
    dirty = [row for row in on if any(row[column] for column in told)]
    if not dirty:
        return [*lines, "   every raw row is in use"]
    table = aligned(
        ["raw table", "raw", "in use", "on unpaid days", "duplicate", "conflict", "rejected", ""],
        [
            [
                row["source_id"],
                f"{row['rows_raw']:,}",
                f"{row['rows_staged']:,}",
                *(count(row[column]) for column in told),
                reject_reasons(row),
            ]
            for row in dirty
        ],
        left=(0, 7),
    )
    return [*lines, "", *table]


def reject_reasons(row: Row) -> str:
    """The most frequent reasons why rows of a source were rejected; dots stand for the others."""
    prefix = "rejected_"
    reasons = {
        column.removeprefix(prefix): rows
        for column, rows in row.items()
        if column.startswith(prefix) and rows
    }
    ordered = sorted(reasons.items(), key=lambda reason: (-reason[1], reason[0]))
    shown = [f"{name} {rows:,}" for name, rows in ordered[:REASONS_SHOWN]]
    return ", ".join(shown + ["…"] * (len(ordered) > REASONS_SHOWN))


def marts(warehouse: Warehouse, schema: str) -> list[str]:
    """Rows of every mart."""
    names = warehouse.rows(
        f"""
        select table_name as mart from information_schema.tables
        where table_schema = '{schema}'
        order by table_name
        """
    )
    table = []
    for row in names:
        [counted] = warehouse.rows(f"select count(*) as mart_rows from {schema}.{row['mart']}")
        table.append([f"{schema}.{row['mart']}", f"{counted['mart_rows']:,}"])
    return aligned(["mart", "rows"], table)


def attention(warehouse: Warehouse, schema: str) -> list[str]:
    """The accounts with the smallest queue_rank, each with its reasons."""
    rows = warehouse.rows(
        f"""
        select * from {schema}.account_health
        where queue_rank <= {ACCOUNTS_SHOWN}
        order by queue_rank
        """
    )
    if not rows:
        return ["== no account has a score, so none is ranked by what is at stake"]
    lines = [
        "== accounts that need attention most",
        "   below the best band first, and there by recurring revenue × points lost",
    ]
    for row in rows:
        name = row["account_name"] or row["account_id"]
        known_as = f" ({row['account_id']})" if row["account_name"] else ""
        revenue = row["recurring_revenue"]
        facts = [
            f"score {row['health_score']:.1f}",
            f"{row['band']} since {row['band_since']}",
            "revenue not known" if revenue is None else f"{revenue:,.0f} a month",
            f"owner {row['owner_id'] or 'not known'}",
        ]
        lines.append(f"   {row['queue_rank']}. {name}{known_as}: {', '.join(facts)}")
        reasons = (row["reason_1"], row["reason_2"], row["reason_3"])
        lines += [f"      - {reason}" for reason in reasons if reason]
    return lines


def prediction(warehouse: Warehouse, schema: str, is_demo: bool) -> list[str]:
    """The verdict that make validate gives without options, and what it rests on."""
    head = "== does the score predict who leaves?"
    try:
        horizon = choose_horizon(horizons(warehouse, schema), None, None)
        observations = read_observations(warehouse, schema, horizon)
    except WarehouseError as error:
        return [head, f"   Could not be judged: {error}"]
    found = decide(observations, BOOTSTRAPS, SEED)
    outcomes = observations.outcomes
    lines = [
        head,
        f"   {found.verdict.sentence}",
        f"   judged: {len(found.rows):,} observations with a score, of {found.rows.account.nunique():,}"
        f" accounts; {found.churned_accounts:,} accounts left within {horizon.horizon_days} days"
        f" (after a gap of {horizon.gap_days})",
        f"   still open: {outcomes.is_censored.sum():,} of {len(outcomes):,} observations",
    ]
    if found.bands:
        lines += ["", *churn_by_band(found.bands)]
    lines += ["", "   make validate writes the evidence to target/validation/validation.html"]
    return [*lines, *(["", *what_the_demo_shows(found)] if is_demo else [])]


def what_the_demo_shows(found: Decision) -> list[str]:
    """What a newcomer may take away from the demo, whichever way its verdict went."""
    head = "== what this demo shows"
    left = f"   {found.churned_accounts:,} customers of this invented company left."
    if found.verdict.status != Status.PREDICTIVE:
        return [
            head,
            f"{left} The score is not shown to predict it.",
            "   The shipped scorecards do on the demo as it is made by default (docs/validation.md): look at what"
            " was changed.",
        ]
    return [
        head,
        f"{left} The score predicts it: the worst band lost a larger share of its",
        "   customers than the best one, beyond chance. It does so with other seeds, too (docs/validation.md).",
        "   A score does not always predict. On RavenStack, another invented company, the same scorecards are",
        "   not shown to (examples/ravenstack/README.md). The summary of your own company says which it is.",
    ]


def churn_by_band(bands: list[BandRate]) -> list[str]:
    """What followed the observations of each band, the worst first; counts alone where rates are refused."""
    heads = ["band", "observations", "churned"]
    counts = [
        [band.band, f"{band.observations:,}", f"{band.churned_observations:,}"] for band in bands
    ]
    if not any(band.rate for band in bands):
        return aligned(heads, counts)
    return aligned(
        [*heads, "", "interval"],
        [[*line, *rate(band.rate)] for line, band in zip(counts, bands, strict=True)],
    )


def percent(part: Decimal | int, whole: Decimal | int) -> str:
    """A share in whole per cent; empty where the whole is nothing."""
    return f"{100 * part / whole:.0f} %" if whole else ""


def rate(found: Interval) -> tuple[str, str]:
    """A churn rate and its interval, in per cent; empty where there are none."""
    value, low, high = (100 * part for part in (found.value, found.low, found.high))
    return (
        "" if math.isnan(value) else f"{value:.1f} %",
        "" if math.isnan(low) else f"{low:.1f} to {high:.1f} %",
    )


def count(rows: int) -> str:
    """A number of rows, with a dot for none so that the others stand out."""
    return f"{rows:,}" if rows else "."


if __name__ == "__main__":
    sys.exit(main())
