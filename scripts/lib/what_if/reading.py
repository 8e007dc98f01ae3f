"""What the warehouse knows of a live and a shadow version: the only module here with SQL over scores.

Everything is read; nothing is written. Both sides have the same accounts and days: those of the
scorecard on which a live version was in force and the shadow was scored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lib.warehouse import Warehouse, WarehouseError

from .versions import Pair, Schemas, quoted

SIDES = ("live", "shadow")


@dataclass(frozen=True)
class Band:
    """A band with its rank in its version, 1 being the worst; unknown has none.

    is_best: whether it is the top band of the version in force. Bands that are called and ranked alike are
    one band, whichever version they are of.
    """

    name: str
    rank: int | None
    is_best: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Stint:
    """An unbroken run of days of an account in one band, both ends included.

    is_compared: whether the compared scorecard scored it; other days tell what a CSM has to do besides.
    """

    account_id: str
    spell_number: int
    owner_id: str | None
    is_compared: bool
    band: Band
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Migration:
    """Accounts in one band under live and one under shadow. Revenue is summed over account-days."""

    live_band: Band
    shadow_band: Band
    accounts: int
    account_days: int
    revenue_days: Decimal
    account_days_without_revenue: int


@dataclass(frozen=True)
class Horizon:
    """The window of an outcome: (date + gap_days, date + gap_days + horizon_days]."""

    horizon_id: str
    horizon_days: int
    gap_days: int
    interval_z: float

    @property
    def window_days(self) -> int:
        """Days from the observation to the end of the window."""
        return self.gap_days + self.horizon_days


@dataclass(frozen=True)
class Outcome:
    """An observation that can be judged: the band then under each version, and what followed."""

    account_id: str
    live_band: Band
    shadow_band: Band
    is_churned: bool


@dataclass(frozen=True)
class Cause:
    """What a signal (or another kind of row) gave to a score under each version; None: no row."""

    label: str
    live: Decimal | None
    shadow: Decimal | None

    @property
    def difference(self) -> Decimal:
        return (self.shadow or Decimal(0)) - (self.live or Decimal(0))


@dataclass(frozen=True)
class Mover:
    """An account whose score differs on the last day, with every row that makes the difference."""

    account_id: str
    account_name: str | None
    owner_id: str | None
    recurring_revenue: Decimal | None
    live_score: Decimal
    shadow_score: Decimal
    live_band: str
    shadow_band: str
    causes: tuple[Cause, ...]

    @property
    def difference(self) -> Decimal:
        return self.shadow_score - self.live_score


@dataclass(frozen=True)
class History:
    """Everything that is compared.

    stints: per side, by account, spell and day. churned_on: day on which leaving was decided, by account
    and spell; from it on an account has no stints. owner_weeks: CSM (None: without one) and the Monday of
    every week in which the CSM had an account that is compared.
    """

    pair: Pair
    days: int
    stints: dict[str, list[Stint]]
    churned_on: dict[tuple[str, int], date]
    last_day: list[Migration]
    history: list[Migration]
    outcomes: dict[Horizon, list[Outcome]]
    owner_weeks: list[tuple[str | None, date]]
    limits: dict[str, float]


LIMITS = (
    "worst_entries_per_owner_week", "owner_weeks_above_percent", "revenue_changing_band_percent",
)  # fmt: skip


def read_history(warehouse: Warehouse, schemas: Schemas, pair: Pair) -> History:
    """Read all of it. Raises WarehouseError where a table, a column or a limit is not there."""
    days = _days(schemas, pair)
    whole = _migrations(warehouse, days, "1 = 1")
    return History(
        pair=pair,
        days=_number_of_days(warehouse, days),
        stints=_stints(warehouse, days),
        churned_on=_churned_on(warehouse, schemas, pair),
        last_day=_migrations(warehouse, days, f"as_of_date = cast('{pair.last_day}' as date)"),
        history=whole,
        outcomes=_outcomes(warehouse, schemas, days),
        owner_weeks=_owner_weeks(warehouse, days),
        limits=_limits(warehouse, schemas),
    )


def read_movers(warehouse: Warehouse, schemas: Schemas, pair: Pair, most: int) -> list[Mover]:
    """The accounts whose scores differ most on the last day, the largest difference first."""
    rows = warehouse.rows(
        f"""
        with {_days(schemas, pair)},

        scores as (
            select * from {schemas.intermediate}.int_scoring__scores
            where as_of_date = cast('{pair.last_day}' as date)
        )

        select
            days.account_id,
            names.account_name,
            days.owner_id,
            days.recurring_revenue,
            live.health_score as live_score,
            shadow.health_score as shadow_score,
            days.live_band,
            days.shadow_band
        from days
        inner join scores as live
            on days.account_id = live.account_id
            and live.status = 'live'
        inner join scores as shadow
            on days.account_id = shadow.account_id
            and shadow.status = 'shadow'
            and shadow.scorecard_id = '{quoted(pair.shadow.scorecard_id)}'
            and shadow.scorecard_version = {pair.shadow.number}
        left join {schemas.marts}.account_health as names on days.account_id = names.account_id
        where days.is_compared = 1
            and days.as_of_date = cast('{pair.last_day}' as date)
            and live.health_score <> shadow.health_score
        order by abs(shadow.health_score - live.health_score) desc, days.account_id
        limit {int(most)}
        """
    )
    causes = _causes(warehouse, schemas, pair, [row["account_id"] for row in rows])
    return [Mover(**row, causes=tuple(causes[row["account_id"]])) for row in rows]


def _days(schemas: Schemas, pair: Pair) -> str:
    """A CTE: account × day of the whole company with the band under each version.

    The shadow side of an account that another scorecard scores is the live one: what a CSM would see.
    """
    return f"""
        live as (
            select * from {schemas.intermediate}.int_scoring__bands
            where status = 'live'
        ),

        shadow as (
            select * from {schemas.intermediate}.int_scoring__bands
            where status = 'shadow'
                and scorecard_id = '{quoted(pair.shadow.scorecard_id)}'
                and scorecard_version = {pair.shadow.number}
        ),

        paired as (
            select
                daily.account_id,
                daily.as_of_date,
                daily.spell_number,
                daily.owner_id,
                daily.recurring_revenue,
                churns.churned_on,
                live.band as live_band,
                live.band_rank as live_rank,
                live.is_best_band as live_is_best,
                shadow.band as shadow_band,
                shadow.band_rank as shadow_rank,
                shadow.is_best_band as shadow_is_best,
                case
                    when live.scorecard_id = '{quoted(pair.live.scorecard_id)}'
                        and shadow.account_id is not null then 1
                    else 0
                end as is_compared
            from {schemas.marts}.account_health_daily as daily
            left join live
                on daily.account_id = live.account_id
                and daily.as_of_date = live.as_of_date
            left join shadow
                on daily.account_id = shadow.account_id
                and daily.as_of_date = shadow.as_of_date
            left join {schemas.marts}.churn_dates as churns
                on daily.account_id = churns.account_id
                and daily.spell_number = churns.spell_number
            where daily.as_of_date
                between cast('{pair.first_day}' as date) and cast('{pair.last_day}' as date)
        ),

        days as (
            select
                paired.account_id,
                paired.as_of_date,
                paired.spell_number,
                paired.owner_id,
                paired.recurring_revenue,
                paired.churned_on,
                paired.is_compared,
                coalesce(paired.live_band, 'unknown') as live_band,
                paired.live_rank,
                coalesce(paired.live_is_best, false) as live_is_best,
                case
                    when paired.is_compared = 1 then paired.shadow_band
                    else coalesce(paired.live_band, 'unknown')
                end as shadow_band,
                case
                    when paired.is_compared = 1 then paired.shadow_rank
                    else paired.live_rank
                end as shadow_rank,
                coalesce(
                    case when paired.is_compared = 1 then paired.shadow_is_best else paired.live_is_best end,
                    false
                ) as shadow_is_best
            from paired
        )"""


def _number_of_days(warehouse: Warehouse, days: str) -> int:
    [row] = warehouse.rows(
        f"with {days} select count(distinct as_of_date) as days from days where is_compared = 1"
    )
    return row["days"]


def _stints(warehouse: Warehouse, days: str) -> dict[str, list[Stint]]:
    """Runs in which neither side changes, then per side those that follow each other as one."""
    rows = warehouse.rows(
        f"""
        with {days},

        before as (
            select
                *,
                lag(is_compared) over spell as compared_before,
                lag(live_band) over spell as live_band_before,
                coalesce(lag(live_rank) over spell, 0) as live_rank_before,
                lag(shadow_band) over spell as shadow_band_before,
                coalesce(lag(shadow_rank) over spell, 0) as shadow_rank_before,
                max(as_of_date) over (partition by account_id, spell_number) as last_scored_on
            from days
            where churned_on is null or as_of_date < churned_on
            window spell as (partition by account_id, spell_number order by as_of_date)
        ),

        starts as (
            select
                *,
                lead(as_of_date) over (
                    partition by account_id, spell_number
                    order by as_of_date
                ) as next_starts_on
            from before
            where compared_before is null
                or is_compared <> compared_before
                or live_band <> live_band_before
                or coalesce(live_rank, 0) <> live_rank_before
                or shadow_band <> shadow_band_before
                or coalesce(shadow_rank, 0) <> shadow_rank_before
        )

        select
            account_id,
            spell_number,
            owner_id,
            is_compared,
            live_band,
            live_rank,
            shadow_band,
            shadow_rank,
            as_of_date as starts_on,
            coalesce(next_starts_on - 1, last_scored_on) as ends_on
        from starts
        order by account_id, spell_number, as_of_date
        """
    )
    return {side: _merged(rows, side) for side in SIDES}


def _merged(rows: list[dict], side: str) -> list[Stint]:
    found: list[Stint] = []
    for row in rows:
        stint = Stint(
            account_id=row["account_id"],
            spell_number=row["spell_number"],
            owner_id=row["owner_id"],
            is_compared=bool(row["is_compared"]),
            band=Band(row[f"{side}_band"], row[f"{side}_rank"]),
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
        )
        if found and _goes_on(found[-1], stint):
            before = found.pop()
            stint = Stint(
                before.account_id, before.spell_number, before.owner_id, before.is_compared,
                before.band, before.starts_on, stint.ends_on,
            )  # fmt: skip
        found.append(stint)
    return found


def _goes_on(before: Stint, stint: Stint) -> bool:
    return (before.account_id, before.spell_number, before.is_compared, before.band) == (
        stint.account_id, stint.spell_number, stint.is_compared, stint.band,
    )  # fmt: skip


def _churned_on(
    warehouse: Warehouse, schemas: Schemas, pair: Pair
) -> dict[tuple[str, int], date]:
    rows = warehouse.rows(
        f"""
        select account_id, spell_number, churned_on
        from {schemas.marts}.churn_dates
        where churned_on <= cast('{pair.last_day}' as date)
        """
    )
    return {(row["account_id"], row["spell_number"]): row["churned_on"] for row in rows}


def _migrations(warehouse: Warehouse, days: str, chosen: str) -> list[Migration]:
    rows = warehouse.rows(
        f"""
        with {days}

        select
            live_band,
            live_rank,
            shadow_band,
            shadow_rank,
            count(distinct account_id) as accounts,
            count(*) as account_days,
            coalesce(sum(recurring_revenue), 0) as revenue_days,
            count(*) - count(recurring_revenue) as account_days_without_revenue
        from days
        where is_compared = 1 and {chosen}
        group by live_band, live_rank, shadow_band, shadow_rank
        order by
            coalesce(live_rank, 0), live_band, coalesce(shadow_rank, 0), shadow_band
        """
    )
    return [
        Migration(
            Band(row["live_band"], row["live_rank"]),
            Band(row["shadow_band"], row["shadow_rank"]),
            row["accounts"],
            row["account_days"],
            Decimal(row["revenue_days"]),
            row["account_days_without_revenue"],
        )
        for row in rows
    ]


def _outcomes(warehouse: Warehouse, schemas: Schemas, days: str) -> dict[Horizon, list[Outcome]]:
    """Observations that marts.health_outcomes judges, by horizon; the shortest first."""
    rows = warehouse.rows(
        f"""
        with {days}

        select
            horizons.horizon_id,
            horizons.horizon_days,
            horizons.gap_days,
            horizons.interval_z,
            outcomes.account_id,
            outcomes.is_churned,
            days.live_band,
            days.live_rank,
            days.live_is_best,
            days.shadow_band,
            days.shadow_rank,
            days.shadow_is_best
        from {schemas.staging}.stg_scorecard__outcome_horizons as horizons
        left join {schemas.marts}.health_outcomes as outcomes
            on horizons.horizon_id = outcomes.horizon_id
            and outcomes.is_churned is not null
        left join days
            on outcomes.account_id = days.account_id
            and outcomes.observation_date = days.as_of_date
            and days.is_compared = 1
        order by
            horizons.horizon_days, horizons.gap_days, horizons.horizon_id, outcomes.account_id,
            outcomes.observation_date
        """
    )
    found: dict[Horizon, list[Outcome]] = {}
    for row in rows:
        horizon = Horizon(
            row["horizon_id"], row["horizon_days"], row["gap_days"], row["interval_z"]
        )
        outcomes = found.setdefault(horizon, [])
        if row["live_band"] is not None:
            outcomes.append(
                Outcome(
                    row["account_id"],
                    Band(row["live_band"], row["live_rank"], row["live_is_best"]),
                    Band(row["shadow_band"], row["shadow_rank"], row["shadow_is_best"]),
                    row["is_churned"],
                )
            )
    return found


def _owner_weeks(warehouse: Warehouse, days: str) -> list[tuple[str | None, date]]:
    rows = warehouse.rows(
        f"""
        with {days}

        select owner_id, cast(date_trunc('week', as_of_date) as date) as week_starts_on
        from days
        where is_compared = 1 and (churned_on is null or as_of_date < churned_on)
        group by owner_id, cast(date_trunc('week', as_of_date) as date)
        order by coalesce(owner_id, ''), week_starts_on
        """
    )
    return [(row["owner_id"], row["week_starts_on"]) for row in rows]


def _limits(warehouse: Warehouse, schemas: Schemas) -> dict[str, float]:
    rows = warehouse.rows(f"select limit_id, value from {schemas.staging}.stg_scorecard__release_limits")
    found = {row["limit_id"]: float(row["value"]) for row in rows}
    missing = [limit for limit in LIMITS if limit not in found]
    if missing:
        raise WarehouseError(
            f"{warehouse.place}: the limit {missing[0]} is not there."
            " Mend: add its row to release_limits.csv and run make build"
        )
    return found


def _causes(
    warehouse: Warehouse, schemas: Schemas, pair: Pair, account_ids: list[str]
) -> dict[str, list[Cause]]:
    """What the rows of each score add up to, per signal or kind; what differs most comes first."""
    found: dict[str, list[Cause]] = {account_id: [] for account_id in account_ids}
    if not account_ids:
        return found
    listed = ", ".join(f"'{quoted(account_id)}'" for account_id in account_ids)
    rows = warehouse.rows(
        f"""
        with contributions as (
            select
                account_id,
                status,
                contribution,
                case
                    when contribution_kind = 'signal' then signal_id
                    when rule_id <> 'none' then rule_id
                    else contribution_kind
                end as cause_id
            from {schemas.intermediate}.int_scoring__contributions
            where as_of_date = cast('{pair.last_day}' as date)
                and account_id in ({listed})
                and (
                    status = 'live'
                    or (
                        scorecard_id = '{quoted(pair.shadow.scorecard_id)}'
                        and scorecard_version = {pair.shadow.number}
                    )
                )
        )

        select
            contributions.account_id,
            coalesce(signals.label, contributions.cause_id) as label,
            sum(case when contributions.status = 'live' then contributions.contribution end) as live,
            sum(case when contributions.status = 'shadow' then contributions.contribution end) as shadow
        from contributions
        left join {schemas.staging}.stg_scorecard__signals as signals
            on contributions.cause_id = signals.signal_id
        group by
            contributions.account_id, contributions.cause_id, coalesce(signals.label, contributions.cause_id)
        order by contributions.account_id, contributions.cause_id
        """
    )
    for row in rows:
        found[row["account_id"]].append(Cause(row["label"], row["live"], row["shadow"]))
    for causes in found.values():
        causes.sort(key=lambda cause: -abs(cause.difference))
    return found
