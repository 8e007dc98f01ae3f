"""Run dbt inside the test process, where a run costs a second instead of five."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from dbt.adapters.factory import get_adapter_by_type
from dbt.cli.main import dbtRunner, dbtRunnerResult

PROJECT = Path(__file__).resolve().parents[2]

# What a project consists of; seeds are not among them because a test may bring its own.
PROJECT_PARTS = (
    "dbt_project.yml", "profiles.yml", "selectors.yml", "models", "macros", "tests", "analyses",
    "snapshots", "docs",
)
FAILED = {"error", "fail", "runtime error", "partial success"}

# A full parse costs as much as building half a small company. dbt keeps what it parsed, and reads again
# the files that changed; here all warehouses of a process share that, one file for each configuration. The
# path of the database is part of a configuration, so each run finds its database by one and the same link.
PARSED = tempfile.TemporaryDirectory(prefix="health_parsed_")
DATABASES = Path(PARSED.name) / "databases"


def run_dbt(
    args: Sequence[str],
    *,
    raw: Path | str,
    target_path: Path | str,
    db: Path | str | None = None,
    seeds: Path | str | None = None,
    models: Path | str | None = None,
    target: str = "duckdb",
    vars: Mapping[str, object] | None = None,
    env: Mapping[str, str] | None = None,
    fails: bool = False,
) -> dbtRunnerResult:
    """Run one dbt command and return its result.

    `raw` is the folder of Parquet files; the tables found in it are the sources that are switched on.
    `target_path` holds everything dbt writes. Give each warehouse a folder of its own, so that runs do
    not collide. `db` is the DuckDB file, by default inside
    `target_path`; it is closed after the run, so that it can be read at once. `seeds` and
    `models` replace these folders as a whole. `env` adds settings, such as those of the fixture `postgres`.

    Raises AssertionError with the messages of the failed nodes if the command fails, or, where `fails`
    is set, if it does not.
    """
    work = Path(target_path).resolve()
    work.mkdir(parents=True, exist_ok=True)
    replaced = {"seeds": seeds or PROJECT / "seeds", "models": models or PROJECT / "models"}
    project = _project_with(work / "project", replaced) if seeds or models else PROJECT
    settings = {
        "HEALTH_RAW": str(Path(raw).resolve()),
        "HEALTH_DB": str(_linked((Path(db) if db else work / "warehouse.duckdb").resolve())),
        "HEALTH_SOURCES": ",".join(raw_tables(Path(raw))),
        # Said even where it is the default, which dbt would take for another configuration.
        "HEALTH_SEEDS": "seeds",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        **(env or {}),
    }
    _share_parsed(work, target, Path(settings["HEALTH_DB"]).stem, vars or {})
    command = [
        "--quiet", "--no-use-colors", "--no-write-json", "--log-level-file", "info",
        *args,
        "--project-dir", str(project),
        "--profiles-dir", str(project),
        "--target", target,
        "--target-path", str(work),
        "--log-path", str(work / "logs"),
    ]
    if vars:
        command += ["--vars", json.dumps(vars, default=str)]

    with _environment(settings):
        try:
            result = dbtRunner().invoke(command)
        finally:
            if target == "duckdb":
                close_warehouse()

    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    if result.success == fails:
        what = f"dbt {' '.join(args)} --target {target}"
        raise AssertionError(
            f"{what} was expected to fail and did not"
            if fails
            else f"{what} failed\n\n{failure_text(result)}\n\nlog: {work / 'logs' / 'dbt.log'}"
        )
    return result


def failure_text(result: dbtRunnerResult) -> str:
    """What went wrong, in the words a user would read: one paragraph per failed node."""
    if result.exception is not None:
        return str(result.exception)
    return "\n\n".join(
        f"{node.node.resource_type} {node.node.name}: {node.message}"
        for node in getattr(result.result, "results", [])
        if node.status in FAILED
    )


def raw_tables(raw: Path) -> list[str]:
    """Names of the tables in a raw folder: `<table>.parquet` files and folders of Parquet files."""
    files = (path.relative_to(raw) for path in raw.rglob("*.parquet") if path.is_file())
    return sorted({file.parts[0].removesuffix(".parquet") for file in files})


def close_warehouse() -> None:
    """Close the DuckDB file, which dbt-duckdb otherwise keeps open, and locked, for the next run."""
    try:
        adapter = get_adapter_by_type("duckdb")
    except KeyError:  # dbt failed before it had one
        return
    adapter.connections.close_all_connections()


def _linked(database: Path) -> Path:
    """The path of a database through the link that stands for its folder."""
    new = DATABASES.with_name("databases.new")
    new.unlink(missing_ok=True)
    new.symlink_to(database.parent)
    new.replace(DATABASES)
    return DATABASES / database.name


def _share_parsed(work: Path, *configuration: object) -> None:
    """Let dbt find, and keep, what was parsed under a configuration where all its warehouses do."""
    name = hashlib.sha256(repr(configuration).encode()).hexdigest()
    link = work / "partial_parse.msgpack"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(PARSED.name) / name)


def _project_with(project: Path, replaced: Mapping[str, Path | str]) -> Path:
    """The project with other folders in the stead of its own, as links.

    Never point HEALTH_SEEDS out of the project instead: dbt writes what it compiles to its target
    folder joined with the seed's path, and an absolute path makes that the seed itself.
    """
    project.mkdir(exist_ok=True)
    parts = {name: PROJECT / name for name in PROJECT_PARTS if (PROJECT / name).exists()}
    parts |= {name: Path(folder).resolve() for name, folder in replaced.items()}
    for name, origin in parts.items():
        link = project / name
        link.unlink(missing_ok=True)
        link.symlink_to(origin)
    return project


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """The process environment without its own HEALTH_* and DBT_* settings but with these; then restored."""
    before = dict(os.environ)
    for name in before:
        if name.startswith(("HEALTH_", "DBT_")):
            del os.environ[name]
    os.environ.update(settings)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
