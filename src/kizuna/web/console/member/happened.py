"""What happened to a member, as shown: an order, a change of one, a redemption, or anything else that the program knows. Pure."""

from collections.abc import Mapping

from kizuna import intake
from kizuna.core.errors import N_
from kizuna.intake import HOLD_CONFIRMED, POINTS_REDEEMED, REDEMPTION_REQUESTED
from kizuna.program import OCCASIONS, Program
from kizuna.web.console.member.views import LineView, OrderView
from kizuna.web.reads import uuid_text
from kizuna.web.standings import words
from kizuna.web.views import Words

_CHANGES = {
    intake.ORDER_RETURNED: N_("Return"),
    intake.ORDER_CANCELLED: N_("Cancellation"),
    intake.ORDER_AMENDED: N_("Change of the order"),
}

REDEMPTIONS = (REDEMPTION_REQUESTED, POINTS_REDEEMED, HOLD_CONFIRMED)
"""Types that redeem points."""
_OPERATIONS = {
    "hold.placed": N_("Points set aside"),
    "hold.confirmed": N_("Points redeemed after a hold"),
    "hold.voided": N_("Points set aside no more"),
    "points.redeemed": N_("Redemption"),
    "redemption.voided": N_("Redemption undone"),
    "points.transferred": N_("Transfer"),
    "points.adjusted": N_("Adjustment"),
    "points.extended": N_("Points extended"),
    "member.closed": N_("Account closed"),
    "member.merged": N_("Two accounts made one"),
    "member.unmerged": N_("Two accounts again"),
}
_TOLD_APART = ("by", "reference", "store", "channel", "order_id")
"""What an operation tells that stands elsewhere on the screen, or that is for machines."""


def told_of(event: intake.Happened, program: Program) -> OrderView:
    """Return an event as it was told; what it moved is not known here."""
    data = event.data
    if event.type == POINTS_REDEEMED and isinstance(data, dict):
        asked = {name: data.get(name) for name in ("reference", "channel")}
        return _with(_seen(event, "redemption"), amount=data["points"], shop=data.get("store"), **asked)
    view = _seen(event, "action")
    if event.type in _CHANGES:
        return _changed(event, view)
    if isinstance(data, intake.OrderCompleted):
        return _bought(data, view, "order")
    if isinstance(data, intake.RedemptionRequested):
        facts = {"reference": data.reference, "amount": data.points, "channel": data.channel, "shop": data.store}
        return _with(view, type="redemption", **facts)
    return _with(view, **_action(event, program))


def behind_of(event: intake.Happened, reference: str | None) -> intake.Behind:
    """Return what stands behind the entries of an event."""
    data = event.data if isinstance(event.data, dict) and event.type in _OPERATIONS else {}
    reason, note = data.get("reason"), data.get("note")
    return intake.Behind(event.source, reference, event.type, reason, note, bool(data.get("timed_out")))


def _seen(event: intake.Happened, type_: str) -> OrderView:
    return OrderView(
        key=uuid_text(event.key),
        type=type_,
        reference=None,
        source=event.source,
        shop=None,
        channel=None,
        at=event.at,
        amount=0,
        lines=(),
        entries=(),
    )


def _with(view: OrderView, **facts: object) -> OrderView:
    return OrderView(**{name: facts.get(name, getattr(view, name)) for name in view.__dataclass_fields__})  # type: ignore[arg-type]


def _bought(data: intake.OrderCompleted, view: OrderView, type_: str) -> OrderView:
    lines = [LineView(line.sku, line.quantity, line.amount) for line in data.lines]
    facts = {
        "reference": data.order_id,
        "amount": data.amount,
        "shop": data.store or data.shop,
        "channel": data.channel,
    }
    return _with(view, type=type_, lines=lines, **facts)


def _changed(event: intake.Happened, view: OrderView) -> OrderView:
    data, title = event.data, _CHANGES[event.type]
    if isinstance(data, intake.OrderCompleted):
        return _with(_bought(data, view, "change"), title=title)
    if isinstance(data, intake.OrderReturned):
        lines = [LineView(line.sku, line.quantity, line.amount or 0) for line in data.lines]
        facts = {"reference": data.order_id, "shop": data.shop, "amount": data.amount or 0}
        return _with(view, type="change", title=title, lines=lines, **facts)
    return _with(view, type="change", title=title, reference=getattr(data, "order_id", None))


def _action(event: intake.Happened, program: Program) -> Mapping[str, object]:
    """Return what a program's own event is called, and what it told."""
    declared = next((one for one in program.event_types if one.type == event.type), None)
    name: Words | None = words(declared.name) if declared else None
    fields = event.data if isinstance(event.data, dict) else {}
    apart = _TOLD_APART if event.type in _OPERATIONS else ()
    told = [f"{key}: {value}" for key, value in fields.items() if isinstance(value, str | int) and key not in apart][:6]
    title = OCCASIONS[event.type].title if event.type in OCCASIONS else _OPERATIONS.get(event.type, event.type)
    order = fields.get("order_id", fields.get("reference") if apart else None)
    return {
        "title": title,
        "name": name,
        "reference": order if isinstance(order, str) else None,
        "shop": fields.get("store") if isinstance(fields.get("store"), str) else None,
        "channel": fields.get("channel") if isinstance(fields.get("channel"), str) else None,
        "told": told,
    }
