"""Hold every package of requirements.lock against the known vulnerabilities.

pip-audit asks the vulnerability service of the package index, or another one (--service osv). It ends
well, too, when the service did not know a package, and with the same status for a vulnerability as for
no network. Here each has its own:

0  every package of the lock was judged, and none has a known vulnerability
1  a package has one; it is named with the version that mends it
2  could not be judged: no network, a package that the service does not know, or no pip-audit
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status is the verdict."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lock", type=Path, default=PROJECT / "requirements.lock")
    parser.add_argument(
        "--pip-audit", type=Path, default=Path(sys.executable).with_name("pip-audit"), metavar="FILE",
        help="the program (default: the one beside this Python)",
    )
    parser.add_argument("--service", default="pypi", help="pypi or osv (default: pypi)")
    options = parser.parse_args(arguments)
    try:
        packages = audit(options.lock, options.pip_audit, options.service)
    except AuditError as error:
        print(f"could not be judged: {error}", file=sys.stderr)
        print("Mend: run it where the service can be reached, or name another, --service osv",
              file=sys.stderr)
        return 2
    found = [(package, known) for package in packages for known in package["vulns"]]
    for package, known in found:
        mends = ", ".join(known["fix_versions"]) or "none yet"
        print(f"{package['name']} {package['version']}: {known['id']}, mended in: {mends}")
    print(f"{len(packages)} packages judged, {len(found)} known vulnerabilities")
    return 1 if found else 0


class AuditError(RuntimeError):
    """Not every package could be judged; the message says why."""


def audit(lock: Path, pip_audit: Path, service: str) -> list[dict]:
    """The packages of a lock that hold for this Python, as pip-audit reports them.

    Each has `name`, `version` and `vulns`. Raises AuditError unless every one was judged.
    """
    with tempfile.TemporaryDirectory(prefix="audit_") as folder:
        report = Path(folder) / "report.json"
        command = [
            str(pip_audit), "--requirement", str(lock), "--require-hashes", "--disable-pip",
            "--strict", "--vulnerability-service", service, "--progress-spinner", "off",
            "--format", "json", "--output", str(report),
        ]  # fmt: skip
        try:
            run = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise AuditError(f"{pip_audit}: {error.strerror}") from error
        if not report.is_file():
            said = run.stderr.strip().splitlines() or ["pip-audit wrote no report"]
            raise AuditError(said[-1])
        packages = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
    # --strict ends before this; a report is believed only if it agrees.
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped or not packages:
        raise AuditError(f"packages without a verdict: {', '.join(skipped) or 'all'}")
    return packages


if __name__ == "__main__":
    sys.exit(main())
