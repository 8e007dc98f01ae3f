"""Output folders: whose they are, and how finished files get there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from lib.world.parameters import WorldError

MANIFEST = "manifest.json"


def check_folder(folder: Path) -> None:
    """Raise WorldError for a folder with tables that were not generated: somebody's data."""
    if (folder / MANIFEST).is_file():
        return
    if folder.exists() and not folder.is_dir():
        raise WorldError(f"{folder} is a file; name a folder")
    if folder.is_dir() and any(folder.glob("**/*.parquet")):
        raise WorldError(
            f"{folder} holds tables without a manifest of this generator: somebody's data, or a"
            " run that was killed; empty it or name another folder"
        )


def publish(made: Path, folder: Path) -> None:
    """Move finished files into place, in the stead of those of an earlier run.

    The manifest goes first and comes last, so where it stands, it vouches for every table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    for old in [*folder.glob("*.parquet"), *folder.glob("usage_events/part-*.parquet")]:
        old.unlink()
    parts = folder / "usage_events"
    if parts.is_dir() and not any(parts.iterdir()):
        parts.rmdir()
    for new in sorted(made.rglob("*.*"), key=lambda path: (path.name == MANIFEST, path)):
        target = folder / new.relative_to(made)
        target.parent.mkdir(exist_ok=True)
        shutil.move(new, target)


def write_json(path: Path, content: dict) -> None:
    """Write `content` for people to read: indented, in the order given."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
