"""Who may read what on PostgreSQL, what never leaves staging, and that no secret is written anywhere.

The database is prepared by the statements of docs/security.md, loaded, and built by the role transformer,
from a company whose personal columns and free texts are marked.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg2
import pytest

import audit_dependencies
from lib.contract import read_contract
from support.dbt import PROJECT, failure_text, run_dbt
from support.postgres import connect
from support.worlds import MODELS_ONLY, generate_world

PASSWORD = "correct-horse-battery"
# As much as dbt ever writes.
EVERYTHING = ("--write-json", "--log-level-file", "debug")
ROLES = {
    "HEALTH_ROLE_REPORTER": "reporter",
    "HEALTH_ROLE_REVOPS": "revops",
    "HEALTH_ROLE_PULSES": "customer_success",
}
# Text that marts may show: accounts, products, our own ids of CSMs.
SHOWN = {
    "account_id", "parent_account_id", "merged_into_account_id", "account_name", "plan", "industry", "use_case", "region",
    "lifecycle_stage", "owner_id", "author_id", "product_id", "feature_key", "module",
}  # fmt: skip
# Words of fixed lists, by which rows are read: a mark would make them unusable.
WORDS = {"currency", "direction", "kind", "polarity", "severity", "status", "value"}
# The same ids under another name.
SAME = {"merged_into_ticket_id": "ticket_id"}
MARK = re.compile(r"mark_of_([a-z_]+)")


@dataclass(frozen=True)
class Company:
    """A marked company, built on PostgreSQL by the role transformer."""

    raw: Path
    target: Path
    admin: dict[str, str]
    transformer: dict[str, str]
    marks: frozenset[str]


def mark(raw: Path) -> frozenset[str]:
    """Mark every text of the raw tables that marts may not show; return the columns marked."""
    marked = set()
    for table in read_contract(PROJECT).values():
        columns = {
            column.name: SAME.get(column.name, column.name)
            for column in table.columns
            if column.data_type == "string" and column.name not in SHOWN | WORDS
        }
        file = raw / f"{table.name}.parquet"
        # A column that the world never fills shows nothing to anybody.
        columns = {name: known for name, known in columns.items() if is_filled(file, name)}
        if not columns:
            continue
        changed = ", ".join(f"{name} || ' mark_of_{known}' as {name}" for name, known in columns.items())
        with duckdb.connect() as connection:
            connection.execute(
                f"copy (select * replace ({changed}) from '{file}') to '{file}.new' (format parquet)"
            )
        Path(f"{file}.new").replace(file)
        marked |= set(columns.values())
    return frozenset(marked)


def is_filled(file: Path, column: str) -> bool:
    """Whether a Parquet file has a value in the column."""
    with duckdb.connect() as connection:
        [(filled,)] = connection.sql(f"select count({column}) > 0 from '{file}'").fetchall()
    return filled


@pytest.fixture(scope="module")
def company(postgres: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("security")
    raw = generate_world(folder / "raw", seed=6, weeks=26, events=9000)
    marks = mark(raw)
    admin = {**postgres, "HEALTH_PG_DBNAME": "analytics"}
    database, setup = re.findall(
        r"```sql\n(.*?)```", (PROJECT / "docs/security.md").read_text(encoding="utf-8"), re.S
    )
    with connect(postgres) as cursor:
        # A database is made outside of transactions, and so alone.
        for statement in filter(str.strip, database.split(";")):
            cursor.execute(statement)
    with connect(admin) as cursor:
        cursor.execute(setup)
        cursor.execute(f"alter role transformer password '{PASSWORD}'")
        cursor.execute("create role outsider")
    subprocess.run(
        [sys.executable, str(PROJECT / "scripts/load_raw.py"), "--from", str(raw)],
        env={**os.environ, **admin}, check=True, capture_output=True,
    )  # fmt: skip
    transformer = {**admin, "HEALTH_PG_USER": "transformer", "HEALTH_PG_PASSWORD": PASSWORD}
    built = Company(raw, folder / "target", admin, transformer, marks)
    build(built, MODELS_ONLY, **ROLES)
    return built


def build(company: Company, args: tuple[str, ...], fails: bool = False, **roles: str):
    return run_dbt(
        (*EVERYTHING, *args), raw=company.raw, target="postgres", target_path=company.target,
        env={**company.transformer, **roles}, fails=fails,
        vars={"health__score_cadence": "week"},
    )  # fmt: skip


@contextmanager
def acting_as(company: Company, role: str) -> Iterator[psycopg2.extensions.cursor]:
    with connect(company.admin) as cursor:
        cursor.execute(f"set role {role}")
        yield cursor


def relations(company: Company) -> list[str]:
    """Every table and view of the database that is not the server's own."""
    with connect(company.admin) as cursor:
        cursor.execute("""
            select table_schema || '.' || table_name from information_schema.tables
            where table_schema not in ('pg_catalog', 'information_schema')
            order by 1
        """)
        return [name for (name,) in cursor.fetchall()]


def readable(company: Company, role: str) -> set[str]:
    """The relations that a role can select from, by trying."""
    found = set()
    with acting_as(company, role) as cursor:
        for relation in relations(company):
            try:
                cursor.execute(f"select * from {relation} limit 0")
            except psycopg2.errors.InsufficientPrivilege:
                continue
            found.add(relation)
    return found


def marks_seen(company: Company, role: str) -> set[str]:
    """The marks in any column of any row that a role can read."""
    found = set()
    names = sorted(readable(company, role))
    with acting_as(company, role) as cursor:
        for name in names:
            cursor.execute(
                "select distinct (regexp_matches(cast(it as text), %s, 'g'))[1]"
                f" from {name} as it where cast(it as text) like '%%mark_of_%%'",
                (MARK.pattern,),
            )
            found |= {column for (column,) in cursor.fetchall()}
    return found


def test_each_role_reads_what_the_page_says_and_nothing_else(company: Company) -> None:
    every = set(relations(company))
    marts = {name for name in every if name.startswith("marts.")}
    scorecard = {
        name
        for name in every
        if re.match(r"scorecard\.|staging\.[a-z]+_scorecard__|intermediate\.int_scoring__", name)
    }
    assert len(marts) > 15 and len(scorecard) > 60 and "staging.pulses_rejects" in every
    assert readable(company, "reporter") == marts
    assert readable(company, "revops") == marts | scorecard
    assert readable(company, "customer_success") == {"staging.stg_crm__pulses"}
    assert readable(company, "outsider") == set()
    assert readable(company, "transformer") == every


def test_nobody_but_the_transformer_writes_and_it_does_not_write_raw(company: Company) -> None:
    writing = """
        select role, table_schema || '.' || table_name
        from information_schema.tables
        cross join unnest(array['reporter', 'revops', 'customer_success', 'outsider', 'transformer']) as role
        where table_schema in ('raw', 'staging', 'intermediate', 'marts', 'scorecard')
            and (role != 'transformer' or table_schema = 'raw')
            and (
                has_table_privilege(
                    role, table_schema || '.' || table_name, 'insert, update, delete, truncate'
                )
                or has_schema_privilege(role, table_schema, 'create')
            )
    """
    with connect(company.admin) as cursor:
        cursor.execute(writing)
        assert cursor.fetchall() == []
        cursor.execute("select rolsuper, rolcreaterole from pg_roles where rolname = 'transformer'")
        assert cursor.fetchall() == [(False, False)]


def test_persons_and_free_text_are_seen_by_no_reader(company: Company) -> None:
    assert {"full_name", "email", "user_id", "reason", "objective", "topic"} <= company.marks
    assert marks_seen(company, "reporter") == set()
    assert marks_seen(company, "revops") == set()
    assert marks_seen(company, "customer_success") == {"pulse_id", "reason"}
    assert marks_seen(company, "transformer") == company.marks


def test_the_marts_that_were_searched_have_rows(company: Company) -> None:
    with acting_as(company, "reporter") as cursor:
        for mart in ("account_health", "health_contributions", "pulse_distribution", "account_tasks"):
            cursor.execute(f"select count(*) from marts.{mart}")
            assert cursor.fetchone() > (0,), mart


def test_only_marts_are_public(company: Company) -> None:
    manifest = json.loads((company.target / "manifest.json").read_text(encoding="utf-8"))
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    access = {(node["schema"] == "marts", node["access"]) for node in models}
    assert access == {(True, "public"), (False, "private")}
    assert {node["group"] for node in models} == {"customer_health"}


def test_no_password_and_no_personal_text_is_written(company: Company) -> None:
    build(company, ("docs", "generate"), **ROLES)
    files = [path for path in company.target.rglob("*") if path.is_file()]
    written = {"manifest.json", "run_results.json", "catalog.json", "index.html", "dbt.log"}
    assert written <= {path.name for path in files}
    log = (company.target / "logs/dbt.log").read_text(encoding="utf-8")
    assert 'create view "analytics"' in log and "grant select on" in log, "too little is logged"
    for path in files:
        content = path.read_bytes()
        assert PASSWORD.encode() not in content, path
        assert b"mark_of_" not in content, path


def test_profiles_take_the_password_from_the_environment() -> None:
    profiles = (PROJECT / "profiles.yml").read_text(encoding="utf-8")
    assert re.findall(r"pass\w*: *(.*)", profiles) == ["\"{{ env_var('HEALTH_PG_PASSWORD', '') }}\""]


def test_a_role_that_does_not_exist_is_one_message(company: Company) -> None:
    with connect(company.admin) as cursor:
        cursor.execute("alter role revops rename to revenue_operations")
    try:
        said = failure_text(build(company, ("seed", "--select", "bands"), fails=True, **ROLES))
    finally:
        with connect(company.admin) as cursor:
            cursor.execute("alter role revenue_operations rename to revops")
    assert "The role `revops` that HEALTH_ROLE_… names does not exist on the server. Mend:" in said


def test_roles_on_duckdb_are_one_warning(tmp_path: Path) -> None:
    """What protects nothing says so, once and not for every seed."""
    roles = {"HEALTH_ROLE_REVOPS": "revops"}
    args = (*EVERYTHING, "seed", "--select", "bands")
    run_dbt(args, raw=tmp_path, target_path=tmp_path / "target", env=roles)
    log = (tmp_path / "target/logs/dbt.log").read_text(encoding="utf-8")
    assert "HEALTH_ROLE_… names revops, and DuckDB has no roles" in log
    assert "not supported by DuckDB" not in log


# Changes grants: the last test that needs the company.
def test_without_a_role_nothing_is_granted_and_what_was_is_taken_back(company: Company) -> None:
    assert {"scorecard.bands", "marts.account_health"} <= readable(company, "revops")
    build(company, ("run", "--select", "account_health"))
    build(company, ("seed", "--select", "bands"))
    for role in ("reporter", "revops"):
        assert readable(company, role).isdisjoint({"scorecard.bands", "marts.account_health"})


@pytest.mark.parametrize(
    "lock, at_least",
    [("requirements.lock", 20), ("requirements.audit.lock", 20), ("requirements.client.lock", 1)],
)
def test_every_package_is_pinned_with_its_hash_and_without_an_address(
    lock: str, at_least: int
) -> None:
    text = (PROJECT / lock).read_text(encoding="utf-8")
    packages = text.replace("\\\n", " ").splitlines()
    assert len(packages) >= at_least
    for package in packages:
        assert re.fullmatch(
            r"[a-z0-9._-]+==[\w.!+]+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+ *", package
        ), package[:80]
    assert "://" not in text and "index" not in re.sub(r"^[a-z0-9._-]+==", "", text, flags=re.M)


@pytest.mark.parametrize(
    "report, status, said",
    [
        ([{"name": "a", "version": "1", "vulns": []}], 0, "1 packages judged, 0 known"),
        (
            [{"name": "a", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2"]}]}],
            1,
            "a 1: X-1, mended in: 2",
        ),
        ([{"name": "a", "skip_reason": "not found"}], 2, "could not be judged: packages without a"),
        ([], 2, "could not be judged"),
        (None, 2, "could not be judged: no network"),
    ],
)
def test_an_audit_passes_only_when_everything_was_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], report: list | None, status: int, said: str
) -> None:
    program = tmp_path / "pip-audit"
    # pip-audit ends with 0 where it skipped a package, and with 1 for a vulnerability and for no network.
    program.write_text(f"""#!{sys.executable}
import json, sys
report = {report!r}
if report is None:
    sys.exit("no network")
with open(sys.argv[sys.argv.index("--output") + 1], "w") as file:
    json.dump({{"dependencies": report, "fixes": []}}, file)
sys.exit(any(package.get("vulns") for package in report))
""")
    program.chmod(0o755)
    assert audit_dependencies.main(["--pip-audit", str(program)]) == status
    printed = capsys.readouterr()
    assert said in printed.out + printed.err


def test_an_audit_without_its_program_is_no_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit_dependencies.main(["--pip-audit", str(tmp_path / "none")]) == 2
    assert "could not be judged" in capsys.readouterr().err
