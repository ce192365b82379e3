"""Stretches of the brand's calendar and last days, reckoned with dates."""

from calendar import monthrange
from datetime import date, timedelta

from kizuna.core.days import DAY_IDLE, DAY_NEVER, day_number
from kizuna.program import AfterDays, AfterIdle, AfterMonths, CalendarEnd, EndOf, OnDate, Tiers, Window, Within

EPOCH = date(1970, 1, 1)
CELLS = {Within.DAY: 4, Within.WEEK: 2, Within.MONTH: 2, Within.QUARTER: 2, Within.YEAR: 2, Within.EVER: 1}


def as_date(day: int) -> date:
    return EPOCH + timedelta(days=day)


def month_of(day: int) -> int:
    on = as_date(day)
    return on.year * 12 + on.month - 1


def stretch(within: str, day: int) -> int:
    """The number of the day, week, month, quarter or year that holds `day`."""
    match Within(within):
        case Within.DAY:
            return day
        case Within.WEEK:
            return (day + 3) // 7  # 1970 began on a Thursday
        case Within.MONTH:
            return month_of(day)
        case Within.QUARTER:
            return month_of(day) // 3
        case Within.YEAR:
            return month_of(day) // 12
        case Within.EVER:
            return 0


def month_end(month: int) -> int:
    year, index = divmod(month, 12)
    return day_number(date(year, index + 1, monthrange(year, index + 1)[1]))


MONTHS = {CalendarEnd.MONTH: 1, CalendarEnd.QUARTER: 3, CalendarEnd.YEAR: 12}


def last_day(expiry, day: int) -> int:
    """The last day of a lot made on `day`."""
    match expiry:
        case AfterDays():
            return day + expiry.after_days - 1
        case AfterMonths():
            on, month = as_date(day), month_of(day) + expiry.after_months
            return min(day_number(date(month // 12, month % 12 + 1, 1)) + on.day - 1, month_end(month)) - 1
        case EndOf():
            months = MONTHS[expiry.end_of]
            return month_end((month_of(day) // months + expiry.later) * months + months - 1)
        case OnDate():
            return day_number(expiry.on)
        case AfterIdle():
            return DAY_IDLE
    return DAY_NEVER


WINDOW_MONTHS = {
    Window.CALENDAR_YEAR: 12,
    Window.CALENDAR_QUARTER: 3,
    Window.CALENDAR_MONTH: 1,
    Window.ROLLING: 1,  # counted by months
}


def window(tiers: Tiers, day: int) -> int:
    """The number of the window (of the month, where it rolls) that holds `day`."""
    return 0 if tiers.window is Window.LIFETIME else month_of(day) // WINDOW_MONTHS[tiers.window]


def window_end(tiers: Tiers, day: int, later: int = 0) -> int:
    """The last day of the window (the month, where it rolls) of `day`, or of the `later`-th after it; never for a lifetime."""
    if tiers.window is Window.LIFETIME:
        return DAY_NEVER
    months = WINDOW_MONTHS[tiers.window]
    return month_end((month_of(day) // months + later) * months + months - 1)
