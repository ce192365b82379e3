"""The forms of deeds: from what was typed to what is asked for, every refusal under its field. Pure."""

import unicodedata
from datetime import date
from typing import Any, NamedTuple

from kizuna import corrections, intake
from kizuna.core.days import day_number
from kizuna.core.errors import N_, Kind, Problem
from kizuna.corrections import Wish
from kizuna.program import AMOUNT_MAX, Program
from kizuna.web import inputs
from kizuna.web.console.deeds.pages import CLOSING
from kizuna.web.entered import Entered
from kizuna.web.views import MemberView


class DayOver(Problem):
    """A last day that lies behind."""

    code = "day_over"
    kind = Kind.INVALID
    title = N_("This day is over.")
    remedy = N_("Choose today or a later day.")


class WordMissing(Problem):
    """The word that closing asks for was not typed."""

    code = "closing_word_missing"
    kind = Kind.INVALID
    title = N_("To be sure that this is meant, the word has to be typed.")
    remedy = N_("Type “{word}”.")


class Extension(NamedTuple):
    """Last days to be put off."""

    through: date
    reason: str
    ending_by: date | None
    note: str | None


def wish_of(entered: Entered, member: str, program: Program, today: int) -> Wish | None:
    """Return the correction that was typed; None where a field was refused, which `entered` then says."""
    points = entered.read(inputs.whole, "points", least=1, most=AMOUNT_MAX)
    reason = _reason(entered, program)
    note = entered.read(inputs.line, "note", most=corrections.NOTE_MAX)
    adds = entered["way"] != "take"
    last = entered.read(inputs.day, "expires_on") if adds and entered["expires_on"].strip() else None
    if last is not None and day_number(last) < today:
        entered.refuse("expires_on", DayOver(field="expires_on"))
    if entered.faults or points is None or reason is None:
        return None
    unit = entered["unit"] if entered["unit"] in [one.id for one in program.units] else None
    return Wish(
        f"member:{member}",
        points if adds else -points,
        reason,
        unit,
        note or None,
        last,
        not adds and bool(entered["may_owe"]),
    )


def _reason(entered: Entered, program: Program) -> str | None:
    known = intake.reasons(program)
    if entered["reason"] in known:
        return entered["reason"]
    entered.refuse("reason", inputs.Required(field="reason"))
    return None


def extension_of(entered: Entered) -> Extension | None:
    """Return what was typed of last days; None where a field was refused."""
    through = entered.read(inputs.day, "through")
    by = entered.read(inputs.day, "ending_by") if entered["ending_by"].strip() else None
    note = entered.read(inputs.line, "note", most=corrections.NOTE_MAX)
    if not entered["reason"]:
        entered.refuse("reason", inputs.Required(field="reason"))
    if entered.faults or through is None:
        return None
    return Extension(through, entered["reason"], by, note or None)


def data_of(asked: Extension) -> dict[str, Any]:
    """Return an extension as its operation's data."""
    told: dict[str, Any] = {"through": asked.through.isoformat(), "reason": asked.reason}
    if asked.ending_by is not None:
        told["ending_by"] = asked.ending_by.isoformat()
    return told | ({"note": asked.note} if asked.note else {})


def put_off(member: MemberView, asked: Extension) -> int:
    """Return how many open points would end later."""
    by = asked.ending_by or asked.through
    return sum(
        lot.points
        for lot in member.lots
        if lot.expires_on is not None and lot.expires_on < asked.through and lot.expires_on <= by
    )


def closing_word(text: str, field: str) -> str:
    """Return the word that closing asks for. Raises `WordMissing`."""
    read = unicodedata.normalize("NFKC", text).strip().strip("「」").casefold()
    if read not in CLOSING.values():
        raise WordMissing(field=field, word=" / ".join(CLOSING.values()))
    return read
