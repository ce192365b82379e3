"""One operation under way: what was asked, whose rows are locked, what is to be written beside the points."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from kizuna.core.days import from_ms
from kizuna.engine import Plan
from kizuna.intake.batch import number_of
from kizuna.intake.model import Arrival
from kizuna.intake.operations.model import Operation
from kizuna.intake.operations.problems import PurposeUnknown
from kizuna.intake.problems import UnitUnknown
from kizuna.intake.whereabouts import followed
from kizuna.ledger import AccountStatus, Hand, Usable
from kizuna.members import Identity, Newcomer, UnknownMember, parse_subject, resolve
from kizuna.program import Program, UnitKind
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Fragment


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is concerned, looked up before anything is locked.

    `looked_up` are identities of the whole batch, each with the member whom it names (None for nobody); `there` are members among
    them who were not merged into another.
    """

    conn: Connection
    brand: Brand
    plan: Plan
    arrival: Arrival
    looked_up: Mapping[Identity, bytes | None] = field(default_factory=dict)
    there: Collection[bytes] = ()

    async def member(self, field_name: str, subject: str) -> bytes:
        """Return whom `subject` names. Raises `SubjectInvalid`, `UnknownMember`."""
        identity = parse_subject(subject, self.brand.country)
        return await self.of(field_name, identity)

    async def of(self, field_name: str, identity: Identity) -> bytes:
        """Return whom an identity names. Raises `UnknownMember`."""
        found = await self.find(identity)
        if found is None:
            raise UnknownMember(field=field_name, subject=str(identity))
        return found

    async def find(self, identity: Identity) -> bytes | None:
        """Return whom an identity names, None for nobody."""
        known = self.looked_up if identity in self.looked_up else await resolve(self.conn, [identity])
        found = known.get(identity)
        return found if found is None or found in self.there else await followed(self.conn, found)

    async def subject(self) -> bytes:
        """Return the member whom the operation is told of. Raises `UnknownMember`."""
        return await self.of("subject", self.arrival.identity)


@dataclass(slots=True)
class Roles:
    """The members whose rows an operation needs: its `subject`, by name the `others`, and whoever shares a pool.

    `found` is what was read to know them. `merged_too` lets rows take part that were merged into another. `newcomer` is the subject
    where the operation enrols them; `names` are the identities that it gives them.
    """

    subject: bytes
    others: dict[str, bytes] = field(default_factory=dict)
    pool: Sequence[bytes] = ()
    found: Any = None
    merged_too: bool = False
    newcomer: Newcomer | None = None
    names: Sequence[Identity] = ()

    @property
    def members(self) -> set[bytes]:
        """All of them."""
        return {self.subject, *self.others.values(), *self.pool}


@dataclass(slots=True)
class Case:
    """An operation with its rows in hand. `about` is told in the answer; `fragments` are written with it.

    `statuses` and `memories` are what becomes of rows beside their points, `level` the subject's rung after it (None: as before);
    `orders` and `amount` say by how much it changes the subject's orders.
    """

    conn: Connection
    brand: Brand
    book: PlanBook
    plan: Plan
    arrival: Arrival
    roles: Roles
    hands: Mapping[bytes, Hand]
    about: dict[str, Any] = field(default_factory=dict)
    fragments: list[Fragment] = field(default_factory=list)
    statuses: dict[bytes, tuple[AccountStatus, bytes | None]] = field(default_factory=dict)
    memories: dict[bytes, bytes] = field(default_factory=dict)
    level: int | None = None
    orders: int | None = None
    amount: int | None = None

    @property
    def asked(self) -> Operation:
        """What was asked for."""
        operation: Operation = self.arrival.told.operation
        return operation

    @property
    def program(self) -> Program:
        """The program in force."""
        return self.plan.program

    @property
    def hand(self) -> Hand:
        """The subject's row."""
        return self.hands[self.roles.subject]

    @property
    def at(self) -> datetime:
        """When it is done."""
        return from_ms(self.arrival.at_ms)

    @property
    def number(self) -> int:
        """The number by which entries know this operation."""
        return number_of(self.arrival.key)

    @property
    def id(self) -> str:
        """The id by which people know this operation."""
        return ref_of(self.arrival.key)

    def unit(self, asked: str | None, kinds: Sequence[UnitKind] = (UnitKind.SPENDABLE, UnitKind.MONEY)) -> int:
        """Return the number of a unit; left out: the first of `kinds`. Raises `UnitUnknown`."""
        usable = [unit.id for kind in kinds for unit in self.program.units if unit.kind is kind]
        if asked is None and usable:
            return self.plan.names.unit(usable[0])
        if asked not in usable:
            raise UnitUnknown(field="unit", unit=asked or "", known=", ".join(usable))
        return self.plan.names.unit(asked)

    def unit_id(self, number: int) -> str:
        """Return a unit's id."""
        return self.plan.names.units[number]

    def restriction(self, purpose: str | None) -> int:
        """Return the number of a purpose, 0 for none. Raises `PurposeUnknown`."""
        known = [one.id for one in self.program.purposes]
        if purpose is not None and purpose not in known:
            raise PurposeUnknown(field="only_for", purpose=purpose, known=", ".join(known))
        return self.plan.names.restriction(purpose)

    def usable(self, channel: str | None, store: str | None) -> Usable:
        """Return which restricted points may be spent in a place: a place that is not told is on no list."""
        allowed = {0}
        for number, (channels, stores) in enumerate(self.plan.allowed[1:], start=1):
            if (not channels or channel in channels) and (not stores or store in stores):
                allowed.add(number)
        return allowed.__contains__


def ref_of(key: bytes) -> str:
    """Return a key of `seen` as people know it."""
    return str(UUID(bytes=key))


def key_of_ref(ref: str) -> bytes:
    """Return the key that an id stands for."""
    return UUID(ref).bytes
