"""A copy of the seeds by which every account is scored by the scorecard `crawl` and by nothing else.

The benchmarks measure the project by what the hand-written SQL beside this file computes too, so nothing
else may be asked for: no other scorecard, task or milestone, and so no signal but those of `crawl`.

    python benchmarks/crawl_seeds.py FOLDER
"""

import csv
import shutil
import sys
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
SCORECARD = "crawl"
EVERYBODY = {
    "segment_id": "everybody", "priority": "1", "attribute": "any", "operator": "is", "value": "any",
    "scorecard_id": SCORECARD, "valid_from": "1900-01-01", "valid_to": "9999-12-31", "note": "benchmark",
}  # fmt: skip
# What asks for signals, or belongs to what asks for them, on behalf of no scorecard.
EMPTIED = ("tasks", "milestones", "point_rule_steps", "answer_limits", "account_overrides")


def crawl_seeds(folder: Path) -> Path:
    """Write the seeds to `folder`, which must not exist, and return it."""
    shutil.copytree(SEEDS, folder)
    for file in sorted((folder / "scorecard").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            columns = reader.fieldnames or []
            rows = list(reader)
        if file.stem == "segments":
            rows = [EVERYBODY]
        elif file.stem in EMPTIED:
            rows = []
        elif "scorecard_id" in columns:
            rows = [row for row in rows if row["scorecard_id"] == SCORECARD]
        with file.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


if __name__ == "__main__":
    crawl_seeds(Path(sys.argv[1]))
