"""What make quick runs: everything that can be said in about two minutes. make test says the rest.

Prints what ran, and the output of what failed. Exit status: 0 nothing failed, 1 something did.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SQL_FOLDERS = ("models", "tests", "analyses", "snapshots")
NOT_LINTED = "tests/generic/"
# Where one of these differs, so may what is said of any file.
LINTS_ALL = (".sqlfluff", ".sqlfluffignore", "requirements.lock")
# The branch that others work from; a clone has the first.
TRUNKS = ("origin/HEAD", "origin/main", "main")


@dataclass
class Step:
    """A command that runs beside the others."""

    name: str
    what: str
    process: subprocess.Popen[str]
    started: float

    def finish(self) -> bool:
        """Wait, say how it ended, and whether it ended well."""
        said, _ = self.process.communicate()
        failed = self.process.returncode != 0
        seconds = time.monotonic() - self.started
        if failed:
            print(said.rstrip())
        last = next((line for line in reversed(said.splitlines()) if " passed" in line), "")
        print(
            f"{'FAILED' if failed else 'ok':<7}{seconds:5.0f} s  {self.name:<11}"
            f" {last.strip('= ') or self.what}",
            flush=True,
        )
        return not failed


def start(name: str, what: str, *command: str) -> Step:
    process = subprocess.Popen(
        command, cwd=PROJECT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return Step(name, what, process, time.monotonic())


def changed_files() -> tuple[list[str], str] | None:
    """What differs from the trunk, committed or not, and since when; None if git cannot say."""

    def git(*arguments: str) -> list[str]:
        done = subprocess.run(
            ["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=True
        )
        return done.stdout.splitlines()

    for trunk in TRUNKS:
        try:
            (base,) = git("merge-base", "HEAD", trunk)
            changed = git("diff", "--name-only", "--relative", "--diff-filter=d", base)
            return changed + git("ls-files", "--others", "--exclude-standard"), f"{trunk} ({base[:7]})"
        except (subprocess.CalledProcessError, ValueError, OSError):
            continue
    return None


def sql_to_lint() -> tuple[list[str], str]:
    """Files or folders for sqlfluff, and in words what they are."""
    folders = [folder for folder in SQL_FOLDERS if (PROJECT / folder).is_dir()]
    found = changed_files()
    if found is None:
        return folders, "all SQL: git does not say what changed"
    changed, since = found
    if any(file in LINTS_ALL for file in changed):
        return folders, f"all SQL: the rules changed since {since}"
    files = [
        file
        for file in changed
        if file.endswith(".sql") and file.startswith(SQL_FOLDERS) and not file.startswith(NOT_LINTED)
    ]
    return files, f"{len(files)} SQL file(s) changed since {since}"


def main() -> int:
    began = time.monotonic()
    files, what = sql_to_lint()
    steps = [start("lint", "ruff, line lengths", "make", "--no-print-directory", "lint-text")]
    if files:
        lint = ("make", "--no-print-directory", "lint-sql", f"LINTED={' '.join(files)}")
        steps.append(start("sqlfluff", what, *lint))
    else:
        print(f"ok         -    sqlfluff    {what}")
    pytest = (sys.executable, "-m", "pytest", "-q", "-n", "2", "-m", "quick and not slow", "tests")
    steps.append(start("pytest", "tests marked quick", *pytest, *sys.argv[1:]))
    ended_well = [step.finish() for step in steps]
    print(f"{time.monotonic() - began:.0f} s in all. The rest: make test")
    return 0 if all(ended_well) else 1


if __name__ == "__main__":
    sys.exit(main())
