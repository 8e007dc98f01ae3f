"""The comparison as text for a terminal, as what_if.json for programs and what_if.html for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lib.documents import as_json, escaped, write_both
from lib.validation import limits

from .churn import Separation
from .comparing import Comparison, Outcomes
from .figures import entries_by_owner, revenue_moved
from .reading import SIDES, Migration, Mover

SCHEMA_VERSION = 1
CAUSES_SHOWN = 3

STYLE = """
body { font: 16px/1.5 -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; color: #333;
       max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid #ddd; }
.note { color: #666; font-size: .9rem; } .careful { color: #8a3b12; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: right; vertical-align: top; padding: .2rem .8rem .2rem 0;
         border-bottom: 1px solid #eee; }
th.left, td.left { text-align: left; }
"""


@dataclass(frozen=True)
class Section:
    """A table with its title and a note on how to read it; the first `left` columns hold words."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str
    left: int = 1


def as_text(found: Comparison) -> str:
    """What the terminal shows."""
    parts = [f"== {_title(found)}", *(f"   {line}" for line in _facts(found))]
    parts += [f"   careful: {warning}" for warning in found.warnings]
    for section in _sections(found):
        parts += ["", f"== {section.title}", *_text_table(section), f"   {section.note}"]
    return "\n".join(parts)


def write_report(found: Comparison, folder: Path) -> list[Path]:
    """Write both files into the folder, and return their paths."""
    return write_both(as_document(found), as_page(found), folder / "what_if.html")


def as_document(found: Comparison) -> dict[str, Any]:
    """What what_if.json holds (docs/what_if.md); figures that were refused are null."""
    history = found.history
    return {
        "schema_version": SCHEMA_VERSION,
        "live": str(history.pair.live),
        "shadow": str(history.pair.shadow),
        "first_day": history.pair.first_day.isoformat(),
        "last_day": history.pair.last_day.isoformat(),
        "days": history.days,
        "live_versions": [
            {"scorecard_version": number, "first_day": str(first), "last_day": str(last)}
            for number, first, last in history.pair.live_versions
        ],
        "limits": history.limits,
        "flap_days": limits.FLAP_DAYS,
        "bootstraps": found.bootstraps,
        "seed": found.seed,
        "warnings": found.warnings,
        "migrations": {
            "last_day": [_migration(row, 1) for row in history.last_day],
            "history": [_migration(row, history.days) for row in history.history],
        },
        "entries_into_worst_band": {side: as_json(found.entries[side]) for side in SIDES},
        "outcomes": as_json(found.outcomes),
        "band_changes": as_json(found.band_changes),
        "top_movers": [
            {**as_json(mover), "difference": float(mover.difference)} for mover in found.movers
        ],
    }


def as_page(found: Comparison) -> str:
    """One self-contained page."""
    facts = "".join(f"<p>{escaped(line)}.</p>\n" for line in _facts(found))
    warnings = "".join(f'<p class="careful">Careful: {escaped(text)}.</p>\n' for text in found.warnings)
    sections = "\n".join(
        f"<h2>{escaped(section.title)}</h2>\n{_html_table(section)}\n"
        f'<p class="note">{escaped(section.note)}</p>'
        for section in _sections(found)
    )
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{escaped(_title(found))}</title>
<style>{STYLE}</style></head>
<body>
<h1>{escaped(_title(found))}</h1>
{facts}{warnings}{sections}
<p class="note">How to read each figure: docs/what_if.md.</p>
</body>
</html>
"""


def _title(found: Comparison) -> str:
    return f"What if {found.history.pair.shadow} had been in force instead of {found.history.pair.live}"


def _facts(found: Comparison) -> list[str]:
    history = found.history
    last = sum(row.accounts for row in history.last_day)
    changed = sum(
        row.accounts for row in history.last_day if row.live_band.name != row.shadow_band.name
    )
    moved, every = revenue_moved(history.last_day)
    share = f", {100 * moved / every:.1f} % of their recurring revenue" if every else ""
    return [
        f"compared: {history.days:,} days, {history.pair.first_day} to {history.pair.last_day}",
        f"on the last day {changed:,} of {last:,} accounts are in another band{share}",
    ]


def _sections(found: Comparison) -> list[Section]:
    return [
        _migrations(found),
        _entries(found),
        *(_churn(found, outcomes) for outcomes in found.outcomes),
        _lead_time(found),
        _band_changes(found),
        _movers(found),
    ]


def _migrations(found: Comparison) -> Section:
    history = found.history
    last = {(row.live_band, row.shadow_band): row for row in history.last_day}
    rows = []
    for row in history.history:
        now = last.get((row.live_band, row.shadow_band))
        rows.append(
            (
                row.live_band.name, row.shadow_band.name, f"{now.accounts:,}" if now else "0",
                _money(now.revenue_days if now else Decimal(0)), f"{row.accounts:,}",
                f"{row.account_days:,}", _money(row.revenue_days / history.days),
            )
        )  # fmt: skip
    columns = (
        "live band", "shadow band", "accounts", "revenue", "ever", "account-days", "revenue, mean day",
    )  # fmt: skip
    note = "accounts and revenue: on the last day; the other columns: over all compared days"
    return Section("Band migrations", columns, rows, note, left=2)


def _entries(found: Comparison) -> Section:
    limit = found.history.limits["worst_entries_per_owner_week"]
    live, shadow = (entries_by_owner(found.entries[side], limit) for side in SIDES)
    rows = [
        (
            owner or "(no owner)", f"{mine['weeks']:,}",
            f"{live[owner]['entries_compared']:,}", f"{mine['entries_compared']:,}",
            f"{mine['entries_elsewhere']:,}",
            f"{live[owner]['mean_per_week']:.1f}", f"{mine['mean_per_week']:.1f}",
            f"{live[owner]['most_in_a_week']:,}", f"{mine['most_in_a_week']:,}",
            f"{live[owner]['weeks_above']:,}", f"{mine['weeks_above']:,}",
        )
        for owner, mine in sorted(shadow.items(), key=lambda item: item[0] or "~")
    ]  # fmt: skip
    columns = (
        "CSM", "weeks", "live", "shadow", "elsewhere", "a week, live", "shadow", "most, live", "shadow",
        "weeks above, live", "shadow",
    )  # fmt: skip
    note = (
        "a week, most, weeks above: all accounts of the CSM, those that other scorecards score (elsewhere)"
        f" included; above: more than {limit:g} entries. By week: what_if.json"
    )
    return Section("Entries into the worst band per CSM", columns, rows, note)


def _churn(found: Comparison, outcomes: Outcomes) -> Section:
    horizon = outcomes.horizon
    rows = [
        (
            side, band.band, f"{band.observations:,}", f"{band.accounts:,}",
            f"{band.churned_observations:,}", f"{band.churned_accounts:,}", _share(band.rate),
            f"{_share(band.low)} to {_share(band.high)}" if band.rate is not None else "refused",
        )
        for side in SIDES
        for band in outcomes.bands[side]
    ]  # fmt: skip
    columns = (
        "version", "band", "observations", "accounts", "churned", "churned accounts", "rate",
        "Wilson interval",
    )  # fmt: skip
    said = "; ".join(f"{side} {_separated(outcomes.separation[side])}" for side in SIDES)
    title = (
        f"Churn by band: {horizon.horizon_id}, within {horizon.horizon_days} days after a gap of"
        f" {horizon.gap_days}"
    )
    note = f"worst minus best band, percentage points, accounts resampled: {said}"
    return Section(title, columns, rows, note, left=2)


def _separated(separation: Separation) -> str:
    if separation.difference is None:
        return f"refused ({separation.why_not})"
    scaled = separation.difference.scaled(100)
    return f"{scaled.value:+.1f} ({scaled.low:+.1f} to {scaled.high:+.1f})"


def _lead_time(found: Comparison) -> Section:
    rows = []
    for outcomes in found.outcomes:
        for side in SIDES:
            lead = outcomes.lead_time[side]
            quartiles = " / ".join(f"{days:.0f}" for days in lead.lead_days) if lead.lead_days else "–"
            rows.append(
                (
                    outcomes.horizon.horizon_id, side, f"{lead.days:,}", f"{lead.leavers:,}",
                    f"{lead.leavers_warned:,}", _share(lead.leavers_share), _share(lead.stayers_share),
                    quartiles,
                )
            )  # fmt: skip
    columns = (
        "horizon", "version", "last days", "leavers", "in worst band", "share", "stayers, same days",
        "days before churn",
    )  # fmt: skip
    note = (
        "leavers: whose last days all lie in the history; days before churn: quartiles, from the first day in"
        " the worst band in that time"
    )
    return Section("Lead time", columns, rows, note, left=2)


def _band_changes(found: Comparison) -> Section:
    rows = [
        (
            side, f"{changes.account_years:,.1f}", f"{changes.changes:,}",
            _number(changes.changes_per_account_a_year), f"{changes.flaps:,}", _share(changes.flap_share),
        )
        for side, changes in found.band_changes.items()
    ]  # fmt: skip
    columns = ("version", "account-years", "changes", "per account and year", "flaps", "share")
    return Section(
        "Changes of band", columns, rows,
        f"flap: a change that is undone within {limits.FLAP_DAYS} days",
    )  # fmt: skip


def _movers(found: Comparison) -> Section:
    rows = [
        (
            mover.account_name or mover.account_id, mover.owner_id or "–",
            _because(mover), f"{mover.live_score:.1f}", f"{mover.shadow_score:.1f}",
            f"{mover.difference:+.1f}", f"{mover.live_band} → {mover.shadow_band}",
            "–" if mover.recurring_revenue is None else _money(mover.recurring_revenue),
        )
        for mover in found.movers
    ]  # fmt: skip
    columns = ("account", "CSM", "because", "live", "shadow", "difference", "band", "revenue")
    return Section(
        f"Top movers on {found.history.pair.last_day}", columns, rows,
        "because: the rows of the score that differ most, points under live → shadow", left=3,
    )  # fmt: skip


def _because(mover: Mover) -> str:
    shown = [cause for cause in mover.causes if cause.difference][:CAUSES_SHOWN]
    return "; ".join(
        f"{cause.label} {_points(cause.live)} → {_points(cause.shadow)}" for cause in shown
    )


def _points(value: Decimal | None) -> str:
    return "none" if value is None else f"{value:.1f}"


def _migration(row: Migration, days: int) -> dict[str, Any]:
    return {
        "live_band": row.live_band.name,
        "shadow_band": row.shadow_band.name,
        "accounts": row.accounts,
        "account_days": row.account_days,
        "recurring_revenue": float(row.revenue_days / days),
        "account_days_without_revenue": row.account_days_without_revenue,
    }


def _money(value: Decimal) -> str:
    return f"{value:,.0f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _text_table(section: Section) -> list[str]:
    table = [section.columns, *section.rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(section.columns))]
    return [
        "   "
        + "  ".join(
            cell.ljust(width) if place < section.left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


def _html_table(section: Section) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(
            f"<{tag}{' class=left' if place < section.left else ''}>{escaped(cell)}</{tag}>"
            for place, cell in enumerate(cells)
        ) + "</tr>"

    return "\n".join(
        ["<table>", line(section.columns, "th"), *(line(row, "td") for row in section.rows), "</table>"]
    )
