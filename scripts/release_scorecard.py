#!/usr/bin/env python3
"""Release a version of a scorecard: record its rows, so that a later edit of any of them stops the
build and is written as a new version instead.

Recorded are the version's own rows of scorecards, dimensions, scorecard_signals, product_weights, bands,
risk_caps and point_rules, and the curves, registry rows and point_rule_steps that these use, as lines of
scorecard_releases.csv beside them. What a version inherits belongs to the release of the version it
extends, which therefore comes first.

--settings records the rows that belong to no version and hold from a day on (milestones, lifecycle,
adoption, ticket_severities, survey_groups, pulse_levels, sources). A recorded row may no longer be edited,
and is followed by one with a later valid_from instead. Where no score was shown to anybody yet, --anew
records these rows as they are, in place of what was recorded.

No raw data and no warehouse are needed. A version that is released stays so: there is no way back
but to take its lines out of scorecard_releases.csv by hand, which everybody can see in git.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from lib.contract import ContractError
from lib.csv_cells import as_written, harmless_row
from lib.scorecard.definition import PROJECT, Definition, ScorecardError
from lib.scorecard.seed_files import RELEASE_COLUMNS
from lib.scorecard.versions import append_rows


class ReleaseError(ValueError):
    """Something that stops a release; the message names what and the mend."""


@dataclass(frozen=True, order=True)
class Version:
    """A version of a scorecard; the number is text, as in the seeds."""

    scorecard_id: str
    number: str

    def __str__(self) -> str:
        return f"{self.scorecard_id} {self.number}"


# Rows that belong to no version are recorded under the name that stands for all scorecards.
SETTINGS = Version("all", "0")


@dataclass(frozen=True, order=True)
class Row:
    """A row that a release protects: the seed it stands in, its key, and its other cells."""

    seed: str
    row_key: str
    content: str


@dataclass(frozen=True)
class Scorecard:
    """What the seeds say: all versions with status and what they extend, and their own rows."""

    status: dict[Version, str]
    extends: dict[Version, Version]
    rows: dict[Version, set[Row]]


def main(arguments: list[str] | None = None, project: Path = PROJECT) -> int:
    """Run the command line; 0 if the version is released, 1 with one message if nothing was done."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scorecard", nargs="?", metavar="SCORECARD", help="such as standard")
    parser.add_argument("version", nargs="?", metavar="VERSION", help="such as 2")
    parser.add_argument(
        "--all-live", action="store_true", help="release every version in force (live, expansion) that is not released"
    )
    parser.add_argument(
        "--settings", action="store_true", help="record the rows that belong to no version and hold from a day on"
    )
    parser.add_argument(
        "--anew", action="store_true", help="with --settings: in place of all such rows that were recorded"
    )
    options = parser.parse_args(arguments)
    asked = [options.all_live, options.settings, bool(options.scorecard)]
    if sum(asked) != 1 or bool(options.scorecard) != bool(options.version):
        parser.error("give SCORECARD and VERSION, or --all-live, or --settings")
    if options.anew and not options.settings:
        parser.error("--anew goes with --settings: a released version stays as it is")
    chosen = Version(options.scorecard, options.version) if options.scorecard else None
    try:
        if options.settings:
            release_settings(project, options.anew)
        else:
            release(project, chosen)
    except (ReleaseError, ScorecardError, ContractError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def release(project: Path, chosen: Version | None) -> list[Version]:
    """Release one version, or every live one; return those that were not released before.

    Raises ReleaseError before anything is written.
    """
    file = seeds_folder(project) / "scorecard" / "scorecard_releases.csv"
    released = read_releases(file)
    scorecard = read_scorecard(project)
    if chosen is None:
        wanted = [version for version, status in scorecard.status.items() if status != "shadow"]
    else:
        wanted = [chosen]
    new: list[Version] = []
    for version in ancestors_first(scorecard, wanted):
        if version in released:
            refuse_difference(version, released[version], scorecard.rows[version])
            print(f"  {version}: released already, {len(released[version])} rows as recorded")
        else:
            refuse_open_end(version, scorecard, {*released, *new})
            new.append(version)
    if new:
        lines = [
            [version.scorecard_id, version.number, row.seed, row.row_key, row.content]
            for version in new
            for row in sorted(scorecard.rows[version])
        ]
        append_rows(file, lines)
        for version in new:
            print(f"  {version}: released, {len(scorecard.rows[version])} rows recorded")
        print(f"Next: commit {file.relative_to(project)} together with the seeds.")
    return new


def release_settings(project: Path, anew: bool) -> int:
    """Record the rows that hold from a day on; return how many were not recorded, or differently.

    Raises ReleaseError before anything is written.
    """
    file = seeds_folder(project) / "scorecard" / "scorecard_releases.csv"
    recorded = read_releases(file).get(SETTINGS, set())
    with Definition(project, seeds_folder(project) / "scorecard") as definition:
        if anew:
            definition.empty("scorecard_releases", scorecard_id=SETTINGS.scorecard_id)
        refuse_errors(definition)
        present = {
            Row(row["seed"], row["row_key"], row["content"])
            for row in definition.rows("base_scorecard__dated_rows")
        }
    if anew:
        remove_rows(file, SETTINGS)
    lines = [
        [SETTINGS.scorecard_id, SETTINGS.number, row.seed, row.row_key, row.content]
        for row in sorted(present if anew else present - recorded)
    ]
    append_rows(file, lines)
    new = len(present - recorded)
    print(f"  settings: {len(present)} rows recorded, {new} of them new or changed")
    if new:
        print(f"Next: commit {file.relative_to(project)} together with the seeds.")
    return new


def refuse_errors(definition: Definition) -> None:
    """Refuse seeds that would stop a build."""
    errors = definition.errors()
    if errors:
        raise ReleaseError(
            "\n  ".join(["the scorecard has errors, nothing is released", *errors])
        )


def remove_rows(file: Path, version: Version) -> None:
    """Take the lines of a version out of the file of releases; a reader sees all or none."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        kept = [row for row in csv.reader(lines) if row[:2] != [version.scorecard_id, version.number]]
    unfinished = file.with_name(f".{file.name}.unfinished-{os.getpid()}")
    with unfinished.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows(map(harmless_row, kept))
    unfinished.replace(file)


def ancestors_first(scorecard: Scorecard, versions: list[Version]) -> list[Version]:
    """The versions, those that others extend before them. Refuses a version that no seed has."""
    for version in versions:
        if version not in scorecard.status:
            known = ", ".join(str(one) for one in sorted(scorecard.status))
            raise ReleaseError(
                f"there is no version {version.number} of a scorecard {version.scorecard_id}."
                f" Mend: add it to scorecards.csv, or release one of: {known}"
            )

    def depth(version: Version) -> int:
        extended = scorecard.extends.get(version)
        return 0 if extended is None else 1 + depth(extended)

    return sorted(versions, key=lambda version: (depth(version), version))


def refuse_difference(version: Version, recorded: set[Row], present: set[Row]) -> None:
    """Refuse rows that differ from those recorded."""
    if recorded == present:
        return
    names = sorted({(row.seed, row.row_key) for row in recorded ^ present})
    rows = "".join(f"\n  {seed}.csv, row {row_key}" for seed, row_key in names)
    raise ReleaseError(
        f"{version} is released, and its rows are not what they were:{rows}\n"
        "Mend: put them back, and write the change as a new version"
    )


def refuse_open_end(version: Version, scorecard: Scorecard, released: set[Version]) -> None:
    """Refuse a version that inherits from one which may still change."""
    extended = scorecard.extends.get(version)
    if extended is not None and extended not in released:
        raise ReleaseError(
            f"{version} extends {extended}, which is not released: an edit of that one would"
            f" change this one. Mend: release {extended} first"
        )


def read_scorecard(project: Path) -> Scorecard:
    """What the seeds say. Raises ReleaseError with what is wrong with them."""
    with Definition(project, seeds_folder(project) / "scorecard") as definition:
        refuse_errors(definition)
        versions = definition.rows("scorecards")
        definitions = definition.rows("base_scorecard__definitions")
    keys = {Version(row["scorecard_id"], row["scorecard_version"]): row for row in versions}
    rows: dict[Version, set[Row]] = {version: set() for version in keys}
    for row in definitions:
        version = Version(row["scorecard_id"], row["scorecard_version"])
        rows[version].add(Row(row["seed"], row["row_key"], row["content"]))
    return Scorecard(
        status={version: row["status"] for version, row in keys.items()},
        extends={
            version: Version(row["extends_scorecard_id"], row["extends_version"])
            for version, row in keys.items()
            if row["extends_scorecard_id"] != "none"
        },
        rows=rows,
    )


def seeds_folder(project: Path) -> Path:
    """The seeds that dbt reads. Refuses a folder outside the project, as make build does."""
    named = os.environ.get("HEALTH_SEEDS") or "seeds"
    if named.startswith("/") or ".." in Path(named).parts:
        raise ReleaseError(
            f"HEALTH_SEEDS={named} must be a folder inside the project, such as seeds."
            " Mend: copy the folder here, or link to it"
        )
    return project / named


def read_releases(file: Path) -> dict[Version, set[Row]]:
    """The rows recorded so far, by version."""
    if not file.is_file():
        raise ReleaseError(f"{file}: no such file. Mend: put it back, {','.join(RELEASE_COLUMNS)} in it")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if reader.fieldnames != RELEASE_COLUMNS:
            raise ReleaseError(
                f"{file}: its first line is not {','.join(RELEASE_COLUMNS)}. Mend: put it back"
            )
        releases: dict[Version, set[Row]] = {}
        for line in reader:
            version = Version(line["scorecard_id"], line["scorecard_version"])
            row = Row(line["seed"], as_written(line["row_key"]), as_written(line["content"]))
            releases.setdefault(version, set()).add(row)
    return releases


if __name__ == "__main__":
    sys.exit(main())
