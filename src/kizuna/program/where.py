"""A place of a document as a person calls it: “Rule “Purchase”: award.per” instead of `earning_rules.0.award.per`.

The document need not be valid: a part without a name is counted.
"""

from collections.abc import Mapping
from typing import Any

from kizuna.core.errors import N_
from kizuna.program.base import Text
from kizuna.program.messages import Message, Said, say

_LISTS = {
    "units": (N_("Kind of points “{name}”"), N_("Kind of points no. {number}")),
    "purposes": (N_("Purpose “{name}”"), N_("Purpose no. {number}")),
    "event_types": (N_("Type of event “{name}”"), N_("Type of event no. {number}")),
    "fields": (N_("Type of event “{of}”, field “{name}”"), N_("Type of event “{of}”, field no. {number}")),
    "segments": (N_("Segment “{name}”"), N_("Segment no. {number}")),
    "levels": (N_("Tier “{name}”"), N_("Tier no. {number}")),
    "tracks": (N_("Further tiers “{name}”"), N_("Further tiers no. {number}")),
    "groups": (N_("Group “{name}”"), N_("Group no. {number}")),
    "earning_rules": (N_("Rule “{name}”"), N_("Rule no. {number}")),
    "campaigns": (N_("Campaign “{name}”"), N_("Campaign no. {number}")),
    "stages": (N_("Stage “{name}”"), N_("Stage no. {number}")),
    "charities": (N_("Charity “{name}”"), N_("Charity no. {number}")),
    "reasons": (N_("Adjustments, reason “{name}”"), N_("Adjustments, reason no. {number}")),
    "steps": (N_("Stage “{of}”, step “{name}”"), N_("Stage “{of}”, step no. {number}")),
}
_PARTS = {
    "name": N_("The program’s name"),
    "tiers": N_("Tiers"),
    "holidays": N_("Public holidays"),
    "redemption": N_("Redemption"),
    "returns": N_("Returns"),
    "holds": N_("Holds"),
    "transfers": N_("Transfers"),
    "charities": N_("Charities"),
    "pools": N_("Pools"),
    "adjustments": N_("Adjustments"),
    "referral": N_("Referral"),
    "journey": N_("Journey"),
    "units": N_("Kinds of points"),
    "earning_rules": N_("Rules"),
    "campaigns": N_("Campaigns"),
    "unknown_member": N_("Unknown members"),
}
_WITHIN = {"levels", "fields", "stages", "steps", "reasons"}
"""Lists inside another part that are called by their own name."""


def where(document: Any, place: str) -> Message:
    """Return a place of plain data in words; what lies inside the part named stays as the document writes it."""
    parts, at = place.split("."), document
    told = _PARTS.get(parts[0])
    message = say(told or N_("The document"))
    of: Said = ""
    rest = parts[1:] if told or place == "document" else parts
    for depth, part in enumerate(parts):
        at = _inside(at, part)
        listed = parts[depth - 1] if depth else ""
        if part.isdigit() and listed in _LISTS and (depth == 1 or listed in _WITHIN):
            named, numbered = _LISTS[listed]
            name, rest = _name(at), parts[depth + 1 :]
            number = str(int(part) + 1)
            message = say(named, name=name, of=of) if name else say(numbered, number=number, of=of)
            of = name or number
    return say(N_("{part}: {entry}"), part=message, entry=".".join(rest)) if rest else message


def _inside(at: Any, part: str) -> Any:
    if isinstance(at, Mapping):
        return at.get(part)
    if isinstance(at, list) and part.isdigit() and int(part) < len(at):
        return at[int(part)]
    return None


def _name(at: Any) -> Text | None:
    name = at.get("name") if isinstance(at, Mapping) else None
    if not isinstance(name, Mapping):
        return None
    words = [name[lang] for lang in ("ja", "en") if isinstance(name.get(lang), str) and name[lang]]
    return Text.model_construct(ja=words[0], en=words[-1]) if words else None
