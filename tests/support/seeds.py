"""Copies of the scorecard seeds with rows added, for tests that need another scorecard."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.dbt import PROJECT


def seeds_with(folder: Path, rows: Mapping[str, Sequence[str]]) -> Path:
    """Copy the seeds to `folder` and append CSV lines to the seeds named; return the folder."""
    shutil.copytree(PROJECT / "seeds", folder)
    for seed, lines in rows.items():
        with (folder / "scorecard" / f"{seed}.csv").open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    return folder
