"""What deciding a batch needs: who the members are, their rows under lock, the orders spoken of, the figures that all share.

An event that cannot be decided is refused here, with its reason, and nothing of it is kept. Events are looked at in the order of
their arrival, so that an order may enrol its member, and be changed, by neighbours in one batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from kizuna.core.days import day_date
from kizuna.core.errors import Problem
from kizuna.core.ids import member_id
from kizuna.engine import EventKind, Events, Shared, shared_keys
from kizuna.intake import store
from kizuna.intake.batch import Batch, Known
from kizuna.intake.fields import Read, checked
from kizuna.intake.model import MEMBER_ENROLLED, Arrival
from kizuna.intake.orders import load as load_orders
from kizuna.intake.orders import needed
from kizuna.intake.problems import MemberIsClosed, SelfReferral
from kizuna.intake.whereabouts import followed, locked
from kizuna.ledger import Cause, Ledgers
from kizuna.members import Identity, Newcomer, SelfTold, UnknownMember, known, resolve
from kizuna.publishing import PlanBook
from kizuna.runtime.db import Connection

_ORDER = EventKind.ORDER


@dataclass(slots=True)
class Loaded:
    """A batch ready to be decided. `decided` are the places of its events among the arrivals, `refused` those of the others."""

    ledgers: Ledgers
    batch: Batch
    refused: dict[int, Problem] = field(default_factory=dict)
    decided: list[int] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    newcomers: list[Newcomer] = field(default_factory=list)
    selves: dict[bytes, SelfTold] = field(default_factory=dict)
    shared: Shared = field(default_factory=Shared)
    shared_names: dict[tuple[int, str, int], store.SharedKey] = field(default_factory=dict)
    shared_known: set[store.SharedKey] = field(default_factory=set)
    _events: Events | None = None

    @property
    def events(self) -> Events:
        """The engine's columns."""
        if self._events is None:
            self._events = self.batch.columns()
        return self._events


async def load(
    conn: Connection,
    zone: ZoneInfo,
    book: PlanBook,
    arrivals: Sequence[Arrival],
    *,
    look_for_orders: bool = False,
    for_look: bool = False,
) -> Loaded:
    """Load what deciding `arrivals` needs, under lock, or `for_look` only. `look_for_orders` asks whether new orders are known.

    Without it, an order that is known already fails the commit: that is rare, and then every event is looked at again.
    """
    plan_of = [book.index_at(arrival.at_ms) for arrival in arrivals]
    who = await resolve(
        conn, list({one for arrival in arrivals for one in (arrival.identity, arrival.told.referrer) if one})
    )
    ledgers = await locked(conn, who, [arrival.identity for arrival in arrivals], for_look=for_look)
    keys = needed(arrivals, all_=look_for_orders or for_look)
    orders = await load_orders(conn, keys, zone)
    for order in orders.found.values():
        if order.member not in ledgers.members:  # perhaps of somebody who was merged into one of them
            order.member = await followed(conn, order.member)
    loaded = Loaded(ledgers, Batch(orders))
    taking = _Taking(loaded, book, who, await _named(conn, arrivals), enrols_all=for_look)
    for place, (arrival, plan) in enumerate(zip(arrivals, plan_of, strict=True)):
        try:
            taking.take(place, arrival, plan)
        except Problem as problem:
            loaded.refused[place] = problem
    loaded.ledgers.admit([one.member for one in loaded.newcomers])
    if loaded.decided:
        await _load_shared(conn, book, loaded, for_look=for_look)
    return loaded


async def _named(conn: Connection, arrivals: Sequence[Arrival]) -> set[bytes]:
    """Return which referrers who are named by a member's id there are."""
    asked = {
        bytes.fromhex(arrival.told.referrer.value)
        for arrival in arrivals
        if arrival.told.referrer is not None and arrival.told.referrer.kind == "member"
    }
    return await known(conn, sorted(asked)) if asked else set()


async def _load_shared(conn: Connection, book: PlanBook, loaded: Loaded, *, for_look: bool) -> None:
    """Load the figures that the batch may use up, each by its slot's stable name."""
    for key in shared_keys(book.plans, loaded.events):
        slot, place, stretch = key
        loaded.shared_names[key] = ("/".join(book.names.slots[slot]), place, stretch)
    used = await store.shared(conn, list(loaded.shared_names.values()), for_look=for_look)
    loaded.shared_known = set(used)
    loaded.shared = Shared({key: used[name] for key, name in loaded.shared_names.items() if name in used})


class _Taking:
    """Takes events one after the other. `who` grows by those whom an event enrols."""

    def __init__(
        self, loaded: Loaded, book: PlanBook, who: dict[Identity, bytes], named: set[bytes], *, enrols_all: bool
    ) -> None:
        self._loaded, self._book, self._who, self._named, self._enrols_all = loaded, book, who, named, enrols_all
        self._row_of = {member: row for row, member in enumerate(loaded.ledgers.members)}
        accounts = zip(loaded.ledgers.members, loaded.ledgers.accounts, strict=True)
        self._closed = {member for member, account in accounts if account.status}
        self._new: dict[bytes, int] = {}

    def take(self, place: int, arrival: Arrival, plan: int) -> None:
        """Take one event. Raises the problem that keeps it from being decided."""
        member = self._who.get(arrival.identity)
        if member in self._closed:
            raise MemberIsClosed(field="subject", subject=str(arrival.identity))
        if arrival.kind is _ORDER and member in self._row_of:
            row = self._row_of[member]
            self._loaded.batch.orders.require_new(arrival)
            self._loaded.batch.add_order(arrival, row, member, plan)
            self._loaded.decided.append(place)
            self._loaded.causes.append(Cause(arrival.event_key, plan + 1, row, arrival.day))
            return None
        read = checked(self._book.plans[plan], arrival)
        if member is None and self._enrols(arrival, plan):
            return self._enrol(place, arrival, plan, read)
        if member is None or member not in self._row_of:
            raise UnknownMember(field="subject", subject=str(arrival.identity))
        if arrival.told.profile is None:
            self._add(place, arrival, Known(plan, self._row_of[member], member, read, referred=False))
            return None
        told = self._told(arrival, member)
        self._add(place, arrival, Known(plan, self._row_of[member], member, read, told.referrer is not None))
        self._tell(member, told)
        return None

    def _enrols(self, arrival: Arrival, plan: int) -> bool:
        """Tell whether an event enrols somebody whom nobody knows."""
        if self._enrols_all:
            return True
        enrols = arrival.kind is EventKind.ORDER or arrival.type == MEMBER_ENROLLED
        return enrols and self._book.plans[plan].program.unknown_member == "create"

    def _enrol(self, place: int, arrival: Arrival, plan: int, read: Read) -> None:
        joined_on = day_date(arrival.day)
        if joined_on is None:
            raise UnknownMember(field="subject", subject=str(arrival.identity))
        member = member_id(arrival.at_ms, *arrival.identity)
        told = self._told(arrival, member)
        row = len(self._row_of)
        self._add(place, arrival, Known(plan, row, member, read, told.referrer is not None))
        self._who[arrival.identity] = member
        self._row_of[member] = row
        self._new[member] = len(self._loaded.newcomers)
        self._loaded.newcomers.append(Newcomer(member, arrival.identity, joined_on, told))

    def _add(self, place: int, arrival: Arrival, known: Known) -> None:
        batch, orders = self._loaded.batch, self._loaded.batch.orders
        change = None
        if arrival.kind is EventKind.ORDER:
            orders.require_new(arrival)
        elif arrival.told.order is not None:
            order = orders.require(arrival, known.member)
            if arrival.kind is EventKind.CHANGE:
                change = order, orders.kept_after(arrival, order, self._book.plans[known.plan])
            else:
                orders.note(arrival, order)
        batch.add(arrival, known, change)
        self._loaded.decided.append(place)
        self._loaded.causes.append(Cause(arrival.event_key, known.plan + 1, known.row, arrival.day))

    def _told(self, arrival: Arrival, member: bytes) -> SelfTold:
        """Return what a member tells of themselves. Who brought them counts where that is a member, and no younger one."""
        profile = arrival.told.profile
        if profile is None:
            return SelfTold()
        referrer = None if arrival.told.referrer is None else self._who.get(arrival.told.referrer)
        if referrer == member:
            raise SelfReferral(field="data.profile.referred_by")
        if referrer is not None:
            is_known = (
                arrival.told.referrer is None or arrival.told.referrer.kind != "member" or referrer in self._named
            )
            referrer = referrer if is_known and referrer[:6] <= member[:6] else None
        return SelfTold(profile.name, profile.name_kana, profile.language, profile.birthday, referrer)

    def _tell(self, member: bytes, told: SelfTold) -> None:
        """Note what a member tells; what somebody tells who is enrolled by this very batch stands in the enrolment."""
        place = self._new.get(member)
        if place is not None:
            one = self._loaded.newcomers[place]
            self._loaded.newcomers[place] = Newcomer(member, one.identity, one.joined_on, one.told.then(told))
            return
        self._loaded.selves[member] = self._loaded.selves.get(member, SelfTold()).then(told)
