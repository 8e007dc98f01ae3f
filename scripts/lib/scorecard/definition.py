"""The scorecard seeds in a database in memory, with the project's own models over them.

Whatever is asked of the seeds here (what is wrong with them, what a version inherits, what a release
records) is answered by the models that a build runs, so that there is no second set of rules.
"""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import Any

import duckdb

from lib.contract import read_contract

from .rendering import Renderer, RenderingError
from .seed_files import RELEASE_COLUMNS, SeedFileError, header

PROJECT = Path(__file__).resolve().parents[3]
PACKAGE = "customer_health"

Row = dict[str, Any]


class ScorecardError(ValueError):
    """A scorecard that cannot be read, or not as asked; the message names what and the mend."""


def default_seeds(project: Path = PROJECT) -> Path:
    """The scorecard seeds of the project, or those in the folder that HEALTH_SEEDS names."""
    return project / (os.environ.get("HEALTH_SEEDS") or "seeds") / "scorecard"


class Definition:
    """The seeds of a folder, loaded as dbt loads them; models are built over them when asked for."""

    def __init__(self, project: Path = PROJECT, seeds: Path | None = None) -> None:
        self.project = project
        self.folder = seeds or default_seeds(project)
        if not (self.folder / "scorecards.csv").is_file():
            raise ScorecardError(
                f"{self.folder}: holds no scorecards.csv. Mend: name the folder of the scorecard seeds"
                " (--seeds, HEALTH_SEEDS)"
            )
        self._connection = duckdb.connect(":memory:")
        self._models = {path.stem: path for path in (project / "models").rglob("*.sql")}
        self._standing: set[str] = set()
        self._renderer = Renderer(
            project,
            {
                "graph": self._graph(),
                "model": {"package_name": PACKAGE},
                "project_name": PACKAGE,
                "ref": self._ref,
            },
        )
        self.shapes = self._renderer.call("scorecard_seeds")

    def __enter__(self) -> Definition:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @property
    def place(self) -> Path:
        """Where the seeds lie, for people."""
        folder = self.folder.resolve()
        return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder

    def rows(self, name: str) -> list[Row]:
        """The rows of a seed or model. Raises ScorecardError where it cannot be read."""
        try:
            return self._query(f"select * from {self._ref(name)} order by all")
        except RenderingError as error:
            raise ScorecardError(str(error)) from error
        except duckdb.Error as error:
            raise ScorecardError(
                f"{name}: {str(error).splitlines()[0]}. Mend: compare the first line of the seeds with"
                f" macros/scorecard/scorecard_seeds.sql"
            ) from error

    def columns(self, name: str) -> set[str]:
        """The columns of a seed or model."""
        return {row["column_name"] for row in self._query(f"describe {self._ref(name)}")}

    def has_model(self, name: str) -> bool:
        """Whether the project has a model of that name."""
        return name in self._models

    def errors(self) -> list[str]:
        """Everything that would stop a build, in its words."""
        return sorted(
            self._renderer.call("scorecard_message", tuple(row.values()))
            for row in self.rows("stg_scorecard__errors")
        )

    def add(self, seed: str, row: dict[str, str]) -> None:
        """Add a row to a seed, here and not in its file."""
        marks = ", ".join("?" * len(row))
        self._connection.execute(
            f"insert into {self._ref(seed)} ({', '.join(row)}) values ({marks})", list(row.values())
        )

    def empty(self, seed: str, **cells: str) -> None:
        """Take the rows with these cells out of a seed, here and not in its file."""
        condition = " and ".join(f"{column} = ?" for column in cells)
        self._connection.execute(f"delete from {self._ref(seed)} where {condition}", list(cells.values()))

    def _query(self, query: str) -> list[Row]:
        cursor = self._connection.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _ref(self, name: str) -> str:
        """The relation of a seed or model, which then stands in the database."""
        relation = f'main."{name}"'
        if name in self._standing:
            return relation
        path = self.folder / f"{name}.csv"
        if path.is_file():
            self._load(path, relation)
        elif name in self._models:
            model = self._models[name]
            sql = self._renderer.render(model.read_text(encoding="utf-8"), model.name)
            self._connection.execute(f"create view {relation} as {sql}")
        else:
            raise ScorecardError(f"{path}: there is no such seed. Mend: put it back")
        self._standing.add(name)
        return relation

    def _load(self, path: Path, relation: str) -> None:
        """The statement with which dbt loads a seed on DuckDB, where all its columns are text."""
        shape = self.shapes.get(path.stem, {"key": RELEASE_COLUMNS, "cells": ()})
        try:
            names = header(path, dict.fromkeys([*shape["key"], *shape["cells"]]))
        except SeedFileError as error:
            raise ScorecardError(str(error)) from error
        columns = ", ".join('"' + name.replace('"', '""') + '" varchar' for name in names)
        pattern = glob.escape(str(path.resolve())).replace("'", "''")
        try:
            self._connection.execute(f"create table {relation} ({columns})")
            self._connection.execute(
                f"copy {relation} from '{pattern}' (format csv, header true, delimiter ',')"
            )
        except duckdb.Error as error:
            raise ScorecardError(
                f"{path}: cannot be read: {str(error).splitlines()[0].rstrip('.')}."
                " Mend: write plain text, with commas between the cells and every line ended alike"
            ) from error

    def _graph(self) -> dict[str, Any]:
        """As much of dbt's graph as the checks ask for: the raw tables, and where a seed lies."""
        inside = self.folder.is_relative_to(self.project)
        folder = self.folder.relative_to(self.project) if inside else self.folder
        return {
            "sources": {
                name: {"name": name, "package_name": PACKAGE} for name in read_contract(self.project)
            },
            "nodes": {
                f"seed.{PACKAGE}.{path.stem}": {"original_file_path": str(folder / path.name)}
                for path in self.folder.glob("*.csv")
            },
        }
