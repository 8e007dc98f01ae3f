"""The scorecards that a benchmark scores by, as a copy of the project's seeds."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[3] / "seeds"

# A further version that moves weight between two dimensions, and the version it extends.
CHANGED = {
    "shipped": ("standard", 3, {"usage": 24, "engagement": 30}),
    "crawl": ("crawl", 2, {"usage": 50, "support": 30}),
}


def write_seeds(folder: Path, scorecards: str, changed_from: date | None = None) -> Path:
    """Write seeds that score by the `shipped` scorecards or by `crawl` alone to `folder`, and return it.

    With `changed_from` the scorecard has a further version from that day, with other weights.
    """
    shutil.copytree(SEEDS, folder)
    if scorecards == "crawl":
        score_everybody_by("crawl", folder)
    if changed_from:
        scorecard, version, weights = CHANGED[scorecards]
        thresholds = "0.4,0.4,2,7,5"
        _append(
            folder,
            "scorecards",
            f"{scorecard},{version},{changed_from},live,{scorecard},{version - 1},{thresholds}"
            ",benchmark,one changed weight",
        )
        for dimension, weight in weights.items():
            _append(folder, "dimensions", f"{scorecard},{version},{dimension},{weight}")
    return folder


def _append(folder: Path, seed: str, line: str) -> None:
    with (folder / "scorecard" / f"{seed}.csv").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
