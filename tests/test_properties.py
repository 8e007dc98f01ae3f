"""What must hold for every account, whatever its signals say.

The SQL is the models' own, as dbt compiled it for the shared warehouse; only the rows are drawn.
They are loaded into tables of the models' inputs, and the models are run one after the other.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.contract import read_contract
from support.dbt import PROJECT
from support.worlds import World

MODELS = "compiled/customer_health/models/intermediate"
SIGNALS = ("signals/int_signals__measured", "signals/int_signals__daily")
SCORING = (
    "accounts/int_accounts__segments",
    "accounts/int_accounts__as_of",
    "signals/int_signals__held",
    "scoring/int_scoring__versions",
    "scoring/int_scoring__caps",
    "scoring/int_scoring__overrides",
    "scoring/int_scoring__points",
    "scoring/int_scoring__dimensions",
    "scoring/int_scoring__point_rules",
    "scoring/int_scoring__contributions",
    "scoring/int_scoring__scores",
    "scoring/int_scoring__bands",
)
# Read as they are built from the shipped seeds, and as empty tables to be filled.
DEFINITIONS = (
    "lifecycle", "rules", "product_weights", "caps", "account_overrides", "curve_pieces", "scorecards",
    "bands", "segments", "point_rules", "point_rule_steps",
)  # fmt: skip
INPUTS = (
    "int_activity__event_days",
    "int_accounts__paid_stretches",
    "int_accounts__entitlement_stretches",
    "int_scoring__rule_firings",
    "int_accounts__periods",
    "int_accounts__calendar",
    "int_signals__daily",
    "int_signals__derived",
    "int_signals__milestones",
    "int_signals__windows",
    "int_signals__source_coverage",
    "int_signals__known_accounts",
    "int_signals__rest_days",
)

FIRST_DAY = date(2024, 1, 1)
UNOBSERVED = ("missing", "expired", "not_applicable", "in_grace", "suppressed")
# The segment everyone_else, and another one that these attributes lead to.
STANDARD = {"plan": "basic", "seats": 100}
ENTERPRISE = {"plan": "enterprise", "seats": 100}

# An example scores up to ten accounts, and takes as long as the machine is busy.
# A life of many days and signals is a large input, and every example scores all of them in one go.
few_examples = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Row:
    """One signal of one account on one day; `share` is the product's part of the revenue."""

    signal_id: str
    state: str
    value: float
    scale: float = 1.0
    product_id: str = "all"
    share: float = 1.0
    held_on: date | None = None


Situation = Sequence[Row]


@dataclass(frozen=True)
class Life:
    """The rows of an account day after day, and its attributes from a day on."""

    days: Sequence[Situation]
    attributes: Mapping[int, Mapping[str, object]]


@dataclass(frozen=True)
class Scored:
    """One account-day as the models score it."""

    scorecard_id: str
    health_score: Decimal | None
    data_score: Decimal | None
    coverage: float
    raw_band: str
    band: str
    contributions: list[Decimal | None]
    effective_weights: list[Decimal]


@dataclass(frozen=True)
class Signal:
    """A signal that some scorecard weighs: how its standard curve runs, and where it ends."""

    signal_id: str
    is_per_product: bool
    source_tables: frozenset[str]
    is_rising: bool
    is_falling: bool
    highest_x: float
    is_judgement: bool


@dataclass(frozen=True)
class EventLife:
    """The days of each step's event in the life of an account, and what a version asks of the rule."""

    steps: Sequence[Sequence[int]]
    window: int
    cooldown: int


# Rule, number, kind, key and days running of each step.
RULE_STEPS = (
    ("rule", 1, "feature", "pricing_page", 2),
    ("rule", 2, "meeting", "any", 1),
    ("rule", 3, "ticket", "question", 1),
)
LIFE_DAYS = 40
# A table without rows has no columns to fill.
NOBODY = {
    "account_id": "nobody",
    "product_id": "all",
    "event_kind": "none",
    "event_key": "none",
    "event_date": FIRST_DAY,
}


class Chain:
    """The scoring models on tables in memory."""

    def __init__(self, world: World, scorecards: Sequence[str] = ("standard", "enterprise")) -> None:
        self.connection = duckdb.connect()
        self.world = world
        self.scorecards = scorecards
        run = self.connection.execute
        # The compiled SQL names its database after the file.
        run(f"attach ':memory:' as {world.database.stem}")
        run(f"attach '{world.database}' as shared (read_only)")
        run(f"use {world.database.stem}")
        run("create schema staging")
        run("create schema intermediate")
        for name in (*DEFINITIONS, "signals"):
            table = f"staging.stg_scorecard__{name}"
            run(f"create table {table} as select * from shared.{table}")
        for name in INPUTS:
            run(
                f"create table intermediate.{name} as"
                f" select * from shared.intermediate.{name} limit 0"
            )
        run("detach shared")

    @cached_property
    def signals(self) -> list[Signal]:
        rows = self.connection.execute(
            """
            select
                signals.signal_id,
                signals.grain = 'product',
                list_transform(string_split(signals.sources, '|'), lambda x: split_part(x, '.', 1)),
                min(pieces.rise) >= 0,
                max(pieces.rise) <= 0,
                max(case when isfinite(pieces.to_x) then pieces.to_x end),
                bool_or(rules.is_judgement)
            from staging.stg_scorecard__signals as signals
            inner join staging.stg_scorecard__rules as rules using (signal_id)
            inner join staging.stg_scorecard__curve_pieces as pieces using (curve_id)
            where rules.scorecard_id in (select unnest(?))
            group by all
            order by signals.signal_id
            """,
            [list(self.scorecards)],
        ).fetchall()
        return [Signal(*row[:2], frozenset(row[2]), *row[3:]) for row in rows]

    def fill(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Replace the rows of an input; columns that are not named are null."""
        self.connection.execute(f"delete from intermediate.{table}")
        columns = ", ".join(f"unnest(?) as {name}" for name in rows[0])
        values = [[row[name] for row in rows] for name in rows[0]]
        insert = f"insert into intermediate.{table} by name select {columns}"
        self.connection.execute(insert, values)

    def run(self, model: str) -> None:
        sql = (self.world.target / MODELS / f"{model}.sql").read_text(encoding="utf-8")
        self.connection.execute(
            f"create or replace table intermediate.{model.rpartition('/')[2]} as {sql}"
        )

    def score(self, *situations: Situation) -> list[Scored]:
        """Accounts of one day, scored by the standard scorecard."""
        lives = [Life([situation], {0: STANDARD}) for situation in situations]
        return [days[0] for days in self.score_lives(*lives)]

    def score_lives(self, *lives: Life) -> list[list[Scored]]:
        """Accounts day after day, scored together."""
        periods, signal_rows = [], []
        for number, life in enumerate(lives):
            ends = [*list(life.attributes)[1:], len(life.days)]
            for (start, attributes), end in zip(life.attributes.items(), ends):
                periods.append(
                    {
                        "account_id": f"a{number}",
                        "starts_on": day(start),
                        "ends_on": day(end - 1),
                        "spell_number": 1,
                        "spell_starts_on": FIRST_DAY,
                        "first_paid_on": FIRST_DAY,
                        "tenure_days": start + 1,
                        **attributes,
                    }
                )
            for offset, situation in enumerate(life.days):
                signal_rows += [
                    {
                        "account_id": f"a{number}",
                        "as_of_date": day(offset),
                        "signal_id": row.signal_id,
                        "product_id": row.product_id,
                        "product_share": row.share,
                        "value": row.value if row.state == "observed" else None,
                        "scale": row.scale,
                        "state": row.state,
                        "freshness": 1,
                        "state_reason": "source_late" if row.held_on else None,
                        "held_on": row.held_on,
                    }
                    for row in situation
                ]
        length = max(len(life.days) for life in lives)
        days = [{"calendar_date": day(offset), "is_scored": True} for offset in range(length)]
        self.fill("int_accounts__calendar", days)
        self.fill("int_accounts__periods", periods)
        self.fill("int_signals__daily", signal_rows)
        for model in SCORING:
            self.run(model)
        rows = self.connection.execute("""
            select
                scores.account_id,
                scores.as_of_date,
                scores.scorecard_id,
                scores.health_score,
                scores.data_score,
                scores.coverage,
                scores.raw_band,
                bands.band,
                list(contributions.contribution order by contribution_kind, rule_id, signal_id, product_id),
                list(contributions.effective_weight order by signal_id, product_id)
                    filter (where contributions.effective_weight is not null)
            from intermediate.int_scoring__scores as scores
            inner join intermediate.int_scoring__bands as bands
                using (account_id, as_of_date, scorecard_id, scorecard_version)
            inner join intermediate.int_scoring__contributions as contributions
                using (account_id, as_of_date, scorecard_id, scorecard_version)
            where scores.status = 'live'
            group by all
        """).fetchall()
        scored = {(row[0], row[1]): Scored(*row[2:9], row[9] or []) for row in rows}
        return [
            [scored[f"a{number}", day(offset)] for offset in range(len(life.days))]
            for number, life in enumerate(lives)
        ]


    def firings(self, lives: Sequence[EventLife]) -> list[list[int]]:
        """The days on which the rule fires for each account, by its window and cooldown."""
        self.connection.execute("delete from staging.stg_scorecard__point_rule_steps")
        self.connection.execute("delete from staging.stg_scorecard__point_rules")
        self.connection.executemany(
            "insert into staging.stg_scorecard__point_rule_steps values (?, ?, ?, ?, ?)", RULE_STEPS
        )
        self.connection.executemany(
            """
            insert into staging.stg_scorecard__point_rules by name
            select 'card' as scorecard_id, ? as scorecard_version, 'rule' as rule_id,
                ? as completion_days, ? as cooldown_days
            """,
            [(number, life.window, life.cooldown) for number, life in enumerate(lives)],
        )
        events, stretches = [], []
        for number, life in enumerate(lives):
            account_id = f"a{number}"
            stretches.append(
                {
                    "account_id": account_id,
                    "spell_number": 1,
                    "starts_on": day(0),
                    "ends_on": day(LIFE_DAYS - 1),
                }
            )
            for step, offsets in zip(RULE_STEPS, life.steps):
                for offset in offsets:
                    events.append(
                        {
                            "account_id": account_id,
                            "product_id": f"p{len(events)}",
                            "event_kind": step[2],
                            "event_key": step[3],
                            "event_date": day(offset),
                        }
                    )
        self.fill("int_accounts__paid_stretches", stretches)
        self.fill("int_activity__event_days", [*events, NOBODY])
        self.run("signals/int_signals__rule_completions")
        self.run("scoring/int_scoring__rule_firings")
        rows = self.connection.execute(
            "select account_id, scorecard_version, fired_on"
            " from intermediate.int_scoring__rule_firings order by fired_on"
        ).fetchall()
        return [
            [
                (fired_on - FIRST_DAY).days
                for account_id, version, fired_on in rows
                if (account_id, version) == (f"a{number}", number)
            ]
            for number in range(len(lives))
        ]


def day(offset: int) -> date:
    return FIRST_DAY + timedelta(days=offset)


@pytest.fixture(scope="module")
def chain(worlds: Callable[[str], World]) -> Chain:
    return Chain(worlds("dark"))


@pytest.fixture(scope="module")
def every_signal(worlds: Callable[[str], World]) -> Chain:
    return Chain(worlds("every signal"), ("everything",))


# --- what is drawn ------------------------------------------------------------------------------


def rows_of(signal: Signal, states: st.SearchStrategy[str]) -> st.SearchStrategy[list[Row]]:
    """The rows of one signal: one, or for a product signal one to three that share it out.

    Shares are halves and quarters, whose sums are the same in any order.
    """
    shares = st.sampled_from([(1,), (0.5, 0.5), (0.25, 0.75), (0.25, 0.5, 0.25)])
    measured = st.tuples(states, st.floats(0, 1.5), st.floats(0.1, 1000))

    def rows(drawn: tuple[list[tuple[str, float, float]], tuple[float, ...]]) -> list[Row]:
        measurements, parts = drawn
        return [
            Row(
                signal.signal_id,
                state,
                share_of_curve * signal.highest_x * scale,
                scale,
                f"p{number}" if signal.is_per_product else "all",
                part,
            )
            for number, ((state, share_of_curve, scale), part) in enumerate(
                zip(measurements, parts)
            )
        ]

    three = st.lists(measured, min_size=3, max_size=3)
    return st.tuples(three, shares if signal.is_per_product else st.just((1,))).map(rows)


def situations(
    chain: Chain, states: Sequence[str] = ("observed", "observed", "observed", *UNOBSERVED)
) -> st.SearchStrategy[list[Row]]:
    """Rows of all signals of an account on a day."""
    drawn = st.tuples(*(rows_of(signal, st.sampled_from(states)) for signal in chain.signals))
    return drawn.map(lambda groups: [row for group in groups for row in group])


def several(drawn: st.SearchStrategy) -> st.SearchStrategy[list]:
    """A run of the models costs the same for one account as for ten."""
    return st.lists(drawn, min_size=1, max_size=10)


# --- what holds ---------------------------------------------------------------------------------


@few_examples
@given(data=st.data())
def test_every_score_is_the_sum_of_its_contributions(chain: Chain, data: st.DataObject) -> None:
    """And lies between 0 and 100, its weights make one and its coverage is a share.

    The score without judgement is another only where somebody judged.
    """
    judgements = {signal.signal_id for signal in chain.signals if signal.is_judgement}
    drawn = data.draw(several(situations(chain)))
    for rows, scored in zip(drawn, chain.score(*drawn)):
        assert 0 <= scored.coverage <= 1
        if scored.health_score is None:
            assert scored.raw_band == scored.band == "unknown"
            assert set(scored.contributions) == {None} and not scored.effective_weights
            continue
        assert scored.health_score == sum(scored.contributions)
        assert 0 <= scored.health_score <= 100 and 0 <= scored.data_score <= 100
        if not any(row.signal_id in judgements and row.state == "observed" for row in rows):
            assert scored.data_score == scored.health_score
        assert scored.raw_band == scored.band != "unknown"
        assert abs(sum(scored.effective_weights) - 1) < Decimal("0.000001")


@few_examples
@given(data=st.data())
def test_improving_one_signal_never_lowers_the_score(chain: Chain, data: st.DataObject) -> None:
    """More on a rising curve, less on a falling one."""
    monotone = [signal for signal in chain.signals if signal.is_rising or signal.is_falling]
    assert any(signal.is_rising for signal in monotone)

    def improved(drawn: tuple[list[Row], Signal, float]) -> tuple[list[Row], list[Row]]:
        rows, signal, step = drawn
        place = next(n for n, row in enumerate(rows) if row.signal_id == signal.signal_id)
        before, after = list(rows), list(rows)
        before[place] = replace(rows[place], state="observed")
        change = step * signal.highest_x * rows[place].scale * (1 if signal.is_rising else -1)
        after[place] = replace(before[place], value=before[place].value + change)
        return before, after

    drawn = st.tuples(situations(chain), st.sampled_from(monotone), st.floats(0, 1.5))
    pairs = data.draw(several(drawn.map(improved)))
    scored = chain.score(*(situation for pair in pairs for situation in pair))
    for before, after in zip(scored[::2], scored[1::2]):
        assert (before.health_score is None) == (after.health_score is None)
        assert before.coverage == after.coverage
        if before.health_score is not None:
            assert after.health_score >= before.health_score


@few_examples
@given(data=st.data())
def test_an_account_without_data_is_unknown(chain: Chain, data: st.DataObject) -> None:
    """Also on the day after it was healthy or critical."""
    drawn = st.tuples(situations(chain), situations(chain, UNOBSERVED))
    lives = [Life(days, {0: STANDARD}) for days in data.draw(several(drawn))]
    for _, scored in chain.score_lives(*lives):
        assert scored.health_score is None
        assert scored.raw_band == scored.band == "unknown"
        assert scored.coverage == 0


@few_examples
@given(data=st.data())
def test_without_a_source_coverage_falls_and_nobody_gets_a_score(
    chain: Chain, data: st.DataObject
) -> None:
    sources_of = {signal.signal_id: signal.source_tables for signal in chain.signals}
    drawn = st.tuples(situations(chain), st.sampled_from(source_tables(chain)))
    pairs = []
    for rows, source in data.draw(several(drawn)):
        # Only a product that the account is not entitled to is judged before its source is.
        without = [
            replace(row, state="missing")
            if source in sources_of[row.signal_id] and row.state != "not_applicable"
            else row
            for row in rows
        ]
        pairs.append((rows, without))
    scored = chain.score(*(situation for pair in pairs for situation in pair))
    for (rows, without), with_source, alone in zip(pairs, scored[::2], scored[1::2]):
        assert alone.coverage <= with_source.coverage
        lost = {row.signal_id for row, other in zip(rows, without) if row.state != other.state}
        # A judgement is not measured, and its coverage is nobody's.
        lost -= {signal.signal_id for signal in chain.signals if signal.is_judgement}
        if any(row.state == "observed" for row in rows if row.signal_id in lost & standard(chain)):
            assert alone.coverage < with_source.coverage
        if with_source.health_score is None:
            assert alone.band == "unknown"


@few_examples
@given(data=st.data())
def test_no_account_changes_its_band_because_a_source_went_dark(
    chain: Chain, data: st.DataObject
) -> None:
    """As against the same days on which the dark signals have the values they had before: the score
    and the bands are the same, or there is no score. One source after the other may go dark."""
    drawn = st.tuples(
        st.lists(situations(chain), min_size=2, max_size=5),
        st.dictionaries(st.sampled_from(source_tables(chain)), st.integers(1, 3), min_size=1),
    )
    assert_nobody_is_lifted(chain, data.draw(several(drawn)))


# Raw tables that say how to look at the others: no signal is measured from them.
NO_SIGNAL = {"accounts", "products", "exchange_rates", "calendar_days"}


def test_no_signal_of_the_registry_lifts_an_account_by_going_dark(every_signal: Chain) -> None:
    """Each raw table that some signal needs goes dark by itself, under accounts of every kind."""
    tables = source_tables(every_signal)
    assert set(tables) == set(read_contract(PROJECT)) - NO_SIGNAL
    chance = random.Random(1)
    lives = [
        ([drawn_situation(every_signal, chance) for _ in range(3)], {table: 1 + number % 2})
        for table in tables
        for number in range(4)
    ]
    scores = assert_nobody_is_lifted(every_signal, lives)
    assert len([score for score in scores if score is not None]) > 100


def drawn_situation(chain: Chain, chance: random.Random) -> list[Row]:
    """As `situations`, of more signals than Hypothesis has room for."""
    rows = []
    for signal in chain.signals:
        shares = chance.choice([(1,), (0.5, 0.5), (0.25, 0.75)]) if signal.is_per_product else (1,)
        for number, share in enumerate(shares):
            state, scale = chance.choice(("observed",) * 12 + UNOBSERVED), chance.uniform(0.1, 1000)
            value = chance.uniform(0, 1.5) * signal.highest_x * scale
            product = f"p{number}" if signal.is_per_product else "all"
            rows.append(Row(signal.signal_id, state, value, scale, product, share))
    return rows


def source_tables(chain: Chain) -> list[str]:
    """Raw tables that some signal needs."""
    return sorted(set().union(*(signal.source_tables for signal in chain.signals)))


def assert_nobody_is_lifted(
    chain: Chain, lives: Sequence[tuple[Sequence[Situation], Mapping[str, int]]]
) -> list[Decimal | None]:
    """Lives, each with the tables that go dark in it and the day on which they do; returns the scores."""
    sources_of = {signal.signal_id: signal.source_tables for signal in chain.signals}
    pairs = []
    for days, dark_from in lives:
        dark_days, held_days = [list(days[0])], [list(days[0])]
        for offset, rows in enumerate(days[1:], start=1):
            dark, held = [], []
            for row in rows:
                since = min(
                    (dark_from[name] for name in sources_of[row.signal_id] if name in dark_from),
                    default=len(days),
                )
                if offset < since or row.state == "not_applicable":
                    dark.append(row)
                    held.append(row)
                    continue
                before = [
                    other
                    for other in days[since - 1]
                    if (other.signal_id, other.product_id) == (row.signal_id, row.product_id)
                ]
                late = replace(row, state="missing", held_on=day(since - 1))
                dark.append(late)
                is_held = before and before[0].state == "observed"
                held.append(replace(before[0], share=row.share) if is_held else late)
            dark_days.append(dark)
            held_days.append(held)
        pairs += [Life(dark_days, {0: STANDARD}), Life(held_days, {0: STANDARD})]
    scored = chain.score_lives(*pairs)
    for dark_life, held_life in zip(scored[::2], scored[1::2]):
        was_unknown = False
        for dark, held in zip(dark_life, held_life):
            # A sum of doubles, in whatever order.
            assert dark.coverage <= held.coverage + 1e-9
            if dark.health_score is None:
                assert dark.band == "unknown"
                was_unknown = True
                continue
            assert (dark.health_score, dark.data_score) == (held.health_score, held.data_score)
            assert dark.raw_band == held.raw_band
            # After a day without a score the band starts afresh, as it does for any other reason.
            assert was_unknown or dark.band == held.band
    return [dark.health_score for life in scored[::2] for dark in life]


def standard(chain: Chain) -> set[str]:
    """Signals that the standard scorecard weighs."""
    rows = chain.connection.execute(
        "select signal_id from staging.stg_scorecard__rules where scorecard_id = 'standard'"
    ).fetchall()
    return {signal_id for (signal_id,) in rows}


@few_examples
@given(data=st.data())
def test_moving_to_another_segment_changes_nothing_before_the_move(
    chain: Chain, data: st.DataObject
) -> None:
    days = data.draw(st.lists(situations(chain), min_size=2, max_size=8))
    move = data.draw(st.integers(1, len(days) - 1))
    stays, moves = chain.score_lives(
        Life(days, {0: STANDARD}), Life(days, {0: STANDARD, move: ENTERPRISE})
    )
    assert moves[:move] == stays[:move]
    assert {scored.scorecard_id for scored in moves[:move]} == {"standard"}
    assert {scored.scorecard_id for scored in moves[move:]} == {"enterprise"}


def points_per_seat(chain: Chain, accounts: Sequence[tuple[int, int]]) -> list[float]:
    """Points for (active users, seats), from the window's count on."""
    signal, today = "active_users_per_seat", FIRST_DAY
    names = [f"a{number}" for number in range(len(accounts))]
    chain.fill(
        "int_accounts__periods",
        [
            {
                "account_id": name,
                "starts_on": today,
                "ends_on": today,
                "spell_number": 1,
                "spell_starts_on": date(2020, 1, 1),
                "first_paid_on": date(2020, 1, 1),
                "plan": "basic",
                "seats": seats,
            }
            for name, (_, seats) in zip(names, accounts)
        ],
    )
    chain.fill("int_accounts__calendar", [{"calendar_date": today, "is_scored": True}])
    chain.fill(
        "int_signals__windows",
        [
            {
                "account_id": name,
                "starts_on": today,
                "ends_on": today,
                "signal_id": signal,
                "product_id": "all",
                "numerator": users,
                "denominator": 0,
            }
            for name, (users, _) in zip(names, accounts)
        ],
    )
    covered = {"is_off": 0, "is_empty": 0, "is_late": 0, "is_covering": 1}
    chain.fill(
        "int_signals__source_coverage", [{"signal_id": signal, "as_of_date": today, **covered}]
    )
    chain.fill(
        "int_signals__known_accounts",
        [{"signal_id": signal, "account_id": name, "known_from": today} for name in names],
    )
    chain.run("accounts/int_accounts__segments")
    chain.run("accounts/int_accounts__as_of")
    for model in (*SIGNALS, "signals/int_signals__held"):
        chain.run(model)
    chain.run("scoring/int_scoring__versions")
    chain.run("scoring/int_scoring__overrides")
    chain.run("scoring/int_scoring__points")
    found = dict(
        chain.connection.execute(
            "select account_id, points from intermediate.int_scoring__points where status = 'live'"
        ).fetchall()
    )
    return [found[name] for name in names]


def test_the_same_700_users_give_other_points_for_800_and_1000_seats(chain: Chain) -> None:
    of_800, of_1000 = points_per_seat(chain, [(700, 800), (700, 1000)])
    assert of_800 > of_1000 > 0


@few_examples
@given(accounts=several(st.tuples(st.integers(0, 2000), st.integers(20, 2000))))
def test_more_seats_never_give_more_points_to_as_many_users(
    chain: Chain, accounts: list[tuple[int, int]]
) -> None:
    roomier = [(users, seats + 1 + users % 7) for users, seats in accounts]
    points = points_per_seat(chain, [*accounts, *roomier])
    for fewer, more in zip(points[: len(accounts)], points[len(accounts) :]):
        assert more <= fewer


# --- point rules --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rules_chain(worlds: Callable[[str], World]) -> Chain:
    """A chain of its own: its rules must not give points to the lives of the other tests."""
    return Chain(worlds("daily"))


def event_lives() -> st.SearchStrategy[EventLife]:
    offsets = st.lists(st.integers(0, LIFE_DAYS - 1), max_size=15, unique=True)
    return st.builds(
        EventLife,
        steps=st.tuples(
            # Days running are rare among days drawn one by one.
            st.lists(st.integers(0, LIFE_DAYS - 2), max_size=8).map(
                lambda starts: sorted({start + more for start in starts for more in (0, 1)})
            ),
            offsets,
            offsets,
        ),
        window=st.integers(1, 30),
        cooldown=st.integers(0, 15),
    )


def plain_firings(life: EventLife) -> list[int]:
    """Day after day: is the rule completed, in time, by a new episode, and cooled down?"""
    first, second, third = (set(offsets) for offsets in life.steps)
    fired: list[int] = []
    episodes = set()
    for today in range(LIFE_DAYS):
        ways = [
            begun
            for begun in range(today + 1)
            for between in range(begun, today + 1)
            if {begun - 1, begun} <= first and between in second and today in third
        ]
        if not ways or today - max(ways) >= life.window:
            continue
        episode = max(ways)
        while episode in first:
            episode -= 1
        if episode not in episodes:
            episodes.add(episode)
            if not fired or today - fired[-1] >= life.cooldown:
                fired.append(today)
    return fired


@few_examples
@given(lives=st.lists(event_lives(), min_size=20, max_size=40))
def test_a_rule_fires_on_the_days_that_counting_finds(
    rules_chain: Chain, lives: list[EventLife]
) -> None:
    assert rules_chain.firings(lives) == [plain_firings(life) for life in lives]


@few_examples
@given(lives=several(event_lives()))
def test_the_same_event_again_fires_nothing_more(
    rules_chain: Chain, lives: list[EventLife]
) -> None:
    twice = [replace(life, steps=[[*days, *days] for days in life.steps]) for life in lives]
    assert rules_chain.firings(twice) == rules_chain.firings(lives)


@few_examples
@given(lives=several(event_lives()), today=st.integers(0, LIFE_DAYS - 1))
def test_what_happens_later_changes_no_firing(
    rules_chain: Chain, lives: list[EventLife], today: int
) -> None:
    until_today = [
        replace(life, steps=[[one for one in days if one <= today] for days in life.steps])
        for life in lives
    ]
    assert rules_chain.firings(until_today) == [
        [one for one in fired if one <= today] for fired in rules_chain.firings(lives)
    ]
