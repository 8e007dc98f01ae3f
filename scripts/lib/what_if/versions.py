"""The two versions that are compared, and why two cannot be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from lib.warehouse import Warehouse, WarehouseError


@dataclass(frozen=True)
class Version:
    """A version of a scorecard."""

    scorecard_id: str
    number: int

    def __str__(self) -> str:
        return f"{self.scorecard_id}/{self.number}"


@dataclass(frozen=True)
class Schemas:
    """Names of the schemas that are read, with the prefix of health__schema_prefix."""

    prefix: str = ""

    @property
    def staging(self) -> str:
        return f"{self.prefix}staging"

    @property
    def intermediate(self) -> str:
        return f"{self.prefix}intermediate"

    @property
    def marts(self) -> str:
        return f"{self.prefix}marts"


@dataclass(frozen=True)
class Pair:
    """A live and a shadow version of one scorecard, and the days on which they are compared.

    live_versions: number, first and last day of every live version that scored in that time: before
        `live` began, the live side is the version that was in force then.
    """

    live: Version
    shadow: Version
    first_day: date
    last_day: date
    live_versions: tuple[tuple[int, date, date], ...]


def choose_pair(
    warehouse: Warehouse, schemas: Schemas, live: str, shadow: str, since: date | None = None
) -> Pair:
    """The pair that two texts such as `standard/2` name.

    Raises WarehouseError where one of them is not there, is not what it must be or was not scored.
    """
    rows = warehouse.rows(
        f"""
        select scorecard_id, scorecard_version, status, valid_to
        from {schemas.staging}.stg_scorecard__scorecards
        order by scorecard_id, scorecard_version
        """
    )
    known = {Version(row["scorecard_id"], row["scorecard_version"]): row for row in rows}
    chosen_live, chosen_shadow = _parsed(live), _parsed(shadow)
    for version, status in ((chosen_live, "live"), (chosen_shadow, "shadow")):
        _refuse_wrong_status(warehouse, known, version, status)
    if chosen_live.scorecard_id != chosen_shadow.scorecard_id:
        raise WarehouseError(
            f"{chosen_live} and {chosen_shadow} are versions of two scorecards, which score different"
            " accounts. Mend: name a live and a shadow version of one scorecard"
        )
    return _compared_days(
        warehouse, schemas, chosen_live, chosen_shadow, known[chosen_live]["valid_to"], since
    )


def _parsed(text: str) -> Version:
    found = re.fullmatch(r"([^/]+)/(\d+)", text)
    if not found:
        raise WarehouseError(
            f"{text} names no version. Mend: write scorecard/version, such as standard/2"
        )
    return Version(found[1], int(found[2]))


def _refuse_wrong_status(
    warehouse: Warehouse, known: dict[Version, dict], version: Version, status: str
) -> None:
    named = [str(one) for one, row in known.items() if row["status"] == status]
    listed = f"one of: {', '.join(named)}" if named else f"none is {status}"
    if version not in known:
        raise WarehouseError(
            f"{warehouse.place}: there is no version {version}. Mend: add it to scorecards.csv and run"
            f" make build, or name another ({listed})"
        )
    if known[version]["status"] != status:
        place = "first" if status == "live" else "second"
        raise WarehouseError(
            f"{version} is of the status {known[version]['status']}, and the {place} one named must be a"
            f" {status} one ({listed}). Mend: name another, or change its status in scorecards.csv"
            " and run make build"
        )


def _compared_days(
    warehouse: Warehouse,
    schemas: Schemas,
    live: Version,
    shadow: Version,
    live_until: date,
    since: date | None,
) -> Pair:
    """Days with a row of the scorecard's live version in force and of the shadow, up to live's last."""
    rows = warehouse.rows(
        f"""
        select
            live.scorecard_version,
            min(live.as_of_date) as first_day,
            max(live.as_of_date) as last_day,
            count(shadow.account_id) as shadow_rows
        from {schemas.intermediate}.int_scoring__scores as live
        left join {schemas.intermediate}.int_scoring__scores as shadow
            on live.account_id = shadow.account_id
            and live.as_of_date = shadow.as_of_date
            and live.scorecard_id = shadow.scorecard_id
            and shadow.status = 'shadow'
            and shadow.scorecard_version = {shadow.number}
        where live.status = 'live'
            and live.scorecard_id = '{quoted(live.scorecard_id)}'
            and live.as_of_date <= cast('{live_until}' as date)
            and live.as_of_date >= cast('{since or date(1, 1, 1)}' as date)
        group by live.scorecard_version
        order by first_day, live.scorecard_version
        """
    )
    if live.number not in [row["scorecard_version"] for row in rows]:
        raise WarehouseError(
            f"{warehouse.place}: {live} scored no account on any day{f' since {since}' if since else ''}."
            " Mend: name the live version that is in force (scorecards.csv, valid_from), or let a"
            " segment lead to it (segments.csv), and run make build"
        )
    if not any(row["shadow_rows"] for row in rows):
        raise WarehouseError(
            f"{warehouse.place}: {shadow} is in the seeds and was not scored."
            " Mend: run make build, which scores every shadow over the whole history"
        )
    return Pair(
        live=live,
        shadow=shadow,
        first_day=min(row["first_day"] for row in rows),
        last_day=max(row["last_day"] for row in rows),
        live_versions=tuple(
            (row["scorecard_version"], row["first_day"], row["last_day"]) for row in rows
        ),
    )


def quoted(text: str) -> str:
    """Text as it stands between the quotes of an SQL literal."""
    return text.replace("'", "''")
