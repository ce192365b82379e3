"""What an entry says, from its columns: its kind, its last day, for what it waits, why it has its number, what was told beside. Pure."""

from collections.abc import Sequence
from datetime import date

from kizuna import ledger
from kizuna.core.days import DAY_CLOSED, DAY_DELIVERED, DAY_IDLE, DAY_NEVER, day_date
from kizuna.engine import Cut, EntryKind, Plan
from kizuna.program import Program, telling
from kizuna.publishing import PlanBook
from kizuna.web.reckoning import reckon
from kizuna.web.standings import words
from kizuna.web.views import AccountView, WhyView

KIND_NAMES = {kind: kind.name.lower() for kind in EntryKind}
_ACCOUNTS = ("pool", ledger.HANDED)
_CORRECTED = ("adjust", "extend")
"""Kinds whose account is a reason, whatever it is called."""
NO_LAST_DAY = ("redeem", "collect", "forgive", "cancel")
"""Kinds whose entries have no last day of their own."""


def why(book: PlanBook, kind: str, version: int, rule: int, basis: int, raw: int = 0, cut: int = 0) -> WhyView:
    """Return why an entry has its number, from the version that decided it."""
    if rule < 0 or not version:
        return WhyView(kind, version or None, None, None, None, None, None, None)
    program: Program = book.version(version).program
    one = program.rules[rule]
    made = reckon(program, one, basis, raw)
    is_rate = made.kind == "rate"
    return WhyView(
        kind,
        version,
        one.id,
        words(one.name),
        basis,
        made.points if is_rate else None,
        made.per if is_rate else None,
        made.rounding if made.kind in {"rate", "percent"} else None,
        made,
        telling.goal(one.goal) if one.goal is not None else None,
        raw,
        "" if not cut else Cut(cut).name.lower(),
    )


def account_view(plans: Sequence[Plan], kind: str, told: str | None) -> AccountView | None:
    """Return what an operation's entry of a kind says beside it, with the name that the first of `plans` has that has one."""
    if told is None:
        return None
    what, _, id_ = told.rpartition(":")
    if not what:
        what = told if told in _ACCOUNTS and kind not in _CORRECTED else "reason"
    for plan in plans:
        for one in plan.program.charities if what == "charity" else plan.program.adjustments.reasons:
            if one.id == id_ and what in ("charity", "reason"):
                return AccountView(what, id_, words(one.name))
    return AccountView(what, id_)


def awaits(release_on: int) -> str:
    """Return for which event points wait: "delivery", "closing", or "" for a day."""
    return {DAY_DELIVERED: "delivery", DAY_CLOSED: "closing"}.get(release_on, "")


def release_day(release_on: int | None) -> date | None:
    """Return the day from which points that wait may be used, None where they wait for an event."""
    return None if release_on is None or ledger.waits_for_event(release_on) else day_date(release_on)


def last_day(kind: str, expires_on: int) -> date | None:
    """Return the last day of a lot as shown: none for what never ends, ends by idleness, or is not known yet."""
    if kind in NO_LAST_DAY or expires_on < 0 or expires_on in (DAY_NEVER, DAY_IDLE):
        return None
    return day_date(expires_on)
