"""What can be asked of a demo world, and what cannot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

MIN_ACCOUNTS = 30
MAX_ACCOUNTS = 999_999
MIN_WEEKS = 20
MAX_WEEKS = 400


class WorldError(ValueError):
    """A world that cannot be made as asked; the message says what to change."""


@dataclass(frozen=True)
class Parameters:
    """What to make. `weeks` full weeks end with the Sunday `end`; `events` is met within 5 %."""

    accounts: int
    weeks: int
    events: int
    seed: int
    end: date

    @property
    def days(self) -> int:
        """Days of the world."""
        return 7 * self.weeks

    @property
    def first_day(self) -> date:
        """First day of the world, a Monday."""
        return self.end - timedelta(days=self.days - 1)

    def check(self) -> None:
        """Raise WorldError for parameters that no world can have."""
        if not MIN_ACCOUNTS <= self.accounts <= MAX_ACCOUNTS:
            raise WorldError(
                f"--accounts must be from {MIN_ACCOUNTS} (the planted cases need them)"
                f" to {MAX_ACCOUNTS} (keys have six digits)"
            )
        if not MIN_WEEKS <= self.weeks <= MAX_WEEKS:
            raise WorldError(f"--weeks must be from {MIN_WEEKS} to {MAX_WEEKS}")
        if self.events < 1:
            raise WorldError("--events must be positive")
        if self.end.isoweekday() != 7:
            raise WorldError(f"--end must be a Sunday; {self.end} is a {self.end:%A}")
