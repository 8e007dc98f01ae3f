"""A scorecard and all that extend it: who belongs to a version, and a new version of them all."""

from __future__ import annotations

from collections import defaultdict

from .definition import Definition, Row, ScorecardError
from .differences import versioned_seeds
from .versions import Key, key_of, newest, version_row

Rows = dict[str, list[Row]]


def spelt(version: Key) -> str:
    """A version as the command line writes it."""
    return "/".join(version)


def scorecards_of(definition: Definition, scorecard_id: str) -> set[str]:
    """A scorecard and every one that has a version which extends it. Raises ScorecardError."""
    lineage = definition.rows("base_scorecard__lineage")
    family = {row["scorecard_id"] for row in lineage if row["ancestor_id"] == scorecard_id}
    if not family:
        known = ", ".join(sorted({row["scorecard_id"] for row in lineage}))
        raise ScorecardError(f"there is no scorecard {scorecard_id}. Mend: name one of: {known}")
    return family


def members(definition: Definition, version: Key) -> dict[str, Key]:
    """The newest version, by scorecard, of those that build on this version and on no later one.

    Those that others extend come first.
    """
    chains: dict[Key, list[tuple[int, Key]]] = defaultdict(list)
    for row in definition.rows("base_scorecard__lineage"):
        ancestor = row["ancestor_id"], row["ancestor_version"]
        chains[key_of(row)].append((row["depth"], ancestor))
    found: dict[str, tuple[int, Key]] = {}
    for key, chain in sorted(chains.items(), key=lambda one: (one[0][0], int(one[0][1]))):
        of_scorecard = [step for step in chain if step[1][0] == version[0]]
        if key[0] != version[0] and of_scorecard and min(of_scorecard)[1] == version:
            found[key[0]] = (min(of_scorecard)[0], key)
    return {key[0]: key for _, key in sorted(found.values())}


def left_behind(definition: Definition, before: Key, after: Key) -> list[Key]:
    """Versions that go on building on `before`: the newest of scorecards that have none on `after`."""
    moved = members(definition, after)
    return [
        key for scorecard_id, key in members(definition, before).items()
        if scorecard_id not in moved and int(key[1]) == newest(definition, scorecard_id)
    ]  # fmt: skip


def family_rows(
    definition: Definition, first: Row, extended: str, cells: dict[str, str]
) -> tuple[Rows, list[str]]:
    """Rows, by seed, of `first` and of a new version of every member of the version it extends.

    A member's new version extends the new version of what it extended, and takes over its own rows.
    Returned beside the rows are the names of the versions.
    """
    base = version_row(definition, extended)
    renamed = {key_of(base): key_of(first)}
    added: Rows = {"scorecards": [first]}
    for old in members(definition, key_of(base)).values():
        new = old[0], str(1 + newest(definition, old[0]))
        row = version_row(definition, spelt(old))
        extends = row["extends_scorecard_id"], row["extends_version"]
        parent = renamed.get(extends, extends)
        renamed[old] = new
        version = {"scorecard_id": new[0], "scorecard_version": new[1]}
        chain = {"extends_scorecard_id": parent[0], "extends_version": parent[1]}
        added["scorecards"].append({**row, **version, **chain, **cells})
        for seed in versioned_seeds(definition):
            own = [one for one in definition.rows(seed) if key_of(one) == old]
            added.setdefault(seed, []).extend({**one, **version} for one in own)
    return {seed: rows for seed, rows in added.items() if rows}, [*map(spelt, renamed.values())]
