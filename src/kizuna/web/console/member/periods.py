"""Stretches of the brand's calendar by which a history is narrowed: the last days, one month, one year. Pure."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from kizuna.core.errors import N_, Kind, Problem
from kizuna.web.console.member.views import Period

DAYS = (30, 90)
MONTHS_OFFERED = 12
_FORM = re.compile(r"(?P<days>\d{1,4})d|(?P<year>\d{4})(-(?P<month>\d{2}))?", re.ASCII)


class PeriodInvalid(Problem):
    """A period that no calendar has."""

    code = "period_invalid"
    kind = Kind.INVALID
    title = N_("“{period}” is not a period.")
    remedy = N_("Write days such as 30d, a month such as 2026-11, or a year such as 2026.")


def parse_period(value: str, today: date) -> Period:
    """Read a period from an address; "" is all time. Raises `PeriodInvalid`."""
    if not value:
        return Period()
    found = _FORM.fullmatch(value)
    if found is None:
        raise PeriodInvalid(field="period", period=value[:40])
    try:
        if found["days"]:
            return Period(value, today - timedelta(days=int(found["days"]) - 1), today)
        year = int(found["year"])
        first, last = (int(found["month"]),) * 2 if found["month"] else (1, 12)
        return Period(value, date(year, first, 1), date(year, last, monthrange(year, last)[1]))
    except (ValueError, OverflowError) as fault:
        raise PeriodInvalid(field="period", period=value) from fault


def offered(today: date, since: date) -> tuple[Sequence[Period], Sequence[Period], Sequence[Period]]:
    """Return the periods on offer: of the last days, by month and by year, newest first, none that ends before `since`."""
    days = [parse_period(f"{days}d", today) for days in DAYS]
    months = [
        date(today.year + (today.month - 1 - back) // 12, (today.month - 1 - back) % 12 + 1, 1)
        for back in range(MONTHS_OFFERED)
    ]
    by_month = [parse_period(f"{first:%Y-%m}", today) for first in months]
    by_year = [parse_period(f"{year:04d}", today) for year in range(today.year, min(since.year, today.year) - 1, -1)]
    return days, [one for one in by_month if one.last and one.last >= since], by_year
