"""Which reference worlds notice a wrong line of SQL: mutants of the compiled models, run without dbt.

    .venv/bin/python tests/mutants.py --worlds dark,versions --then daily,weekly --sample 40 --seed 1

A mutant is one changed place in the compiled SQL of a model. The model and all that rest on it are built
again in a copy of a built world, and what tests/test_reference.py compares is read again. A mutant is
killed if a row of that differs. The worlds of --worlds are tried in their order until one kills it; those
of --then only where none did, to see what they add. Unit tests and all other tests are left out, so what
survives here may be killed there.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "tests"), str(PROJECT / "scripts")]

from conftest import WORLDS  # noqa: E402
from support.worlds import World, built_world  # noqa: E402
from test_reference import CONTRIBUTIONS, SCORES, SHADOWS, STAGED  # noqa: E402

COMPARED = (SCORES, CONTRIBUTIONS, SHADOWS, STAGED)
RELATION = re.compile(r'"warehouse"\."(\w+)"\."(\w+)"')
COMMENT = re.compile(r"--[^\n]*")
# What is changed, by the name of the kind: a pattern, and what stands there instead.
KINDS = {
    "boundary": (r"(?<= )(>=|<=|>|<)(?= )", {">=": ">", "<=": "<", ">": ">=", "<": "<="}),
    "comparison": (r"(?<= )(=|!=)(?= )", {"=": "!=", "!=": "="}),
    "coalesce": (r"\bcoalesce\(([\w.]+), [\w'.]+\)", r"\1"),
    "join": (r"\bleft join\b", "inner join"),
    "off by one": (r"(?<=[+-] )1\b", "2"),
    "condition": (r"(?m)^\s+and (?!.*\b(?:between|case)\b)[^\n()]+$", ""),
    "aggregate": (r"\b(min|max|sum)(?=\()", {"min": "max", "max": "min", "sum": "max"}),
    "null": (r"\bis not null\b", "is null"),
    "union": (r"\bunion all\b", "union"),
    "order": (r" desc\b", ""),
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One place of a model, and its text after the change."""

    model: str
    kind: str
    place: int
    sql: str
    line: str


class Built:
    """A copy of a built world, in which models can be built again from other SQL."""

    def __init__(self, world: World, folder: Path) -> None:
        database = shutil.copy(world.database, folder / world.database.name)
        self.connection = duckdb.connect(str(database), config={"threads": 2})
        self.connection.execute("set enable_progress_bar = false")
        self.kinds = {
            f"{schema}.{name}": kind
            for schema, name, kind in self.connection.execute(
                "select table_schema, table_name, table_type from information_schema.tables"
            ).fetchall()
        }
        compiled = world.target / "compiled" / "customer_health" / "models"
        schemas = {name.partition(".")[2]: name for name in self.kinds}
        self.sql = {
            schemas[file.stem]: file.read_text(encoding="utf-8")
            for file in sorted(compiled.rglob("*.sql"))
            if file.stem in schemas
        }
        self.reads = {
            name: {f"{schema}.{read}" for schema, read in RELATION.findall(COMMENT.sub("", sql))}
            - {name}
            for name, sql in self.sql.items()
        }

    @cached_property
    def order(self) -> list[str]:
        """Every model after all that it reads."""
        placed: dict[str, None] = {}

        def place(name: str) -> None:
            if name in self.sql and name not in placed:
                for read in sorted(self.reads[name]):
                    place(read)
                placed[name] = None

        for name in sorted(self.sql):
            place(name)
        return list(placed)

    @cached_property
    def compared(self) -> list[str]:
        """Models on which what is compared rests, in their order."""
        needed = {
            f"{schema}.{name}"
            for query in COMPARED
            for schema, name in re.findall(r"from (\w+)\.(\w+)", query)
        }
        for name in reversed(self.order):
            if name in needed:
                needed |= self.reads[name]
        return [name for name in self.order if name in needed]

    @cached_property
    def right(self) -> list[Counter]:
        """What is compared, of the models as they are."""
        return self._rows()

    def differs(self, model: str, sql: str) -> bool:
        """Whether what is compared has other rows, or cannot be built, with other SQL of a model."""
        right = self.right
        self.connection.execute("begin")
        try:
            changed = {model}
            for name in self.compared:
                if name == model or self.reads[name] & changed:
                    changed.add(name)
                    self._build(name, sql if name == model else self.sql[name])
            return self._rows() != right
        except duckdb.Error:
            return True
        finally:
            self.connection.execute("rollback")

    def _build(self, name: str, sql: str) -> None:
        kind = "view" if self.kinds[name] == "VIEW" else "table"
        self.connection.execute(f"create or replace {kind} {name} as {sql}")

    def _rows(self) -> list[Counter]:
        return [Counter(self.connection.execute(query).fetchall()) for query in COMPARED]


def mutants_of(built: Built) -> list[Mutant]:
    """Every place that can be changed, outside of what reads the seeds."""
    found = []
    for model in built.compared:
        sql = built.sql[model]
        for kind, (pattern, instead) in KINDS.items():
            for place, match in enumerate(re.finditer(pattern, sql)):
                new = instead[match[0]] if isinstance(instead, dict) else match.expand(instead)
                line = sql[sql.rfind("\n", 0, match.start()) + 1 : sql.find("\n", match.end())]
                changed = sql[: match.start()] + new + sql[match.end() :]
                found.append(Mutant(model, kind, place, changed, " ".join(line.split())))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", default="dark,versions", help="tried one after the other")
    parser.add_argument("--then", default="", help="tried on what survives")
    parser.add_argument("--sample", type=int, default=40, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    first = options.worlds.split(",")
    then = [name for name in options.then.split(",") if name]
    with tempfile.TemporaryDirectory() as folder:
        worlds: dict[str, Built] = {}

        def world(name: str) -> Built:
            if name not in worlds:
                place = Path(folder) / name.replace(" ", "_")
                place.mkdir()
                worlds[name] = Built(built_world(name, **WORLDS[name]), place)
            return worlds[name]

        # Equal SQL must give equal rows, or nothing is shown.
        head = world(first[0])
        assert not head.differs(head.compared[0], head.sql[head.compared[0]])
        random_ = random.Random(options.seed)
        candidates = mutants_of(head)
        # As many of each kind, since comparisons are most of what there is.
        by_kind = {kind: [one for one in candidates if one.kind == kind] for kind in KINDS}
        sample: list[Mutant] = []
        while len(sample) < min(options.sample, len(candidates)):
            for rows in by_kind.values():
                if rows and len(sample) < options.sample:
                    sample.append(rows.pop(random_.randrange(len(rows))))
        killed: Counter[str] = Counter()
        for number, mutant in enumerate(sample, start=1):
            by = next(
                (
                    name
                    for name in [*first, *then]
                    if mutant.model in world(name).sql and world(name).differs(
                        mutant.model, _in(world(name), mutant)
                    )
                ),
                "nobody",
            )  # fmt: skip
            killed[by] += 1
            print(f"{number:4} {by:<13} {mutant.kind:<11} {mutant.model}: {mutant.line}", flush=True)
    print(f"{len(candidates)} places in {len(head.compared)} models, {len(sample)} tried; killed by:")
    for name in [*first, *then, "nobody"]:
        print(f"{killed[name]:4}  {name}")


def _in(built: Built, mutant: Mutant) -> str:
    """The mutant in another world, whose compiled SQL differs where seeds and sources do."""
    pattern, instead = KINDS[mutant.kind]
    matches = list(re.finditer(pattern, built.sql[mutant.model]))
    if mutant.place >= len(matches):
        return built.sql[mutant.model]
    match = matches[mutant.place]
    new = instead[match[0]] if isinstance(instead, dict) else match.expand(instead)
    return built.sql[mutant.model][: match.start()] + new + built.sql[mutant.model][match.end() :]


if __name__ == "__main__":
    main()
