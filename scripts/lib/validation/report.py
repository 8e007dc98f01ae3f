"""The findings as validation.json for programs and validation.html for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from great_tables import GT

from lib.documents import as_json, escaped, write_both

from . import charts, limits
from .bootstrap import Interval
from .calibration import JudgedProbability
from .discrimination import Discrimination
from .drift import Stability
from .judge import Findings

SCHEMA_VERSION = 3
STATUS_WORDS = ("predictive", "not_shown", "not_judged")

STYLE = """
body { font: 16px/1.5 -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; color: #333;
       max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid #ddd; }
.verdict { font-size: 1.25rem; padding: 1rem 1.2rem; border-left: 6px solid; background: #f6f7f8; }
.predictive { border-color: #2e7d4f; } .not_shown { border-color: #b3541e; }
.not_judged { border-color: #777; }
.note { color: #666; font-size: .9rem; } .careful { color: #8a3b12; }
svg { max-width: 100%; height: auto; }
"""


def write_report(findings: Findings, folder: Path) -> list[Path]:
    """Write both files into the folder, and return their paths."""
    return write_both(as_document(findings), as_page(findings), folder / "validation.html")


def as_document(findings: Findings) -> dict[str, Any]:
    """What validation.json holds (docs/validation.md); figures that were refused are null."""
    plain = as_json(findings)
    verdict = plain.pop("verdict")
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": {
            "status": STATUS_WORDS[verdict["status"]],
            "exit_status": verdict["status"],
            "sentence": verdict["sentence"],
        },
        "protocol": {
            **plain.pop("horizon"),
            "bootstraps": plain.pop("bootstraps"),
            "seed": plain.pop("seed"),
            "limits": {
                name.lower(): value for name, value in vars(limits).items() if name.isupper()
            },
        },
        **plain,
    }


def as_page(findings: Findings) -> str:
    """One self-contained page: the verdict first, then the evidence, then what was refused."""
    status = STATUS_WORDS[findings.verdict.status]
    sections = [
        ("What was judged", _judged(findings)),
        ("Churn by band", _bands(findings)),
        ("Does a lower score mean a higher risk", _ranking(findings)),
        ("Against plainer guesses, and against the most the signals allow", _baselines(findings)),
        ("Can the score be read as a probability", _calibration(findings)),
        ("Is the released probability right", _released(findings)),
        ("How long accounts stay", _survival(findings)),
        ("Warning time", _lead_time(findings)),
        ("Entries into the worst band", _entries(findings)),
        ("How steady the bands are", _band_changes(findings)),
        ("Is the population still the same", _drift(findings)),
        ("Does the churn model still expect what happens", _calibration_drift(findings)),
        ("Segments", _segments(findings)),
        ("What was refused, and why", _refused(findings)),
    ]
    body = "\n".join(f"<h2>{title}</h2>\n{content}" for title, content in sections if content)
    warnings = "".join(
        f'<p class="careful">Careful: {escaped(text)}.</p>' for text in findings.warnings
    )
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Does the health score predict churn?</title>
<style>{STYLE}</style></head>
<body>
<h1>Does the health score predict churn?</h1>
<p class="verdict {status}">{escaped(findings.verdict.sentence)}</p>
{warnings}
{body}
<p class="note">Intervals are {limits.CONFIDENCE:.0%} intervals from {findings.bootstraps:,} resamples of
accounts (not of rows) unless said otherwise. How to read each figure: docs/validation.md.</p>
</body>
</html>
"""


def _judged(findings: Findings) -> str:
    counts, horizon = findings.counts, findings.horizon
    facts = [
        ("Observations of accounts", f"{counts.observations:,} of {counts.accounts:,} accounts"),
        ("From, to", f"{counts.first_observation} to {counts.last_observation}"),
        ("Outcome", f"churn within {horizon.horizon_days} days after a gap of {horizon.gap_days}"),
        ("Judged", f"{counts.judged:,}"),
        ("Churned accounts among them", f"{counts.churned_accounts:,}"),
        ("Left out: window not closed", f"{counts.censored:,}"),
        ("Left out: churned in the gap", f"{counts.churned_in_gap:,}"),
        ("Left out: no score", f"{counts.without_score:,}"),
        (
            "Acted on: below the best band, and we reached out in the gap",
            f"{counts.acted_on:,} of {counts.actions_known:,}, {counts.churned_acted_on:,} of them churned"
            if counts.actions_known
            else "not known",
        ),
        ("Churns in the time judged", f"{counts.churns:,}"),
        ("… of accounts never scored before", f"{counts.churns_never_scored:,}"),
        ("… scored, but never on a judged date", f"{counts.churns_scored_never_judged:,}"),
        *((f"… dated by {basis}", f"{found:,}") for basis, found in counts.churns_by_basis.items()),
        *(
            (name.replace("_", " ") + " (must be 0)", f"{found:,}")
            for name, found in findings.integrity.items()
        ),
    ]
    if findings.periods and findings.calibration:
        periods = findings.periods
        facts.append(
            (
                "Whatever was fitted",
                f"used rows whose window closed by {periods.first_judging_date}"
                f" ({periods.churned_accounts_to_fit:,} churned accounts) and was judged on later ones"
                f" ({periods.churned_accounts_to_judge:,})",
            )
        )
    return _table(["", " "], facts, right=False)


def _bands(findings: Findings) -> str:
    if not findings.bands:
        return ""
    rows = [
        (
            band.band, f"{band.observations:,}", f"{band.accounts:,}", f"{band.churned_accounts:,}",
            _percent(band.rate), _ends(band.wilson, _share),
        )
        for band in findings.bands
    ]  # fmt: skip
    columns = ["Band", "Observations", "Accounts", "Churned accounts", "Churn rate", "Wilson"]
    parts = [_table(columns, rows)]
    if any(band.rate for band in findings.bands):
        parts.insert(0, charts.churn_by_band(findings.bands))
    if findings.worst_against_best:
        compared = findings.worst_against_best
        parts.append(
            _said(
                f"{compared.worst} minus {compared.best}: {_points(compared.difference)}"
                f" ({_number(compared.ratio, 2)} times as often)."
            )
        )
    if findings.worst_against_best_not_acted_on:
        rest = findings.worst_against_best_not_acted_on
        parts.append(_said(f"Without those acted on: {_points(rest.difference)}."))
    if findings.trend:
        trend = findings.trend
        parts.append(
            _said(
                f"From one band to the next better one the churn rate changes by {_points(trend.per_band)},"
                f" p {_p_value(trend.p_value)} for no trend (accounts as clusters)."
            )
        )
    parts.append(
        _note("Wilson's interval takes every observation for itself and is therefore too narrow.")
    )
    return "\n".join(parts)


def _ranking(findings: Findings) -> str:
    named = [
        ("all", findings.discrimination),
        ("renewal due inside the window", findings.renewal_due),
        ("no renewal inside it", findings.renewal_not_due),
        ("without accounts acted on", findings.not_acted_on),
    ]
    known = [(name, found) for name, found in named if found]
    if not known:
        return ""
    columns = [
        "Observations", "Churned accounts", "AUC within date", "AUC pooled", "Lift at the top 10 %",
        "Captured there", "Average precision", "Base rate",
    ]  # fmt: skip
    columns[4] = f"Lift at the top {limits.TOP_SHARE:.0%}"
    return _table([" ", *columns], [(name, *_measures(found)) for name, found in known]) + _note(
        "AUC: how often, of a leaver and a stayer, the leaver had the lower score; 0.5 is a coin."
        " Lift: how many times as many leavers as by chance are among the accounts with the lowest scores"
        " of each date; captured: the share of all leavers found there."
    )


def _baselines(findings: Findings) -> str:
    if not findings.baselines:
        return ""
    rows = [
        (
            found.baseline, f"{found.observations:,}", f"{found.churned_accounts:,}",
            _number(found.score_auc_within_date), _number(found.baseline_auc_within_date),
            _number(found.difference_within_date), _number(found.difference_pooled),
        )
        for found in findings.baselines
    ]  # fmt: skip
    columns = [
        "Baseline", "Observations", "Churned accounts", "AUC of the score", "AUC of the baseline",
        "Difference within date", "Difference pooled",
    ]  # fmt: skip
    return charts.differences(findings.baselines) + _table(columns, rows)


def _calibration(findings: Findings) -> str:
    found = findings.calibration
    if not found:
        return ""
    return _probability(
        found,
        f"p = 1 / (1 + exp(−({found.a:.3f} {found.b:+.4f} × score))), fitted on the past only.",
    )


def _released(findings: Findings) -> str:
    return "\n".join(
        _probability(
            found,
            f"Model {found.churn_model_id}, as it was shown from {found.first_observation} to"
            f" {found.last_observation}: {found.observations:,} observations,"
            f" {found.churned_to_judge:,} churned accounts. Nothing was fitted here.",
        )
        for found in findings.released_models or []
    )


def _probability(found: JudgedProbability, note: str) -> str:
    base_rate = (
        "no earlier rows, no base rate"
        if math.isnan(found.brier_of_base_rate)
        else f"{found.brier_of_base_rate:.4f} with the base rate for all"
    )
    rows = [
        ("Brier score", _number(found.brier, 4), base_rate),
        ("Expected calibration error", _number(found.expected_calibration_error, 4), "0 is right"),
        ("Slope", _number(found.slope, 2), "1 is right; below, probabilities are too extreme"),
        ("Intercept", _number(found.intercept, 2), "0 is right; below, too many were expected"),
    ]
    by_date = [
        (str(at.date), f"{at.observations:,}", f"{at.expected:.1f}", f"{at.observed:,}")
        for at in found.dates
    ]
    return (
        charts.calibration_plot(found)
        + _table(["Measure", "Value", " "], rows, right=False)
        + _note(note)
        + _table(["Judging date", "Observations", "Churn expected", "observed"], by_date)
    )


def _survival(findings: Findings) -> str:
    found = findings.survival
    if not found:
        return ""
    rows = [
        (curve.band, f"{curve.accounts:,}", f"{curve.churned_accounts:,}") for curve in found.curves
    ]
    log_rank = (
        ""
        if found.log_rank_p_value is None
        else f"Log-rank test that the curves are one: χ² {found.log_rank_chi_square:.1f},"
        f" p {_p_value(found.log_rank_p_value)}. "
    )
    return (
        charts.survival_curves(found.curves)
        + _table(["First scored in", "Accounts", "Churned"], rows)
        + _said(
            f"{log_rank}Concordance up to day {found.concordance_days}: Harrell {_number(found.harrell)},"
            f" Uno {_number(found.uno)}."
        )
        + _note("One row per account: its first score. Accounts that have not left are censored.")
    )


def _lead_time(findings: Findings) -> str:
    found = findings.lead_time
    if not found:
        return ""
    lead = (
        " Half of those leavers were there for the first time {1:.0f} days before or earlier"
        " (quartiles {0:.0f} and {2:.0f}; {days} is the most that is looked back).".format(
            *found.lead_days, days=found.days
        )
        if found.lead_days
        else ""
    )
    return _said(
        f"Of {found.leavers:,} leavers, {_percent(found.leavers_share)} (Wilson) were in the worst band in"
        f" their last {found.days} days; of those who stayed, {found.stayers_share:.0%} were in the same"
        f" days.{lead}"
    )


def _entries(findings: Findings) -> str:
    found = findings.entries
    if not found:
        return ""
    return _said(
        f"{found.entries:,} entries of {found.accounts:,} accounts: {_percent(found.precision)} were"
        f" followed by churn in the window, where {found.base_rate:.1%} of all observations were. False"
        f" alarms per 100 accounts and year: {_number(found.false_alarms_per_100_accounts_a_year, 0)}."
    )


def _band_changes(findings: Findings) -> str:
    found = findings.band_changes
    if not found:
        return ""
    return _said(
        f"An account changes band {_number(found.changes_per_account_a_year, 2)} times a year;"
        f" {_percent(found.flap_share)} of the changes are flaps, back within {limits.FLAP_DAYS} days."
    )


def _drift(findings: Findings) -> str:
    found = findings.drift
    if not found:
        return ""
    last = max(item.months[-1].date for item in found.items)
    rows = []
    for item in sorted(found.items, key=lambda item: -item.months[-1].index):
        at = item.months[-1]
        if at.date == last:
            rows.append(
                (
                    item.name, f"{at.index:.3f}", f"{at.chance:.3f}",
                    f"{max(month.index for month in item.months):.3f}",
                    "–" if at.mean_points is None else f"{at.mean_points:.1f}",
                    f"{at.reference_mean_points:.1f}", _share(at.not_observed),
                    _share(at.reference_not_observed), _asked(at),
                )
            )  # fmt: skip
    columns = [
        "Item", "Index", "By chance alone", "Highest", "Mean points", "in the reference",
        "Not observed", "then", " ",
    ]  # fmt: skip
    picture = (
        charts.stability(found.score.months, found.question_above, found.shift_above)
        if found.score
        else ""
    )
    return (
        picture
        + _table(columns, rows)
        + _note(
            f"On {last}: population stability index of the points of each item, against the first months"
            " in which it was observed. To be read every month. Above"
            f" {found.question_above:g}, and above chance, ask why; above {found.shift_above:g} it is another"
            " population. It opens a question: it retrains nothing, and is no reason to change weights."
        )
    )


def _calibration_drift(findings: Findings) -> str:
    if not findings.calibration_drift:
        return ""
    rows = [
        (
            f"{quarter.quarter_starts_on}", quarter.model_id, quarter.horizon_id, f"{quarter.accounts:,}",
            f"{quarter.churned_accounts:,}", _share(quarter.expected),
            _percent(quarter.observed) or "refused",
            "" if quarter.calibration in (None, "as_expected") else _words(quarter.calibration),
        )
        for quarter in findings.calibration_drift
    ]  # fmt: skip
    columns = [
        "Quarter from", "Model", "Horizon", "Accounts", "Churned", "Expected", "Observed", " ",
    ]  # fmt: skip
    return _table(columns, rows) + _note(
        "To be read every quarter. Each account counts once a quarter, with the probability that the released"
        " model gave it then; intervals are Wilson's. A quarter that lies outside asks for a new calibration,"
        " which a person releases."
    )


def _segments(findings: Findings) -> str:
    if not findings.segments:
        return ""
    rows = []
    for segment in findings.segments:
        measured, compared = segment.discrimination, segment.worst_against_best
        rows.append(
            (
                segment.segment_id, f"{segment.accounts:,}", f"{segment.churned_accounts:,}",
                _number(measured.auc_within_date) if measured else "refused",
                _number(measured.lift, 1) if measured else "refused",
                _points(compared.difference) if compared else "refused",
                "pooled" if segment.is_pooled else "",
            )
        )  # fmt: skip
    columns = [
        "Segment", "Accounts", "Churned accounts", "AUC within date", "Lift", "Worst minus best band", " ",
    ]  # fmt: skip
    return _table(columns, rows) + _note("pooled: too small to fit anything for the segment alone.")


def _refused(findings: Findings) -> str:
    rows = [(refusal.what, refusal.why) for refusal in findings.refused]
    return (
        _table(["Figure", "Why it is not given"], rows, right=False) if rows else _said("Nothing.")
    )


def _measures(found: Discrimination) -> tuple[str, ...]:
    return (
        f"{found.observations:,}", f"{found.churned_accounts:,}", _number(found.auc_within_date),
        _number(found.auc_pooled), _number(found.lift, 1), _percent(found.capture),
        _number(found.average_precision), _share(found.base_rate),
    )  # fmt: skip


def _asked(month: Stability) -> str:
    """The word of a month that is not stable, and whether the scorecard itself is another one."""
    if month.stability == "stable":
        return ""
    return _words(month.stability) + (", new version" if month.new_version else "")


def _words(word: str) -> str:
    return word.replace("_", " ")


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: bool = True) -> str:
    frame = pd.DataFrame([list(row) for row in rows], columns=list(columns))  # cells are escaped by GT
    # A table's id only scopes its style, and every table has the same.
    table = GT(frame, id="validation").tab_options(table_font_size="14px", table_margin_left="0")
    if right:
        table = table.cols_align("right", columns=list(columns[1:]))
    return table.cols_align("left", columns=[columns[0]]).as_raw_html()


def _said(text: str) -> str:
    return f"<p>{escaped(text)}</p>"


def _note(text: str) -> str:
    return f'<p class="note">{escaped(text)}</p>'


def _share(value: float) -> str:
    return f"{value:.1%}"


def _percent(interval: Interval | None) -> str:
    return "" if interval is None else _with_ends(interval, _share)


def _points(interval: Interval) -> str:
    scaled = interval.scaled(100)
    return _with_ends(scaled, "{:+.1f}".format) + " percentage points"


def _number(interval: Interval, digits: int = 3) -> str:
    return _with_ends(interval, f"{{:.{digits}f}}".format)


def _with_ends(interval: Interval, words: Any) -> str:
    if math.isnan(interval.value):
        return "–"
    return f"{words(interval.value)} {_ends(interval, words)}"


def _ends(interval: Interval | None, words: Any) -> str:
    if interval is None or math.isnan(interval.low):
        return ""
    return f"({words(interval.low)} to {words(interval.high)})"


def _p_value(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
