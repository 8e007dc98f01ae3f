"""What the marts hold, as data frames: the only module of the validation that knows SQL.

Dates are days since 1970-01-01, accounts are codes from 0 to `accounts` − 1 that all frames share, and
a number that is not known is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from lib.warehouse import Warehouse, WarehouseError

EPOCH = "cast('1970-01-01' as date)"


@dataclass(frozen=True)
class Horizon:
    """The window of an outcome: (date + gap_days, date + gap_days + horizon_days]."""

    horizon_id: str
    horizon_days: int
    gap_days: int

    @property
    def window_days(self) -> int:
        """Days from the observation to the end of the window."""
        return self.gap_days + self.horizon_days


@dataclass(frozen=True)
class Observations:
    """What the verdict needs.

    outcomes: account × date: score, band, band_rank, is_best_band, scorecard, segment, usage_points,
        recency_days, equal_weight_score, churn_model_id, probability, acted_on (0, 1, or NaN: not known),
        churned_on, churned (0, 1 or NaN), is_censored, is_churned_in_gap, is_renewal_due, days_to_event,
        is_event.
    """

    horizon: Horizon
    outcomes: pd.DataFrame
    accounts: int
    last_day: int
    integrity: dict[str, int]


@dataclass(frozen=True)
class Marts(Observations):
    """Everything that the validation reads.

    signals: account × date: one column of mean points per signal.
    stints: account × spell × unbroken run of days in one band: band, band_rank, starts_on, ends_on (both
        included), churned_on of the spell. Days from the churn on are left out.
    churns: account × spell: churned_on, churn_basis, is_last_paid_day, first_scored_on (NaN: no score
        before the churn).
    unknown_accounts: rows of each table that tells who left whose account is not in the account table.
    stability: rows of score_stability, of everybody and of the score of each scorecard, item by item and
        date by date; None where the mart is not built.
    calibration: rows of calibration_drift, quarter by quarter; None where the mart is not built.
    """

    signals: pd.DataFrame
    stints: pd.DataFrame
    churns: pd.DataFrame
    unknown_accounts: dict[str, int]
    stability: list[dict[str, Any]] | None
    calibration: list[dict[str, Any]] | None


def as_date(day: float) -> date:
    """The date of a day number."""
    return date(1970, 1, 1) + timedelta(days=int(day))


def horizons(warehouse: Warehouse, schema: str) -> list[Horizon]:
    """The horizons of health_outcomes, the shortest first. Raises WarehouseError where there is none."""
    rows = warehouse.rows(
        f"""
        select distinct horizon_id, horizon_days, gap_days
        from {schema}.health_outcomes
        order by horizon_days, gap_days, horizon_id
        """
    )
    if not rows:
        raise WarehouseError(
            f"{warehouse.place}: {schema}.health_outcomes is empty: no account had a score on an"
            " observation date. Mend: run make build, and read its summary"
        )
    return [Horizon(**row) for row in rows]


def choose_horizon(found: list[Horizon], wanted: str | None, gap_days: int | None) -> Horizon:
    """The horizon of that name or number of days, with that gap; the shortest where nothing is asked.

    Raises WarehouseError that names those there are.
    """
    for horizon in found:
        named = wanted in (None, horizon.horizon_id, str(horizon.horizon_days))
        if named and gap_days in (None, horizon.gap_days):
            return horizon
    listed = ", ".join(
        f"{horizon.horizon_id} ({horizon.horizon_days} days after a gap of {horizon.gap_days})"
        for horizon in found
    )
    raise WarehouseError(
        "health_outcomes has no such horizon and gap."
        f" Mend: ask for one of: {listed}; or add a row to the seed outcome_horizons and run make build"
    )


def read_observations(warehouse: Warehouse, schema: str, horizon: Horizon) -> Observations:
    """The observations of one horizon. Raises WarehouseError where a mart or a column is not there."""
    accounts = account_codes(warehouse, schema)
    # Of the calendar: on the last scored day nobody needs to be a customer any more.
    [last] = warehouse.rows(
        f"select max(as_of_date) - {EPOCH} as last_day from {schema}.source_health"
    )
    if last["last_day"] is None:
        raise WarehouseError(
            f"{warehouse.place}: {schema}.source_health is empty: no day is scored."
            " Mend: run make build, and read its summary"
        )
    return Observations(
        horizon=horizon,
        outcomes=coded(_outcomes(warehouse, schema, horizon), accounts),
        accounts=len(accounts),
        last_day=int(last["last_day"]),
        integrity=_integrity(warehouse, schema, horizon),
    )


def read_marts(warehouse: Warehouse, schema: str, horizon: Horizon) -> Marts:
    """All frames of one horizon. Raises WarehouseError where a mart or a column is not there."""
    accounts = account_codes(warehouse, schema)
    return Marts(
        **vars(read_observations(warehouse, schema, horizon)),
        signals=coded(_signals(warehouse, schema, horizon), accounts),
        stints=coded(_stints(warehouse, schema), accounts),
        churns=coded(_churns(warehouse, schema), accounts),
        unknown_accounts=_unknown_accounts(warehouse, schema),
        stability=_stability(warehouse, schema),
        calibration=_calibration(warehouse, schema),
    )


def account_codes(warehouse: Warehouse, schema: str) -> pd.Index:
    """Every account that any frame may name: its code is its place, whatever else is read."""
    marts = ("account_health_daily", "churn_dates", "health_outcomes")
    names = " union ".join(f"select account_id from {schema}.{mart}" for mart in marts)
    return pd.Index(sorted(row["account_id"] for row in warehouse.rows(names)), dtype=object)


def coded(frame: pd.DataFrame, accounts: pd.Index) -> pd.DataFrame:
    """The frame with its accounts as codes."""
    frame.insert(0, "account", accounts.get_indexer(frame.pop("account_id")))
    return frame


def _outcomes(warehouse: Warehouse, schema: str, horizon: Horizon) -> pd.DataFrame:
    frame = _frame(
        warehouse,
        f"""
        select
            account_id,
            observation_date - {EPOCH} as date,
            {_number("health_score")} as score,
            band,
            {_number("band_rank")} as band_rank,
            coalesce(is_best_band, false) as is_best_band,
            coalesce(scorecard_id, 'none') as scorecard_id,
            coalesce({_number("scorecard_version")}, 0) as scorecard_version,
            coalesce(segment_id, 'none') as segment_id,
            {_number("usage_points")} as usage_points,
            {_number("recency_days")} as recency_days,
            {_number("equal_weight_score")} as equal_weight_score,
            churn_model_id,
            {_number("churn_probability")} as probability,
            {_flag("is_acted_on")} as acted_on,
            {_number(f"churned_on - {EPOCH}")} as churned_on,
            {_flag("is_churned")} as churned,
            coalesce(is_censored, false) as is_censored,
            coalesce(is_churned_in_gap, false) as is_churned_in_gap,
            coalesce(is_renewal_due, false) as is_renewal_due,
            {_number("days_to_event")} as days_to_event,
            coalesce(is_event, false) as is_event
        from {schema}.health_outcomes
        where horizon_id = '{_quoted(horizon.horizon_id)}'
        order by account_id, observation_date
        """,
    )
    numbers = (
        "score", "band_rank", "usage_points", "recency_days", "equal_weight_score", "probability",
        "acted_on", "churned_on", "churned", "days_to_event",
    )  # fmt: skip
    flags = [column for column in frame.columns if column.startswith("is_")]
    kinds = dict.fromkeys(numbers, float) | dict.fromkeys(flags, bool)
    return frame.astype(kinds | {"date": int})


def _signals(warehouse: Warehouse, schema: str, horizon: Horizon) -> pd.DataFrame:
    """The points of every signal on the observation dates, products of one account averaged."""
    chosen = f"""
        contribution_kind = 'signal'
        and as_of_date in (
            select observation_date from {schema}.health_outcomes
            where horizon_id = '{_quoted(horizon.horizon_id)}'
        )
    """
    names = [
        row["signal_id"]
        for row in warehouse.rows(
            f"""
            select distinct signal_id from {schema}.health_contributions
            where {chosen}
            order by signal_id
            """
        )
    ]
    columns = "".join(
        f""",
            {_number(f"avg(case when signal_id = '{_quoted(name)}' then points end)")} as s{number}"""
        for number, name in enumerate(names)
    )
    frame = _frame(
        warehouse,
        f"""
        select account_id, as_of_date - {EPOCH} as date{columns}
        from {schema}.health_contributions
        where {chosen}
        group by account_id, as_of_date
        """,
    )
    labels = {f"s{number}": name for number, name in enumerate(names)}
    kinds = dict.fromkeys(labels, float)
    return frame.astype(kinds | {"date": int}).rename(columns=labels)


def _stints(warehouse: Warehouse, schema: str) -> pd.DataFrame:
    """Runs of days in one band; of a band whose rank changes with the version, its rank at first."""
    frame = _frame(
        warehouse,
        f"""
        with days as (
            select
                daily.account_id,
                daily.spell_number,
                daily.as_of_date,
                daily.band,
                daily.band_rank,
                churns.churned_on,
                lag(daily.band) over (
                    partition by daily.account_id, daily.spell_number
                    order by daily.as_of_date
                ) as band_before,
                max(daily.as_of_date) over (
                    partition by daily.account_id, daily.spell_number
                ) as last_scored_on
            from {schema}.account_health_daily as daily
            left join {schema}.churn_dates as churns
                on daily.account_id = churns.account_id
                and daily.spell_number = churns.spell_number
            where churns.churned_on is null or daily.as_of_date < churns.churned_on
        ),

        starts as (
            select
                *,
                lead(as_of_date) over (
                    partition by account_id, spell_number
                    order by as_of_date
                ) as next_starts_on
            from days
            where band_before is null or band <> band_before
        ),

        scored_days as (
            select
                as_of_date as scored_on,
                lead(as_of_date) over (order by as_of_date) as next_scored_on
            from {schema}.source_health
            group by as_of_date
        )

        -- A score holds until the next is due: where days are scored weekly, a week.
        select
            account_id,
            spell_number,
            band,
            {_number("band_rank")} as band_rank,
            as_of_date - {EPOCH} as starts_on,
            least(
                coalesce(next_starts_on, next_scored_on, last_scored_on + 1), churned_on
            ) - 1 - {EPOCH} as ends_on,
            {_number(f"churned_on - {EPOCH}")} as churned_on
        from starts
        left join scored_days on starts.last_scored_on = scored_days.scored_on
        order by account_id, spell_number, as_of_date
        """,
    )
    return frame.astype({"band_rank": float, "churned_on": float, "starts_on": int, "ends_on": int})


def _churns(warehouse: Warehouse, schema: str) -> pd.DataFrame:
    frame = _frame(
        warehouse,
        f"""
        select
            churns.account_id,
            churns.spell_number,
            churns.churned_on - {EPOCH} as churned_on,
            churns.churn_basis,
            coalesce(churns.churned_on >= churns.last_paid_on, false) as is_last_paid_day,
            {_number(f"min(daily.as_of_date) - {EPOCH}")} as first_scored_on
        from {schema}.churn_dates as churns
        left join {schema}.account_health_daily as daily
            on churns.account_id = daily.account_id
            and churns.spell_number = daily.spell_number
            and churns.churned_on > daily.as_of_date
            and daily.health_score is not null
        group by
            churns.account_id, churns.spell_number, churns.churned_on, churns.churn_basis,
            churns.last_paid_on
        order by churns.account_id, churns.spell_number
        """,
    )
    return frame.astype({"churned_on": int, "is_last_paid_day": bool, "first_scored_on": float})


def _unknown_accounts(warehouse: Warehouse, schema: str) -> dict[str, int]:
    rows = warehouse.rows(
        f"""
        select source_id, rejected_unknown_account
        from {schema}.source_health
        where source_id in ('churn_events', 'subscriptions')
            and as_of_date = (select max(as_of_date) from {schema}.source_health)
        order by source_id
        """
    )
    return {row["source_id"]: int(row["rejected_unknown_account"]) for row in rows}


def _stability(warehouse: Warehouse, schema: str) -> list[dict[str, Any]] | None:
    if not _is_built(warehouse, schema, "score_stability"):
        return None
    return warehouse.rows(
        f"""
        select * from {schema}.score_stability
        where scorecard_id = 'all' or item_kind = 'score'
        order by
            case item_kind when 'score' then 1 when 'dimension' then 2 else 3 end,
            case scorecard_id when 'all' then 1 else 2 end,
            scorecard_id,
            item_id,
            observation_date
        """
    )


def _calibration(warehouse: Warehouse, schema: str) -> list[dict[str, Any]] | None:
    if not _is_built(warehouse, schema, "calibration_drift"):
        return None
    return warehouse.rows(
        f"""
        select * from {schema}.calibration_drift
        order by quarter_starts_on, horizon_id, model_id
        """
    )


def _is_built(warehouse: Warehouse, schema: str, mart: str) -> bool:
    return bool(
        warehouse.rows(
            f"""
            select table_name from information_schema.tables
            where table_schema = '{schema}' and table_name = '{mart}'
            """
        )
    )


def _integrity(warehouse: Warehouse, schema: str, horizon: Horizon) -> dict[str, int]:
    """Rows of health_outcomes that no honest history can hold; every count must be 0."""
    unlike = [
        # A probability is left out where its model speaks of another window.
        f"outcomes.{column} is distinct from scored.{column}"
        + (f" and outcomes.{column} is not null" if column.startswith("churn_probability") else "")
        for column in _repeated(warehouse, schema)
    ]
    [counts] = warehouse.rows(
        f"""
        with outcomes as (
            select *, observation_date + gap_days + horizon_days as window_closes_on
            from {schema}.health_outcomes
            where horizon_id = '{_quoted(horizon.horizon_id)}'
        ),

        -- Everybody is observed on the first scored day of each month, whatever the outcomes hold.
        observation_dates as (
            select observation_date from outcomes
            union
            select min(as_of_date) from {schema}.source_health
            group by date_trunc('month', as_of_date)
        ),

        scored as (
            select
                daily.*,
                churns.churned_on
            from {schema}.account_health_daily as daily
            inner join observation_dates
                on daily.as_of_date = observation_dates.observation_date
            left join {schema}.churn_dates as churns
                on daily.account_id = churns.account_id
                and daily.spell_number = churns.spell_number
        ),

        compared as (
            select
                scored.account_id as scored_account_id,
                scored.churned_on as true_churned_on,
                {" or ".join(f"({one})" for one in unlike)} as is_unlike_that_day,
                outcomes.*
            from outcomes
            full outer join scored
                on outcomes.account_id = scored.account_id
                and outcomes.observation_date = scored.as_of_date
            where outcomes.account_id is not null
                or scored.churned_on is null
                or scored.churned_on > scored.as_of_date
        ),

        dates as (
            select coalesce(
                sum(case when churned_on > notice_given_on then 1 end), 0
            ) as churns_dated_after_notice
            from {schema}.churn_dates
        ),

        keys as (
            select count(*) - count(distinct (account_id, observation_date)) as duplicates
            from outcomes
        ),

        days as (
            select max(as_of_date) as last_day from {schema}.source_health
        )

        select
            coalesce(sum(case
                when true_churned_on <= observation_date or churned_on <= observation_date then 1
            end), 0) as rows_scored_after_churn,
            coalesce(sum(case
                when account_id is null or scored_account_id is null then 0
                when true_churned_on is distinct from churned_on then 1
                when is_event is distinct from (true_churned_on is not null) then 1
                when is_event and days_to_event is distinct from true_churned_on - observation_date then 1
                when not is_event and days_to_event > last_day - observation_date then 1
                -- Who stays is judged only if paying was seen to the end of the window.
                when is_censored is distinct from case
                    when is_event then window_closes_on > last_day
                    else days_to_event < gap_days + horizon_days
                end then 1
                when is_churned_in_gap is distinct from
                    coalesce(true_churned_on <= observation_date + gap_days, false) then 1
                when is_churned is distinct from case
                    when is_censored or is_churned_in_gap then null
                    else coalesce(true_churned_on <= window_closes_on, false)
                end then 1
            end), 0) as labels_unlike_churn_dates,
            coalesce(sum(case
                when account_id is null then 0
                when scored_account_id is null then 1
                when is_unlike_that_day then 1
                when (churn_model_id is null) <> (churn_probability is null) then 1
                when is_renewal_due is distinct from coalesce(
                    renewal_date > observation_date + gap_days and renewal_date <= window_closes_on,
                    false
                ) then 1
            end), 0) as scores_unlike_that_day,
            coalesce(sum(case when account_id is null then 1 end), 0) as accounts_left_out_of_a_date,
            max(keys.duplicates) as duplicate_rows,
            max(dates.churns_dated_after_notice) as churns_dated_after_notice
        from compared
        cross join dates
        cross join keys
        cross join days
        """
    )
    return {name: int(count) for name, count in counts.items()}


def _repeated(warehouse: Warehouse, schema: str) -> list[str]:
    """What health_outcomes repeats of an account's day: columns that account_health_daily has too."""
    found = warehouse.rows(
        f"""
        select column_name from information_schema.columns
        where table_schema = '{schema}'
            and table_name in ('account_health_daily', 'health_outcomes')
            and column_name <> 'account_id'
        group by column_name
        having count(distinct table_name) = 2
        order by column_name
        """
    )
    return [row["column_name"] for row in found]


def _frame(warehouse: Warehouse, query: str) -> pd.DataFrame:
    """The rows of a query. DuckDB hands over columns at once; other engines row by row."""
    warehouse.rows(f"select * from ({query}) as explained limit 0")  # says what is missing
    cursor = warehouse.connection.cursor()
    cursor.execute(query)
    if hasattr(cursor, "df"):
        frame = cursor.df()
    else:
        frame = pd.DataFrame(cursor.fetchall(), columns=[name for name, *_ in cursor.description])
    cursor.close()
    return frame


def _number(expression: str) -> str:
    return f"cast({expression} as double precision)"


def _flag(column: str) -> str:
    return _number(f"case when {column} then 1 when not {column} then 0 end")


def _quoted(text: str) -> str:
    return text.replace("'", "''")
