#!/usr/bin/env python3
"""How long a build takes, what it needs, and how that grows: on generated worlds of several sizes.

For each world it measures a parse and a full build, then one more day of data, one more hour of events
and one changed weight, each as a dbt run of its own: wall time, CPU, peak memory, bytes on disk, and the
seconds of every model. The worlds are scored by the shipped scorecards, or with --scorecards crawl by one of
three inputs, for which the hand-written floor (benchmarks/) is run beside it and its numbers compared.

Writes one JSON file and a plot beside it; docs/performance.md says how to read them, and
tests/test_benchmarks.py holds the floor's numbers against the project's. Exit status: 0 measured; 2 it could
not run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TextIO

import duckdb
from matplotlib import pyplot

from lib.benchmark.seeds import write_seeds
from lib.command_line import new_parser

PROJECT = Path(__file__).resolve().parents[1]
END = date(2026, 6, 28)
WORLDS = "1:500,5:2500,20:10000"
# Events of an hour of the last day, as if they were of the day after and had come in at once.
HOUR = """
    select * replace (
        event_id || '_again' as event_id,
        occurred_at + interval 1 day as occurred_at,
        occurred_at + interval 1 day as loaded_at
    )
    from '{path}'
    where cast(occurred_at as date) = date '{end}' and hour(occurred_at) = 9
"""
# By hand, and the obvious other ways to the windows: benchmarks/.
FLOORS = {
    "floor": "floor",
    "windows by intervals": "intervals",
    "windows by range joins": "range_joins",
    "windows by pandas": "pandas",
}
# Hours in a large world.
SLOW = {"range_joins", "pandas"}
SLOW_UP_TO = 5


@dataclass(frozen=True)
class World:
    """A generated company: millions of events, accounts, and a year of days."""

    millions: float
    accounts: int

    @property
    def name(self) -> str:
        return f"{self.millions:g}m_{self.accounts}"


@dataclass
class Run:
    """One measured process. Times in seconds, memory and disk in bytes."""

    world: str
    scorecards: str
    step: str
    wall: float
    cpu: float
    peak_memory: int
    disk: int
    models: dict[str, float] = field(default_factory=dict)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    options = _parser().parse_args(arguments)
    work = options.work.resolve()
    if not work.is_relative_to(PROJECT):
        print(f"error: --work {work} lies outside the project, where dbt reads no seeds", file=sys.stderr)
        return 2
    options.out.parent.mkdir(parents=True, exist_ok=True)
    runs: list[Run] = []
    for world in options.worlds:
        try:
            raw = _arrivals(work, world)
            runs += _builds(work, world, raw, options.scorecards)
            if options.scorecards == "crawl":
                runs += _floor(work, world, raw["full"])
        except subprocess.CalledProcessError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        machine = {"cores": os.cpu_count(), "duckdb": duckdb.__version__}
        measured = {"machine": machine, "runs": [asdict(run) for run in runs]}
        options.out.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
        _plot(runs, options.out.with_suffix(".svg"))
        if not options.keep:
            shutil.rmtree(work / world.name)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(__doc__)
    parser.add_argument(
        "--worlds",
        type=_worlds,
        default=WORLDS,
        metavar="MILLIONS:ACCOUNTS,…",
        help="millions of events and accounts of each world, over 52 weeks (default: %(default)s)",
    )
    parser.add_argument(
        "--scorecards",
        choices=("shipped", "crawl"),
        default="shipped",
        help="all shipped scorecards, or the first stage with three inputs (default: %(default)s)",
    )
    parser.add_argument("--work", type=Path, default=PROJECT / "warehouse" / "benchmark", metavar="DIR")
    parser.add_argument(
        "--out", type=Path, default=PROJECT / "warehouse" / "benchmark.json", metavar="FILE"
    )
    parser.add_argument("--keep", action="store_true", help="leave worlds and warehouses where they are")
    return parser


def _worlds(text: str) -> list[World]:
    try:
        return [World(float(size.split(":")[0]), int(size.split(":")[1])) for size in text.split(",")]
    except (ValueError, IndexError):
        raise argparse.ArgumentTypeError(
            f"`{text}` is not MILLIONS:ACCOUNTS with commas between, such as 1:500,5:2500"
        ) from None


def _arrivals(work: Path, world: World) -> dict[str, Path]:
    """The raw tables before the last day, with it, and with one more hour of events."""
    whole = work / world.name / "world" / "raw"
    if not whole.exists():
        subprocess.run(
            [
                sys.executable, str(PROJECT / "scripts" / "generate_raw.py"), "--quiet",
                "--accounts", str(world.accounts), "--weeks", "52",
                "--events", str(int(world.millions * 1_000_000)), "--end", str(END),
                "--out", str(whole),
            ],
            check=True,
        )  # fmt: skip
    tables = {path.stem: path for path in whole.glob("*.parquet")}
    tables |= {path.name: path / "*.parquet" for path in whole.iterdir() if path.is_dir()}
    # A night loads the day before; the hour is of the day after, before its night.
    nights = {"full": END, "day": END + timedelta(days=1), "hour": END + timedelta(days=1)}
    folders = {}
    for step, night in nights.items():
        folders[step] = work / world.name / f"raw_{step}"
        if folders[step].exists():
            continue
        folders[step].mkdir(parents=True)
        for table, path in tables.items():
            rows = f"select * from '{path}' where loaded_at < timestamp '{night} 23:59:59'"
            if step == "hour" and table == "usage_events":
                rows += f" union all {HOUR.format(path=path, end=END)}"
            with duckdb.connect() as connection:
                connection.execute(
                    f"copy ({rows}) to '{folders[step] / table}.parquet' (format parquet)"
                )
    return folders


def _builds(work: Path, world: World, raw: dict[str, Path], scorecards: str) -> list[Run]:
    """A full build, and what is built again when a little changes."""
    folder = work / world.name / scorecards
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    before = write_seeds(folder / "seeds", scorecards)
    after = write_seeds(folder / "seeds_after", scorecards, changed_from=END - timedelta(days=27))
    steps = [
        ("full build", raw["full"], before),
        ("one more day", raw["day"], before),
        ("one more hour", raw["hour"], before),
        ("one changed weight", raw["hour"], after),
    ]
    runs = []
    for step, tables, seeds in steps:
        environment = {
            "HEALTH_RAW": str(tables),
            "HEALTH_DB": str(folder / "warehouse.duckdb"),
            "HEALTH_SEEDS": str(seeds.relative_to(PROJECT)),
        }
        dbt = [
            str(Path(sys.executable).with_name("dbt")), "--quiet", "--no-send-anonymous-usage-stats",
        ]  # fmt: skip
        where = [
            "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
            "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
        ]  # fmt: skip
        # What has been parsed is there in every run but the first one.
        wall, cpu, memory = _measured([*dbt, "parse", *where], environment)
        if not runs:
            runs.append(Run(world.name, scorecards, "parse", wall, cpu, memory, 0))
            _say(runs[-1])
        wall, cpu, memory = _measured(
            [*dbt, "build", "--exclude-resource-type", "test", "unit_test", *where], environment
        )
        results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))
        runs.append(
            Run(
                world.name, scorecards, step, wall, cpu, memory,
                (folder / "warehouse.duckdb").stat().st_size,
                {
                    result["unique_id"].split(".")[-1]: round(result["execution_time"], 2)
                    for result in results["results"]
                },
            )
        )  # fmt: skip
        _say(runs[-1])
    return runs


def _floor(work: Path, world: World, raw: Path) -> list[Run]:
    """The same numbers without the project, and ways to the windows alone."""
    folder = work / world.name / "floor"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    runs = []
    for step, what in FLOORS.items():
        if what in SLOW and world.millions > SLOW_UP_TO:
            continue
        database = folder / f"{what}.duckdb"
        command = [
            sys.executable, str(PROJECT / "benchmarks" / "run.py"), what, str(raw), str(database),
        ]  # fmt: skip
        printed = folder / f"{what}.txt"
        with printed.open("w", encoding="utf-8") as output:
            _, _, memory = _measured(command, output=output)
        wall, cpu = (float(seconds) for seconds in printed.read_text(encoding="utf-8").split())
        runs.append(Run(world.name, "crawl", step, wall, cpu, memory, database.stat().st_size))
        _say(runs[-1])
    return runs


def _measured(
    command: list[str],
    environment: dict[str, str] | None = None,
    output: TextIO | None = None,
) -> tuple[float, float, int]:
    """Seconds on the clock, seconds of CPU and bytes of memory at the peak of a command.

    Raises subprocess.CalledProcessError if it fails.
    """
    started = time.monotonic()
    process = subprocess.Popen(command, env=os.environ | (environment or {}), stdout=output)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def _say(run: Run) -> None:
    print(
        f"{run.world:>12} {run.scorecards:>8} {run.step:<24} {run.wall:>8.1f} s {run.cpu:>8.1f} s CPU"
        f" {run.peak_memory / 1e9:>6.2f} GB memory {run.disk / 1e9:>6.2f} GB on disk",
        flush=True,
    )


def _plot(runs: list[Run], file: Path) -> None:
    """Seconds by events, a line for each step."""
    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for step in dict.fromkeys(run.step for run in runs):
        points = sorted((float(run.world.split("m_")[0]), run.wall) for run in runs if run.step == step)
        axes.plot(*zip(*points), marker="o", label=step)
    axes.set(xscale="log", yscale="log", xlabel="million events", ylabel="seconds")
    axes.grid(which="both", alpha=0.3)
    axes.legend()
    figure.savefig(file)


if __name__ == "__main__":
    sys.exit(main())
