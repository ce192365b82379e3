"""Public holidays as days of the calendar, by a country's law as the `holidays` package keeps it."""

from functools import lru_cache

import holidays

from kizuna.core.days import day_number
from kizuna.program.model import Program

FIRST_YEAR, LAST_YEAR = 1990, 2060


@lru_cache(maxsize=32)
def _of(country: str) -> tuple[int, ...]:
    days = holidays.country_holidays(country, years=range(FIRST_YEAR, LAST_YEAR + 1))
    return tuple(sorted(day_number(day) for day in days))


def holiday_days(program: Program) -> tuple[int, ...]:
    """Return the program's holidays from 1990 to 2060 and those it names itself, as rising day numbers."""
    own = {day_number(day) for day in program.holidays.more}
    return tuple(sorted(own.union(_of(program.holidays.country))))
