"""The calendar in integers: stretches (days, weeks, months, …) by number, and the last days of lots and windows.

All functions take days since 1970-01-01 and work element by element. Months are counted from January 1970.
"""

from datetime import date

import numpy as np

from kizuna.core.days import DAY_IDLE, DAY_NEVER, day_number
from kizuna.engine.events import Days, Ints
from kizuna.program import AfterDays, AfterIdle, AfterMonths, CalendarEnd, EndOf, Expiry, OnDate, Window, Within

_LAST = day_number(date.max)
WITHINS = tuple(Within)
PLACE = {within: place for place, within in enumerate(WITHINS)}


def month_of(day: Days | Ints) -> Ints:
    """Return the number of each day's month."""
    months: Ints = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months


def month_start(month: Ints) -> Ints:
    """Return the first day of each month."""
    days: Ints = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return days


def stretch_of(within: Within, day: Days | Ints) -> Ints:
    """Return the number of the stretch in which each day lies."""
    match within:
        case Within.DAY:
            return day.astype(np.int64)
        case Within.WEEK:
            return (day.astype(np.int64) + 3) // 7
        case Within.MONTH:
            return month_of(day)
        case Within.QUARTER:
            return month_of(day) // 3
        case Within.YEAR:
            return month_of(day) // 12
        case Within.EVER:
            return np.zeros(len(day), np.int64)


MONTHS = {Window.CALENDAR_YEAR: 12, Window.CALENDAR_QUARTER: 3, Window.CALENDAR_MONTH: 1}
"""How many months a calendar window has."""


def window_of(window: Window, day: Days | Ints) -> Ints:
    """Return the number of the window (for a rolling one: of the month) in which each day lies."""
    if window is Window.LIFETIME:
        return np.zeros(len(day), np.int64)
    return month_of(day) // MONTHS.get(window, 1)


def window_end(window: Window, number: Ints) -> Ints:
    """Return the last day of each window (for a rolling one: of the month)."""
    if window is Window.LIFETIME:
        return np.full(len(number), DAY_NEVER, np.int64)
    return month_start((number + 1) * MONTHS.get(window, 1)) - 1


def last_day(expiry: Expiry, day: Days | Ints) -> Ints:
    """Return the last day of a lot made on each day."""
    made = day.astype(np.int64)
    match expiry:
        case AfterDays():
            last = made + expiry.after_days - 1
        case AfterMonths():
            month = month_of(made)
            start, later = month_start(month), month_start(month + expiry.after_months)
            room = month_start(month + expiry.after_months + 1) - later
            last = later + np.minimum(made - start, room - 1) - 1
        case EndOf():
            size = {CalendarEnd.MONTH: 1, CalendarEnd.QUARTER: 3, CalendarEnd.YEAR: 12}[expiry.end_of]
            last = month_start((month_of(made) // size + 1 + expiry.later) * size) - 1
        case OnDate():
            return np.full(len(made), day_number(expiry.on), np.int64)
        case AfterIdle():
            return np.full(len(made), DAY_IDLE, np.int64)
        case _:
            return np.full(len(made), DAY_NEVER, np.int64)
    return np.where(last > _LAST, DAY_NEVER, last)


def last_day_of(expiry: Expiry, day: int) -> int:
    """Return the last day of one lot made on `day`."""
    return int(last_day(expiry, np.array([day]))[0])
