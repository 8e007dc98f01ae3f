#!/usr/bin/env python3
"""Does the demo's verdict hang on its seed? Build the demo with other seeds and write the verdicts down.

Each seed is a world of the size that generate_raw.py makes by default, scored each Sunday by the shipped
scorecards; only the models that the verdict rests on are built, and no tests are run. Prints one row a
seed as a Markdown table (docs/validation.md holds one). A seed is finished when its file in --work is
written: a run that was stopped goes on where it stood, until a model, a seed file, a dependency, the generator
or the verdict changes.

Exit status: 0 the score is shown to predict on --at-least of the seeds; 1 on fewer; 2 it could not run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path

import generate_raw
from lib.command_line import guarded, new_parser
from lib.validation.limits import BOOTSTRAPS, SEED
from lib.validation.reading import choose_horizon, horizons, read_observations
from lib.validation.verdict import Decision, Status, decide
from lib.warehouse import open_warehouse

PROJECT = Path(__file__).resolve().parents[1]
# What a verdict depends on.
PARTS = (
    "dbt_project.yml", "profiles.yml", "requirements.lock", "macros", "models", "seeds",
    "scripts/generate_raw.py", "scripts/check_demo.py", "scripts/lib/world",
    "scripts/lib/validation", "scripts/lib/contract.py",
)  # fmt: skip
BUILD = (
    "dbt", "--quiet", "build", "--select", "+health_outcomes", "+churn_dates", "+source_health",
    "--exclude-resource-type", "test", "unit_test",
)  # fmt: skip
HEADS = (
    "seed", "accounts", "churned accounts", "ever in the worst band", "ever in the best band",
    "difference, percentage points", "times as many", "exit status",
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status says what was found."""
    options = _parser().parse_args(arguments)
    code = fingerprint()
    options.work.mkdir(parents=True, exist_ok=True)
    print("| " + " | ".join(HEADS) + " |\n|" + "--:|" * len(HEADS))
    shown = 0
    for seed in range(options.first, options.first + options.seeds):
        kept = options.work / f"seed_{seed}.json"
        found = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
        if found.get("code") != code:
            try:
                found = {"code": code, **judged(seed, options.work.resolve())}
            except subprocess.CalledProcessError as error:
                print(f"error: seed {seed}: {error}\n{error.stdout}", file=sys.stderr)
                return 2
            kept.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        shown += found["row"][-1] == Status.PREDICTIVE
        print("| " + " | ".join(map(str, [seed, *found["row"]])) + " |", flush=True)
    print(f"\nThe score is shown to predict on {shown} of {options.seeds} seeds.")
    return 0 if shown >= options.at_least else 1


def judged(seed: int, work: Path) -> dict:
    """The demo of one seed, made, built and judged: the cells of its row after the seed, and the sentence."""
    raw, database = work / "raw", work / "demo.duckdb"
    places = ["--out", str(raw), "--truth", str(work / "truth")]
    if generate_raw.main(["--quiet", "--seed", str(seed), *places]):
        sys.exit(2)  # its message stands above
    database.unlink(missing_ok=True)
    # The same places for all seeds, so that dbt parses the project once.
    settings = {
        "HEALTH_RAW": str(raw), "HEALTH_DB": str(database), "HEALTH_SEEDS": "seeds",
        "HEALTH_TARGET": "duckdb", "HEALTH_SCORE_CADENCE": "week", "HEALTH_SOURCES": "",
        "DBT_PROJECT_DIR": str(PROJECT), "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(work / "target"), "DBT_LOG_PATH": str(work / "target"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_USE_COLORS": "false",
    }  # fmt: skip
    dbt = shutil.which(BUILD[0], path=Path(sys.executable).parent) or BUILD[0]
    subprocess.run(
        [dbt, *BUILD[1:]], cwd=PROJECT, env=os.environ | settings, check=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    with open_warehouse(database) as warehouse:
        horizon = choose_horizon(horizons(warehouse, "marts"), None, None)
        found = decide(read_observations(warehouse, "marts", horizon), BOOTSTRAPS, SEED)
    database.unlink()
    row = [*_cells(found), int(found.verdict.status)]
    return {"row": row, "sentence": found.verdict.sentence}


def _cells(found: Decision) -> list[str]:
    compared = found.worst_against_best
    counts = [found.rows.account.nunique(), found.churned_accounts]
    if compared is None:
        return [*map("{:,}".format, counts), *[""] * 4]
    counts += [compared.worst_accounts, compared.best_accounts]
    gap = compared.difference.scaled(100)
    return [
        *map("{:,}".format, counts),
        f"{gap.value:+.1f} ({gap.low:+.1f} to {gap.high:+.1f})",
        f"{compared.ratio.value:.1f}",
    ]


def fingerprint() -> str:
    """A digest of all that a verdict depends on."""
    digest = blake2b(digest_size=16)
    for part in PARTS:
        path = PROJECT / part
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in files:
            if file.is_file() and file.suffix != ".pyc":
                digest.update(str(file.relative_to(PROJECT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(__doc__)
    parser.add_argument(
        "--first", type=int, default=1, metavar="SEED", help="first seed (default: %(default)s)"
    )
    parser.add_argument(
        "--seeds", type=int, default=20, metavar="N", help="how many seeds (default: %(default)s)"
    )
    parser.add_argument(
        "--at-least",
        type=int,
        default=18,
        metavar="N",
        help="seeds on which the score must be shown to predict (default: %(default)s)",
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=PROJECT / "target" / "check_demo",
        metavar="DIR",
        help="folder for worlds and findings (default: target/check_demo)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(guarded(main, 2))
