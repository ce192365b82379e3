"""What the program in force says about an event: which types there are, which fields an action has, which units may be spent. Pure."""

from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NamedTuple

from kizuna.engine import EventKind, Plan
from kizuna.intake.model import CHANGES, ORDER_COMPLETED, REDEMPTION_REQUESTED, Arrival
from kizuna.intake.problems import EventInvalid, EventTypeUnknown, FieldMisspelt, FieldUnknown, UnitUnknown
from kizuna.program import AMOUNT_MAX, OCCASIONS, EventField, FieldType, Text, UnitKind

TEXT_LENGTH_MAX = 200
COUNT = "count"
"""The number field that says how many an action stands for."""
_PLACES = ("channel", "store")
_OPEN = Text(ja="-", en="-")


class Read(NamedTuple):
    """An action's fields by type; flags are numbers. `unit` is a redemption's, by its number."""

    numbers: dict[str, int]
    texts: dict[str, str]
    unit: int = 0

    @property
    def items(self) -> int:
        """How many the action stands for."""
        return max(1, self.numbers.get(COUNT, 1))


PLAIN = Read({}, {})


def checked(plan: Plan, arrival: Arrival) -> Read:
    """Check what `arrival` tells against the program. Raises `EventTypeUnknown`, `FieldUnknown`, `EventInvalid`, `UnitUnknown`."""
    if arrival.kind is EventKind.REDEMPTION:
        return PLAIN._replace(unit=_unit(plan, arrival.told.unit))
    if arrival.kind is not EventKind.ACTION:
        return PLAIN
    known = _fields(plan, arrival.type)
    if known is None:
        raise EventTypeUnknown(field="type", type=arrival.type, known=", ".join(types(plan)))
    fields = arrival.told.fields or {}
    read = Read({}, {})
    for name, value in fields.items():
        declared = known.get(name)
        if declared is None:
            near = get_close_matches(name, known, n=1)
            problem = FieldMisspelt if near else FieldUnknown
            raise problem(
                field=f"data.{name}", type=arrival.type, name=name, known=", ".join(known), near=near[0] if near else ""
            )
        if value is None and not declared.required:
            continue
        _read(read, declared, value)
    for name, declared in known.items():
        if declared.required and name not in fields:
            raise EventInvalid(field=f"data.{name}", field_name=f"data.{name}", reason="it is missing")
    return read


@lru_cache(maxsize=256)
def types(plan: Plan) -> tuple[str, ...]:
    """Return every type of event that the program takes."""
    fixed = (ORDER_COMPLETED, *CHANGES, REDEMPTION_REQUESTED)
    return (*fixed, *(one for one in OCCASIONS if one not in fixed), *(one.type for one in plan.program.event_types))


@lru_cache(maxsize=4096)
def _fields(plan: Plan, type_: str) -> dict[str, EventField] | None:
    """Return the fields that events of a type may carry, by name; None for a type that there is not."""
    occasion = OCCASIONS.get(type_)
    declared = [one for one in plan.program.event_types if one.type == type_]
    if occasion is None and not declared:
        return None
    fields = {name: EventField(id=name, name=_OPEN, type=FieldType.TEXT) for name in _PLACES}
    for name, kind in occasion.fields.items() if occasion else ():
        fields[name] = EventField(id=name, name=_OPEN, type=kind)
    for one in declared:
        fields |= {field.id: field for field in one.fields}
    return fields


def _read(read: Read, declared: EventField, value: Any) -> None:
    """Read one value into `read`."""
    name = declared.id
    match declared.type:
        case FieldType.TEXT:
            if not isinstance(value, str) or not 1 <= len(value) <= TEXT_LENGTH_MAX:
                _wrong(name, f"a text of 1 to {TEXT_LENGTH_MAX} characters belongs here")
            if declared.one_of and value not in declared.one_of:
                near = get_close_matches(value, declared.one_of, n=1)
                hint = f"; did you mean “{near[0]}”?" if near else ""
                _wrong(name, f"one of {', '.join(declared.one_of)} belongs here{hint}")
            read.texts[name] = value
        case FieldType.NUMBER:
            if isinstance(value, bool) or not isinstance(value, int) or not -AMOUNT_MAX <= value <= AMOUNT_MAX:
                _wrong(name, f"a whole number of at most {AMOUNT_MAX} belongs here")
            read.numbers[name] = value
        case FieldType.FLAG:
            if not isinstance(value, bool):
                _wrong(name, "true or false belongs here")
            read.numbers[name] = int(value)


def _wrong(name: str, reason: str) -> None:
    raise EventInvalid(field=f"data.{name}", field_name=f"data.{name}", reason=reason)


@lru_cache(maxsize=4096)
def _unit(plan: Plan, asked: str | None) -> int:
    """Return the number of the unit that is to be spent."""
    spendable = [unit.id for unit in plan.program.units if unit.kind is UnitKind.SPENDABLE]
    if asked is None and spendable:
        return plan.names.unit(spendable[0])
    if asked not in spendable:
        raise UnitUnknown(field="data.unit", unit=asked or "", known=", ".join(spendable))
    return plan.names.unit(asked)
