"""What an event's `data` says, by its type: read strictly, every fault named by its field. Pure.

An action (anything that is neither an order, nor a change of one, nor a redemption) has fields of its own; which they are, the
program says that is in force at its time (`intake/fields.py`).
"""

import re
from datetime import date
from typing import Any, NoReturn

import msgspec

from kizuna.core.ids import digest
from kizuna.engine import EventKind
from kizuna.intake.bought import Bought, Change, Line, Part
from kizuna.intake.model import (
    MEMBER_ENROLLED,
    OPERATIONS,
    PROFILE_COMPLETED,
    Event,
    OrderAmended,
    OrderCompleted,
    OrderNamed,
    OrderReturned,
    ProfileTold,
    RedemptionRequested,
    Told,
)
from kizuna.intake.problems import CurrencyWrong, EventInvalid, OwnDoor, SelfReferral
from kizuna.members import Identity, SubjectInvalid, parse_subject
from kizuna.program import ORDER_DELIVERED, RETURN_WINDOW_CLOSED

_PLACE = re.compile(r"(?P<reason>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"missing required field `(?P<name>[^`]+)`")


class _Profiled(msgspec.Struct):
    profile: ProfileTold = ProfileTold()


_ORDER = msgspec.json.Decoder(OrderCompleted)
_AMENDED = msgspec.json.Decoder(OrderAmended)
_RETURNED = msgspec.json.Decoder(OrderReturned)
_NAMED = msgspec.json.Decoder(OrderNamed)
_REDEMPTION = msgspec.json.Decoder(RedemptionRequested)
_PROFILED = msgspec.json.Decoder(_Profiled)
_FIELDS = msgspec.json.Decoder(dict[str, Any])
FIRST_BIRTHDAY = date(1900, 1, 1)
_OF_ORDER = (ORDER_DELIVERED, RETURN_WINDOW_CLOSED)
_OF_PROFILE = (MEMBER_ENROLLED, PROFILE_COMPLETED)
Content = tuple[EventKind, int, Told]
"""What the engine does with it, an order's or a redemption's amount, and all else."""


def content_of(event: Event, identity: Identity, currency: str, country: str) -> Content:
    """Read `data`. Raises `EventInvalid`, `CurrencyWrong`, `SelfReferral`."""
    try:
        match event.type:
            case "order.completed":
                return _order(_ORDER.decode(event.data), event, currency, EventKind.ORDER)
            case "order.amended":
                return _order(_AMENDED.decode(event.data), event, currency, EventKind.CHANGE)
            case "order.returned":
                return _returned(_RETURNED.decode(event.data), event)
            case "order.cancelled":
                named = _NAMED.decode(event.data)
                order = order_key(named.shop or event.source, named.order_id)
                return EventKind.CHANGE, 0, Told(order=order, order_id=named.order_id, change=Change())
            case "redemption.requested":
                asked = _REDEMPTION.decode(event.data)
                told = Told(asked.channel, asked.store, asked.unit)
                return EventKind.REDEMPTION, asked.points, told
            case type_ if type_ in OPERATIONS:
                raise OwnDoor(field="type", type=type_)
            case _:
                return _action(event, identity, country)
    except msgspec.ValidationError as fault:
        invalid(str(fault), "data.")


def order_key(place: str, order_id: str) -> bytes:
    """Return what an order is known by: its shop, or who told it where it names no shop, and its id there."""
    return digest("order", place, order_id)


def bought_of(order: OrderCompleted) -> Bought:
    """Return an order's content."""
    return Bought(
        order.amount,
        order.tax,
        order.discount,
        order.shipping,
        order.paid_with_points,
        [
            Line(
                line.sku, line.amount, line.quantity, line.tax, line.discount, line.gift_card, line.category, line.brand,
                tuple(line.tags),
            )
            for line in order.lines
        ],
    )  # fmt: skip


def _order(order: OrderCompleted, event: Event, currency: str, kind: EventKind) -> Content:
    if order.currency != currency:
        raise CurrencyWrong(field="data.currency", currency=order.currency, expected=currency)
    key = order_key(order.shop or event.source, order.order_id)
    return kind, order.amount, Told(order.channel, order.store, None, key, order.order_id, bought_of(order))


def _returned(back: OrderReturned, event: Event) -> Content:
    if back.lines and back.amount is not None:
        raise EventInvalid(
            field="data.amount", field_name="data.amount", reason="lines say themselves what was given back for them"
        )
    if back.points_back is not None and not back.lines and back.amount is None:
        raise EventInvalid(
            field="data.points_back",
            field_name="data.points_back",
            reason="when everything comes back, all points that paid for it do",
        )
    change = Change(tuple(Part(line.sku, line.quantity, line.amount) for line in back.lines), back.amount)
    key = order_key(back.shop or event.source, back.order_id)
    return EventKind.CHANGE, 0, Told(order=key, order_id=back.order_id, change=change)


def _action(event: Event, identity: Identity, country: str) -> Content:
    fields = _FIELDS.decode(event.data)
    order, order_id, profile, referrer = None, "", None, None
    if event.type in _OF_ORDER:
        named = _NAMED.decode(event.data)
        order, order_id = order_key(named.shop or event.source, named.order_id), named.order_id
        fields = {name: value for name, value in fields.items() if name not in ("order_id", "shop")}
    elif event.type in _OF_PROFILE and "profile" in fields:
        profile = _PROFILED.decode(event.data).profile
        if profile.birthday is not None and not FIRST_BIRTHDAY <= profile.birthday <= event.time.date():
            raise EventInvalid(
                field="data.profile.birthday", field_name="data.profile.birthday", reason="nobody was born on this day"
            )
        referrer = _referrer(profile, identity, country)
        del fields["profile"]
    channel, store = (_text(fields, name) for name in ("channel", "store"))
    return EventKind.ACTION, 0, Told(channel, store, None, order, order_id, None, None, fields, profile, referrer)


def _text(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def _referrer(profile: ProfileTold, identity: Identity, country: str) -> Identity | None:
    """Return who brought the member: any identity, or the number of a card."""
    if profile.referred_by is None:
        return None
    told = profile.referred_by
    try:
        referrer = parse_subject(told if ":" in told else f"card:{told}", country)
    except SubjectInvalid as fault:
        fault.field = "data.profile.referred_by"
        raise
    if referrer == identity:
        raise SelfReferral(field="data.profile.referred_by")
    return referrer


def invalid(message: str, prefix: str = "") -> NoReturn:
    """Turn the decoder's sentence into a problem that names the field."""
    match = _PLACE.match(message)
    reason, path = (match["reason"], match["path"] or "") if match else (message, "")
    missing = _MISSING.search(reason)
    if missing:
        path = f"{path}.{missing['name']}".strip(".")
        reason = "it is missing"
    place = f"{prefix}{path}".strip(".") or "event"
    raise EventInvalid(field=place, field_name=place, reason=reason)
