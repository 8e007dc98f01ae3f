"""Builds a demo world in a scratch DuckDB database and writes its raw tables and its truth.

Every table is one query in `sql/`, named after the table. The order of steps is: who the accounts
are, their hidden lives, what follows from these, dirt on top, files.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from string import Template

import duckdb
import pyarrow as pa

from lib.contract import Table, duckdb_type
from lib.world.dirt import DIRT, KEYS, dirt_query, rows_per_kind
from lib.world.folders import MANIFEST, check_folder, publish, write_json
from lib.world.holidays import calendar_rows
from lib.world.latent import NEVER, Accounts, simulate
from lib.world.parameters import Parameters, WorldError
from lib.world.planted import Case, planted_cases
from lib.world.shape import DEFAULT, DRIFT_WEEKS, Shape, in_sql

SQL = Path(__file__).parent / "sql"
# Accounts lived through at once, and events sorted at once: both bound memory, neither shows in the
# result (a larger world has its events in part files).
ACCOUNTS_PER_BLOCK = 5_000
EVENTS_PER_PART = 4_000_000
# Planted accounts may make this share of all events, the schools a sixteenth.
MAX_SCRIPTED_SHARE = 0.8

# What several tables are made from, and the clean tables of the contract, each after what it needs.
# (calendar_days comes before all of them, usage_events after.)
STEPS = ("account_weeks", "subscription_periods", "user_slots", "billing", "tickets")
CLEAN = (
    "products",
    "product_features",
    "exchange_rates",
    "accounts",
    "users",
    "subscriptions",
    "entitlements",
    "churn_events",
    "invoices",
    "payments",
    "support_tickets",
    "ticket_events",
    "survey_responses",
    "touchpoints",
    "pulses",
    "trainings",
    "success_goals",
    "advocacy_events",
)
TRUTH = ("account_weeks", "lives", "accounts", "planted_cases")


def generate(
    contract: dict[str, Table],
    parameters: Parameters,
    out: Path,
    truth: Path,
    *,
    shape: Shape = DEFAULT,
    threads: int | None = None,
    memory_limit: str = "2500MB",
    say: Callable[[str], None] = lambda message: None,
) -> dict:
    """Write the raw tables to `out` and the truth to `truth`; returns the manifest.

    The files appear when all are complete; earlier generated files there are replaced. Raises
    WorldError for impossible parameters and for folders that hold other tables.
    """
    parameters.check()
    _check_contract(contract)
    for folder in (out, truth):
        check_folder(folder)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".generate_raw_", dir=out.parent) as scratch:
        builder = _Builder(contract, parameters, shape, Path(scratch), threads, memory_limit, say)
        try:
            manifest = builder.build()
        finally:
            builder.close()
        publish(Path(scratch) / "raw", out)
        publish(Path(scratch) / "truth", truth)
    return manifest


def _check_contract(contract: dict[str, Table]) -> None:
    """A table that is new in the contract needs a query here first."""
    unknown = ", ".join(contract.keys() - KEYS.keys())
    if unknown:
        raise WorldError(f"no query for contract table {unknown}: add one in {SQL.name}/ and DIRT")


class _Builder:
    """One run: a scratch database, the queries, the files."""

    def __init__(
        self,
        contract: dict[str, Table],
        parameters: Parameters,
        shape: Shape,
        scratch: Path,
        threads: int | None,
        memory_limit: str,
        say: Callable[[str], None],
    ) -> None:
        self.contract = contract
        self.parameters = parameters
        self.shape = shape
        self.cases = planted_cases(parameters.days)
        self.scratch = scratch
        self.say = _with_clock(say)
        self.rows: dict[str, int] = {}
        (scratch / "raw").mkdir()
        (scratch / "truth").mkdir()

        self.db = duckdb.connect(str(scratch / "world.duckdb"))
        self._set("temp_directory", str(scratch / "spill"))
        self._set("memory_limit", memory_limit)
        if threads is not None:
            self._set("threads", threads)
        self.values = self._template_values()

    def close(self) -> None:
        """Let go of the scratch database."""
        self.db.close()

    def build(self) -> dict:
        """All steps; returns the manifest."""
        self.say("accounts and their hidden lives")
        self.db.execute("create schema clean")
        self.db.execute("create schema dirt")
        self._run_script("macros")
        self._register("planted", _planted_table(self.cases))
        self._load_holidays()
        self._create("clean.calendar_days", "calendar_days")
        self._create("week_weights")
        self._create("features")
        self._list_features()
        self._create("account_traits")
        self._live()
        self.say("contracts, people, tickets, money")
        for step in STEPS:
            self._create(step)
        for table in CLEAN:
            self._create(f"clean.{table}", table)
        self._create("scripted_usage")
        self._scale_events()
        self.say("dirt")
        self._sample_events()
        for table in self.contract:
            self._make_dirt(table)
        for table in self.contract:
            if table != "usage_events":
                self._write(table)
        self._write_usage_events()
        self.say("truth")
        self._write_truth()
        return self._write_manifests()

    # What the queries are told.

    def _template_values(self) -> dict[str, object]:
        parameters = self.parameters
        names = [case.name for case in self.cases]
        fortnights = -(-parameters.days // 14)
        affordable = max(2, parameters.events // 16 // 1400)
        return {
            **{field.name: in_sql(getattr(self.shape, field.name)) for field in fields(self.shape)},
            "drift_weeks": DRIFT_WEEKS,
            "accounts": parameters.accounts,
            "weeks": parameters.weeks,
            "days": parameters.days,
            "seed": parameters.seed,
            "first_day": parameters.first_day.isoformat(),
            "planted": len(self.cases),
            "owners": max(4, round(parameters.accounts / 40)),
            "sponsor_left_no": names.index("sponsor_left") + 1,
            "school_fortnights": min(fortnights, affordable),
            "never": NEVER,
        }

    def _sql(self, name: str) -> str:
        text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
        return Template(text).substitute(self.values)

    def _run_script(self, name: str) -> None:
        self.db.execute(self._sql(name))

    def _create(self, table: str, query: str | None = None) -> None:
        self.db.execute(f"create table {table} as {self._sql(query or table)}")

    def _register(self, name: str, table: pa.Table) -> None:
        """Copy an arrow table into the database, making the table at the first call."""
        self.db.register("arrow_block", table)
        self.db.execute(f"create table if not exists {name} as select * from arrow_block limit 0")
        self.db.execute(f"insert into {name} select * from arrow_block")
        self.db.unregister("arrow_block")

    def _set(self, setting: str, value: object) -> None:
        try:
            self.db.execute(f"set {setting} = {_quoted(value)}")
        except duckdb.Error as error:
            raise WorldError(f"{setting} cannot be '{value}': {error}") from error

    def _value(self, query: str) -> int:
        return self.db.execute(query).fetchone()[0]

    # The world.

    def _load_holidays(self) -> None:
        first, last = self.parameters.first_day, self.parameters.end
        rows = calendar_rows(
            date(first.year, 1, 1), date(last.year, 12, 31), self.shape.seasons
        )
        regions, days, kinds, names = zip(*rows, strict=True)
        holidays = {"region": regions, "calendar_date": days, "kind": kinds, "name": names}
        self._register("holidays", pa.table(holidays))

    def _list_features(self) -> None:
        """Tell the event query each product's features, the most popular first."""
        for product, count, listed in self.db.execute(
            """
            select
                product_id,
                count(*),
                string_agg('''' || feature_key || '''', ', ' order by popularity)
            from features
            where popularity is not null
            group by product_id
            """
        ).fetchall():
            self.values |= {f"{product}_features": listed, f"{product}_count": count}

    def _live(self) -> None:
        """Latent health, notices and seats, one block of accounts after the other."""
        accounts, seed = self.parameters.accounts, self.parameters.seed
        for first in range(1, accounts + 1, ACCOUNTS_PER_BLOCK):
            block = self._block(first, first + ACCOUNTS_PER_BLOCK - 1)
            for name, table in simulate(block, self.parameters.weeks, seed, self.shape).items():
                self._register(name, table)
            if accounts > ACCOUNTS_PER_BLOCK:
                done = min(first + ACCOUNTS_PER_BLOCK - 1, accounts)
                self.say(f"  {done:,} of {accounts:,} accounts")

    def _block(self, first: int, last: int) -> Accounts:
        columns = self.db.execute(
            f"""
            select
                account_no::bigint as account_no,
                first_day::bigint as first_day,
                trial_days::bigint as trial_days,
                is_annual,
                seats::bigint as seats,
                is_planted as scripted,
                health_shift::double as health_shift,
                case_notice_day::bigint as notice_day,
                case_last_day::bigint as last_day,
                case_return_day::bigint as return_day
            from account_traits
            where account_no between {first} and {last}
            order by account_no
            """
        ).fetchnumpy()
        return Accounts(**columns)

    def _scale_events(self) -> None:
        """Find the factor that brings the expected events to the number asked for."""
        scripted = self._value("select count(*) from scripted_usage")
        wanted = self.parameters.events
        if scripted > MAX_SCRIPTED_SHARE * wanted:
            least = int(scripted / MAX_SCRIPTED_SHARE) + 1
            raise WorldError(f"--events is too small for the planted cases: {least:,} at least")
        dirty = len(DIRT["usage_events"]) * rows_per_kind(wanted)
        weight = self._value("select sum(usage_weight) from account_weeks")
        self.values["event_scale"] = repr((wanted - scripted - dirty) / int(weight))

    # Dirt.

    def _sample_events(self) -> None:
        """The clean rows that dirty events are made from: first events of account-weeks.

        Events are never held in one table; these few stand for them. None is from the last weeks,
        so that a late load still falls before the last load.
        """
        wanted = len(DIRT["usage_events"]) * rows_per_kind(self.parameters.events)
        self.values |= {"from_week": 0, "to_week": self.parameters.weeks - 3}
        self.db.execute(
            f"""
            create table event_weeks as
            select * replace (1 as events)
            from ({self._sql("event_weeks")})
            where events > 0
            order by uniform(week_key, 'event sample'), week_key
            limit {wanted}
            """
        )
        self._create("clean.usage_events", "usage_events")

    def _make_dirt(self, table: str) -> None:
        """Dirty rows of one table, with their kind and the key of the clean row."""
        columns = self.contract[table].column_names
        extra = ("week",) if table == "usage_events" else ()
        size = self.parameters.events if table == "usage_events" else self._count(table)
        rows = rows_per_kind(size)
        kinds = DIRT[table]
        key = "concat_ws('|', " + ", ".join(f"{k}::varchar" for k in KEYS[table]) + ")"
        # Only rows whose later reload still falls before the last load.
        self.db.execute(
            f"""
            create or replace temp table sample as
            select *, row_number() over (order by uniform({key}, 'dirt'), {key}) - 1 as dirt_no
            from (
                from clean.{table}
                where loaded_at < date '{self.parameters.end}' - 10
                order by uniform({key}, 'dirt'), {key}
                limit {rows * len(kinds)}
            )
            """
        )
        sampled = self._value("select count(*) from sample")
        queries = [
            dirt_query(table, position, rows, max(sampled, 1), columns + extra)
            for position in range(len(kinds))
        ]
        self.db.execute(f"create table dirt.{table} as " + "\nunion all by name\n".join(queries))

    def _count(self, table: str) -> int:
        return self._value(f"select count(*) from clean.{table}")

    # Files.

    def _cast_columns(self, table: str) -> str:
        return ", ".join(
            f"cast({column.name} as {duckdb_type(column.data_type)}) as {column.name}"
            for column in self.contract[table].columns
        )

    def _copy(self, query: str, path: Path) -> None:
        """Write a sorted query; the same rows give the same bytes at any number of threads."""
        self.db.execute(
            f"copy ({query}) to {_quoted(path)}"
            " (format parquet, compression zstd, row_group_size 122880)"
        )

    def _write(self, table: str) -> None:
        columns = self._cast_columns(table)
        self._copy(
            f"""
            select {columns} from clean.{table}
            union all
            select {columns} from dirt.{table}
            order by all
            """,
            self.scratch / "raw" / f"{table}.parquet",
        )
        self.rows[table] = self._count(table) + self._value(f"select count(*) from dirt.{table}")

    def _write_usage_events(self) -> None:
        """Events week by week, so that a hundred million need no more memory than four.

        One file for an ordinary world, a folder of part files for a large one.
        """
        weeks = self.parameters.weeks
        parts = min(-(-self.parameters.events // EVENTS_PER_PART), weeks)
        raw = self.scratch / "raw"
        if parts > 1:
            (raw / "usage_events").mkdir()
        columns = self._cast_columns("usage_events")
        total = 0
        for part in range(parts):
            first, last = part * weeks // parts, (part + 1) * weeks // parts - 1
            in_part = f"week between {first} and {last}"
            self.values |= {"from_week": first, "to_week": last}
            self.db.execute(f"create or replace table event_weeks as {self._sql('event_weeks')}")
            path = raw / "usage_events.parquet"
            if parts > 1:
                path = raw / "usage_events" / f"part-{part + 1:04d}.parquet"
                self.say(f"events, part {part + 1} of {parts}")
            else:
                self.say("events")
            self._copy(
                f"""
                select {columns} from ({self._sql("usage_events")})
                union all
                select {columns} from scripted_usage where {in_part}
                union all
                select {columns} from dirt.usage_events where {in_part}
                order by occurred_at, event_id, account_id, loaded_at
                """,
                path,
            )
            total += self._value(f"select count(*) from read_parquet({_quoted(path)})")
        self.rows["usage_events"] = total

    def _write_truth(self) -> None:
        truth = self.scratch / "truth"
        for table in TRUTH:
            self._copy(self._sql(f"truth/{table}"), truth / f"{table}.parquet")
        dirt = "\nunion all\n".join(
            f"""
            select
                '{table}' as table_name,
                dirt_kind as kind,
                dirt_expected as expected,
                {KEYS[table][0]}::varchar as row_key,
                clean_key,
                loaded_at
            from dirt.{table}
            """
            for table in self.contract
        )
        self._copy(f"{dirt} order by all", truth / "dirt.parquet")

    def _write_manifests(self) -> dict:
        """What was made, and what was spoilt; no time of day and no place, so that bytes repeat."""
        parameters = self.parameters
        asked = {
            "accounts": parameters.accounts,
            "weeks": parameters.weeks,
            "events": parameters.events,
            "seed": parameters.seed,
            "first_day": parameters.first_day.isoformat(),
            "last_day": parameters.end.isoformat(),
        }
        manifest = {
            "generator": "generate_raw",
            "parameters": asked,
            "rows": {table: self.rows[table] for table in self.contract},
            "dirt": {table: self._dirt_counts(table) for table in self.contract},
            "planted_cases": {
                case.name: f"acc_{number:06d}" for number, case in enumerate(self.cases, start=1)
            },
        }
        known = {"generator": "generate_raw", "parameters": asked, "shape": asdict(self.shape)}
        write_json(self.scratch / "raw" / MANIFEST, manifest)
        write_json(self.scratch / "truth" / MANIFEST, known)
        return manifest

    def _dirt_counts(self, table: str) -> dict[str, dict[str, object]]:
        counted = dict(
            self.db.execute(
                f"select dirt_kind, count(*) from dirt.{table} group by dirt_kind"
            ).fetchall()
        )
        return {
            dirt.kind: {"rows": counted.get(dirt.kind, 0), "expected": dirt.expected}
            for dirt in DIRT[table]
        }


def _planted_table(cases: tuple[Case, ...]) -> pa.Table:
    """The planted cases as columns that account_traits.sql reads."""
    return pa.table(
        {
            "case_no": pa.array(range(1, len(cases) + 1), pa.int64()),
            "case_name": [case.name for case in cases],
            "about": [case.about for case in cases],
            "case_plan": [case.plan for case in cases],
            "case_industry": [case.industry for case in cases],
            "case_seats": pa.array([case.seats for case in cases], pa.int64()),
            "case_students": pa.array([case.students for case in cases], pa.int64()),
            "case_first_day": pa.array([case.first_day for case in cases], pa.int32()),
            "case_notice_day": pa.array([case.notice_day for case in cases], pa.int64()),
            "case_last_day": pa.array([case.last_day for case in cases], pa.int64()),
            "case_return_day": pa.array([case.return_day for case in cases], pa.int64()),
            "health_shift": [case.health_shift for case in cases],
            "is_scripted": [case.scripted_usage for case in cases],
            "is_quiet": [case.is_quiet for case in cases],
            "is_silent": [case.is_silent for case in cases],
            "is_bare": [case.is_bare for case in cases],
        }
    )


def _quoted(value: object) -> str:
    """An SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"


def _with_clock(say: Callable[[str], None]) -> Callable[[str], None]:
    start = time.monotonic()
    return lambda message: say(f"{time.monotonic() - start:7.1f} s  {message}")
