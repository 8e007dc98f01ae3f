"""Copies of the scorecard seeds with rows added, for tests that need another scorecard."""

import csv
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.dbt import PROJECT

# Chooses the scorecard of new accounts, which came with the later versions.
LATER_SEGMENT = "new_accounts"


def first_versions(seeds: Path) -> None:
    """Take what was shipped after the first versions out of a copy of the seeds.

    A test that writes a second version of its own then does not depend on those that were shipped since.
    """
    for file in (seeds / "scorecard").glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        kept = [
            row
            for row in rows
            if row.get("scorecard_version", "1") in ("0", "1") and row.get("segment_id") != LATER_SEGMENT
        ]
        if len(kept) < len(rows):
            with file.open("w", encoding="utf-8", newline="") as lines:
                writer = csv.DictWriter(lines, rows[0].keys(), lineterminator="\n")
                writer.writeheader()
                writer.writerows(kept)


def seeds_with(folder: Path, rows: Mapping[str, Sequence[str]], shipped: bool = False) -> Path:
    """Copy the seeds to `folder`, append CSV lines to the seeds named, and return the folder.

    Of the scorecards come the first versions, or with `shipped` all.
    """
    shutil.copytree(PROJECT / "seeds", folder)
    if not shipped:
        first_versions(folder)
    for seed, lines in rows.items():
        with (folder / "scorecard" / f"{seed}.csv").open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    return folder
