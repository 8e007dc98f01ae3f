"""The scorecards that a benchmark scores by, as a copy of the project's seeds."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path

from lib.csv_cells import harmless_row

SEEDS = Path(__file__).resolve().parents[3] / "seeds"

EVERYBODY = {
    "segment_id": "everybody", "priority": "1", "attribute": "any", "operator": "is", "value": "any",
    "valid_from": "1900-01-01", "valid_to": "9999-12-31", "note": "benchmark",
}  # fmt: skip
# What asks for signals, or belongs to what asks for them, on behalf of no scorecard.
EMPTIED = ("tasks", "milestones", "point_rule_steps", "answer_limits", "account_overrides")

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


def score_everybody_by(scorecard: str, folder: Path) -> None:
    """Leave in a copy of the seeds one scorecard, for everybody, and nothing that asks for other signals."""
    for file in sorted((folder / "scorecard").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            columns = reader.fieldnames or []
            rows = list(reader)
        if file.stem == "segments":
            rows = [EVERYBODY | {"scorecard_id": scorecard}]
        elif file.stem in EMPTIED:
            rows = []
        elif "scorecard_id" in columns:
            rows = [row for row in rows if row["scorecard_id"] == scorecard]
        with file.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(harmless_row(row[column] for column in columns) for row in rows)


def _append(folder: Path, seed: str, line: str) -> None:
    with (folder / "scorecard" / f"{seed}.csv").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
