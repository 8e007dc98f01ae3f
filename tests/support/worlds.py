"""Small generated companies for tests."""

import subprocess
import sys
from pathlib import Path

from support.dbt import PROJECT


def generate_world(out: Path, *, seed: int, weeks: int, accounts: int = 30, events: int = 15000) -> Path:
    """Write a generated company to `out` and return it; its truth lies beside it."""
    subprocess.run(
        [
            sys.executable, str(PROJECT / "scripts" / "generate_raw.py"), "--quiet",
            "--accounts", str(accounts), "--weeks", str(weeks), "--events", str(events),
            "--seed", str(seed), "--out", str(out),
        ],
        check=True,
    )
    return out
