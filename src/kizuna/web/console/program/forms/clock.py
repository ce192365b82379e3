"""A time of the day, as people type it. Pure."""

from kizuna.core.errors import N_, Kind, Problem
from kizuna.web import inputs


class NoTime(Problem):
    """Not a time of the day."""

    code = "input_no_time"
    kind = Kind.INVALID
    title = N_("“{value}” is not a time of the day.")
    remedy = N_("Write it as 9:00 or 21:30.")


def minute_of_day(text: str, name: str) -> int:
    """Return a time of the day as minutes: 9:00, 21:30, 9時, 9時30分, ９：００; nothing typed is midnight. Raises `NoTime`."""
    read = inputs.narrow(text or "0:00").replace("時", ":").removesuffix("分").removesuffix(":")
    hour, _, minute = read.partition(":")
    hours, minutes = inputs.place(hour), inputs.place(minute or "0")
    if hours is None or minutes is None or hours >= 24 or minutes >= 60:
        raise NoTime(field=name, value=text.strip()[:20])
    return hours * 60 + minutes
