"""Pictures of the report, as SVG text that stands inside the page."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from .bands import BandRate
from .bootstrap import Interval
from .calibration import JudgedProbability
from .discrimination import Comparison
from .drift import Stability
from .survival import SurvivalCurve

INK, ACCENT, PALE = "#333333", "#1f5a94", "#9aa5b1"
# From bad to good, for as many bands as there are; grey without a rank.
LADDER = plt.get_cmap("RdYlGn")
STYLE = {
    "svg.fonttype": "none", "svg.hashsalt": "validation", "font.family": "sans-serif", "font.size": 10,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": PALE,
    "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK, "ytick.color": INK,
}  # fmt: skip


class Picture:
    """Filled with the SVG text when the block that draws it ends."""

    svg = ""


@contextmanager
def _picture(height: float) -> Iterator[tuple[Axes, Picture]]:
    picture = Picture()
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(7.2, height), layout="constrained")
        yield axes, picture
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    picture.svg = text.getvalue()[text.getvalue().index("<svg") :]


def churn_by_band(bands: Sequence[BandRate]) -> str:
    """Churn rate per band with both intervals, the worst band on top."""
    shown = [band for band in bands if band.observations]
    with _picture(0.8 + 0.45 * len(shown)) as (axes, picture):
        for row, (band, colour) in enumerate(zip(shown, _colours(shown), strict=True)):
            _whisker(axes, band.wilson, row, PALE, 7)
            _whisker(axes, band.rate, row, INK, 1.5)
            axes.plot(band.rate.value, row, "o", color=colour, markeredgecolor=INK, markersize=9)
        axes.set_yticks(range(len(shown)), [band.band for band in shown])
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(PercentFormatter(1, 0))
        axes.set_xlabel("left within the window (line: accounts resampled; grey: Wilson)")
    return picture.svg


def differences(comparisons: Sequence[Comparison]) -> str:
    """AUC of the score minus that of each baseline; right of zero the score is better."""
    with _picture(0.8 + 0.4 * len(comparisons)) as (axes, picture):
        for row, compared in enumerate(comparisons):
            _whisker(axes, compared.difference_within_date, row, INK, 1.5)
            axes.plot(compared.difference_within_date.value, row, "o", color=ACCENT, markersize=8)
        axes.axvline(0, color=PALE, linewidth=1)
        axes.set_yticks(range(len(comparisons)), [compared.baseline for compared in comparisons])
        axes.set_ylim(len(comparisons) - 0.5, -0.5)
        axes.set_xlabel("AUC of the score minus AUC of the baseline, within date")
    return picture.svg


def calibration_plot(found: JudgedProbability) -> str:
    """Expected against observed churn per bin; on the line both are the same."""
    with _picture(4.2) as (axes, picture):
        highest = max(
            [bin.expected for bin in found.bins] + [bin.observed.high for bin in found.bins]
        )
        axes.plot([0, highest], [0, highest], color=PALE, linewidth=1)
        for bin in found.bins:
            axes.plot(
                [bin.expected] * 2, [bin.observed.low, bin.observed.high], color=INK, linewidth=1.5
            )
            axes.plot(bin.expected, bin.observed.value, "o", color=ACCENT, markersize=7)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1, 0))
        axes.set_xlabel("expected churn")
        axes.set_ylabel("observed churn")
    return picture.svg


def survival_curves(curves: Sequence[SurvivalCurve]) -> str:
    """Share of accounts that has not left, by the band in which they were first scored."""
    with _picture(3.8) as (axes, picture):
        for curve, colour in zip(curves, _colours(curves), strict=True):
            days, share = [0, *curve.days], [1.0, *curve.share]
            axes.step(days, share, where="post", color=colour, linewidth=2, label=curve.band)
            axes.fill_between(
                days, [1.0, *curve.low], [1.0, *curve.high], step="post", color=colour, alpha=0.15
            )
        axes.set_ylim(0, 1.02)
        axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
        axes.set_xlabel("days since first scored")
        axes.set_ylabel("still there")
        axes.legend(frameon=False, loc="lower left")
    return picture.svg


def stability(months: Sequence[Stability], question_above: float, shift_above: float) -> str:
    """Population stability index of the score by date, with what chance alone gives."""
    with _picture(2.6) as (axes, picture):
        days = [found.date for found in months]
        axes.plot(days, [found.index for found in months], "o-", color=ACCENT, label="score")
        axes.plot(days, [found.chance for found in months], color=PALE, label="chance alone")
        for limit, words, style in (
            (question_above, "above: ask why", ":"),
            (shift_above, "above: another population", "--"),
        ):
            axes.axhline(limit, color=INK, linewidth=0.8, linestyle=style, label=words)
        axes.set_ylim(bottom=0)
        axes.set_ylabel("stability index")
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
        axes.tick_params(axis="x", rotation=30)
    return picture.svg


def _whisker(axes: Axes, interval: Interval, row: int, colour: str, width: float) -> None:
    axes.plot(
        [interval.low, interval.high],
        [row, row],
        color=colour,
        linewidth=width,
        solid_capstyle="butt",
    )


def _colours(bands: Sequence[BandRate | SurvivalCurve]) -> list:
    """A colour per band in the order given, worst first; grey for bands without a rank."""
    ranked = sum(not math.isnan(band.band_rank) for band in bands)
    ladder = [LADDER(number / max(ranked - 1, 1) * 0.8 + 0.1) for number in range(ranked)]
    return ladder + [PALE] * (len(bands) - ranked)
