"""What the document's checks find, under the fields that it came from. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kizuna.core.errors import N_, Kind, Problem
from kizuna.program import Fault
from kizuna.web.entered import Entered
from kizuna.web.tell import sentence

_ALIASES = (  # a place's end in the document, the field that it came from
    (r"^(condition|audience)\.(?:all|any)\.(\d+)(?:\..*)?$", r"\1.\2.value"),
    (r"^(condition|audience)(?:\..*)?$", r"\1.0.value"),
    (r"^award\.multiply(\..*)?$", "award.multiply"),
    (r"^award\.by_tier\.([^.]+)\..*$", r"award.by_tier.\1"),
    (r"^(award|goal)$", r"\1.kind"),
    (r"^goal\.of$", "goal.streak_of"),
    (r"^(.*expiry)$", r"\1.mode"),
    (r"^pending(\.until)?$", "pending.mode"),
    (r"^budget$", "budget.kind"),
    (r"^goods(\.but_not)?$", r"goods\1.category"),
    (r"^(goods(?:\.but_not)?\.\w+)\.\d+$", r"\1"),
    (r"^(name|levels\.\d+\.name)$", r"\1.ja"),
    (r"^levels$", "levels.0.at"),
    (r"^(limits\.\d+)$", r"\1.points"),
    (r"^lot$", "lot.only_for"),
    (r"^worth$", "worth.points"),
    (r"^transfers\.between$", "transfers.mode"),
)


class PartRefused(Problem):
    """What the document's own checks refuse."""

    code = "part_refused"
    kind = Kind.INVALID
    title = N_("{reason}")
    remedy = N_("{what_to_do}")


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault as it is read: in which part of the program, why, and what to do."""

    where: str
    reason: str
    remedy: str
    refuses: bool
    place: str = ""


def told(faults: Iterable[Fault], currency: str, lang: str) -> list[Finding]:
    """Return faults in a language."""
    return [
        Finding(
            sentence(fault.where, currency, lang),
            sentence(fault.reason, currency, lang),
            sentence(fault.remedy, currency, lang),
            fault.refuses,
            fault.place,
        )
        for fault in faults
    ]


def refuse(entered: Entered, findings: Sequence[Finding], place: str) -> list[Finding]:
    """Note under its field what was found within `place`, and return what is elsewhere in the document."""
    elsewhere = []
    for finding in findings:
        inside = not place or finding.place == place or finding.place.startswith(f"{place}.")
        field = field_of(finding.place.removeprefix(place).lstrip("."), entered) if inside else None
        if field is None:
            elsewhere.append(finding)
        else:
            entered.refuse(field, PartRefused(field=field, reason=finding.reason, what_to_do=finding.remedy))
    return elsewhere


def field_of(place: str, entered: Entered) -> str | None:
    """Return the field that a place within a part came from: its own name, an alias, or the nearest above it."""
    while place:
        for form, field in ((re.escape(place), place), *_ALIASES):
            if re.fullmatch(form.strip("^$"), place):
                name = re.sub(form, field, place) if form.startswith("^") else field
                if _is_there(name, entered):
                    return name
        place = place.rpartition(".")[0]
    return None


def _is_there(name: str, entered: Entered) -> bool:
    base = name.removesuffix(".value")
    return any(one in (name, f"{base}.is") for one in entered.fields)
