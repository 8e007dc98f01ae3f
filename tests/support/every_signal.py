"""A scorecard that weighs every signal of the registry, so that each of them is measured."""

import csv
from decimal import Decimal

from support.dbt import PROJECT

Rows = tuple[tuple[str, tuple[str, ...]], ...]


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / "scorecard" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def every_signal() -> Rows:
    """Seed rows of a scorecard for all accounts: a dimension a family, the weights in it alike, each signal
    by a curve that a shipped scorecard gives it."""
    families: dict[str, list[str]] = {}
    for row in _seed("signals"):
        families.setdefault(row["family"], []).append(row["signal_id"])
    curves = {row["signal_id"]: row["curve_id"] for row in _seed("scorecard_signals")}
    return (
        ("scorecards", ("everything,1,1900-01-01,live,none,0,0.2,0.2,2,7,5,tests,every signal",)),
        (
            "dimensions",
            tuple(f"everything,1,{name},{share}" for name, share in _shares(list(families))),
        ),
        (
            "scorecard_signals",
            tuple(
                f"everything,1,{family},{signal},{share},{curves.get(signal, 'active_share')}"
                for family, signals in families.items()
                for signal, share in _shares(signals)
            ),
        ),
        ("bands", ("everything,1,low,0,50", "everything,1,high,50,100")),
        ("segments", ("everybody,1,any,is,any,everything,1900-01-01,9999-12-31,tests",)),
    )


def _shares(names: list[str]) -> list[tuple[str, Decimal]]:
    """Shares of 100, as alike as two decimals allow."""
    share = round(Decimal(100) / len(names), 2)
    return [*((name, share) for name in names[:-1]), (names[-1], 100 - share * (len(names) - 1))]
