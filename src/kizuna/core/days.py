"""A day is an integer: days since 1970-01-01 in the brand's time zone. Arithmetic on days is arithmetic on integers."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = date(1970, 1, 1)
_LAST_DAY = (date.max - date(1970, 1, 1)).days
_EPOCH_AT = datetime(1970, 1, 1, tzinfo=UTC)

DAY_NEVER = 2**31 - 1
"""The expiry of what never expires: later than every day that is written down."""

DAY_IDLE = DAY_NEVER - 1
"""The expiry of lots that lapse when the member has had no order for long enough: they have no day of their own."""

DAY_CLOSED = DAY_NEVER - 1
DAY_DELIVERED = DAY_NEVER - 2
"""The release days of points that wait for an event: the return window over, or the order delivered."""


def day_of(at: datetime, zone: ZoneInfo) -> int:
    """Return the day on which the instant `at` falls in `zone`."""
    return at.astimezone(zone).toordinal() - _EPOCH.toordinal()


def day_number(day: date) -> int:
    """Return the number of a calendar day."""
    return day.toordinal() - _EPOCH.toordinal()


def day_date(day: int) -> date | None:
    """Return the calendar day of a number, None for `DAY_NEVER`."""
    return None if day == DAY_NEVER else _EPOCH + timedelta(days=day)


def day_start_ms(day: int, zone: ZoneInfo) -> int:
    """Return the instant at which `day` begins in `zone`, in milliseconds since 1970 (never before it).

    The calendar ends with the year 9999: no day begins after its last one.
    """
    day = min(day, _LAST_DAY)
    start = datetime.combine(_EPOCH + timedelta(days=day), datetime.min.time(), tzinfo=zone)
    return max(0, instant_ms(start))


def instant_ms(at: datetime) -> int:
    """Return milliseconds since 1970, rounding down; exact, no float."""
    delta = at - _EPOCH_AT
    return delta.days * 86_400_000 + delta.seconds * 1000 + delta.microseconds // 1000


def from_ms(at_ms: int) -> datetime:
    """Return the instant of milliseconds since 1970, in UTC."""
    return _EPOCH_AT + timedelta(milliseconds=at_ms)
