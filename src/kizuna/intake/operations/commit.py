"""One transaction for a batch of operations: the same claims, locks and answers as for events; points are moved by the ledger's hands.

Always true after it: every operation is either recorded with its entries, rows and answer, or refused with a typed problem and
without a trace; one that was seen before gets its first answer again.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from kizuna.core.errors import Problem
from kizuna.core.waiting import unpack
from kizuna.engine import Decisions, EventKind, Events, decide
from kizuna.intake import store
from kizuna.intake.commit import Result, Sorted, again, again_told, sort
from kizuna.intake.model import Arrival, Move, Outcome
from kizuna.intake.operations.case import Asking, Case, Roles
from kizuna.intake.operations.doors import DOORS
from kizuna.intake.operations.model import MemberTakenOver
from kizuna.intake.operations.problems import (
    HoldUnknown,
    InvitationUnknown,
    MergeUnknown,
    NoPool,
    NotInPool,
    NotOfOnePool,
    RedemptionUnknown,
)
from kizuna.intake.operations.taking import names_of
from kizuna.intake.problems import MemberIsClosed
from kizuna.intake.whereabouts import ChangedMeanwhile
from kizuna.ledger import POSTED, UNMOVED, Account, AccountStatus, Cause, Entry, Hand, Ledgers, lock, settle, written
from kizuna.members import Identity, SubjectInvalid, UnknownMember, enrolment, resolve
from kizuna.publishing import NothingPublished, PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Fragment, write
from kizuna.runtime.outbox import announce

_ENCODE = msgspec.msgpack.Encoder()
_PERHAPS_LATER = (
    HoldUnknown, RedemptionUnknown, MergeUnknown, InvitationUnknown, NoPool, NotInPool, NotOfOnePool
)  # fmt: skip
"""What is not known yet where the batch itself makes it."""


async def commit_operations(
    conn: Connection,
    brand: Brand,
    book: PlanBook,
    arrivals: Sequence[Arrival],
    attempt: int = 0,
    beside: Sequence[Fragment] = (),
    *,
    for_look: bool = False,
) -> list[Result]:
    """Carry `arrivals` out in one transaction; return one result each, in order. `beside` is written with every commit.

    `for_look` locks and writes nothing: what each operation would come to. Raises the driver's errors and `ChangedMeanwhile`; where
    another writer was first, call again with the next `attempt`.
    """
    async with conn.transaction():
        version, known, freed = await store.seen(conn, [arrival.key for arrival in arrivals])
        arrivals = [again_told(arrival, freed) for arrival in arrivals] if freed else arrivals
        if (version or 0) > len(book.plans):
            await book.refresh(conn)
        if not book.plans:
            raise NothingPublished
        work = sort(arrivals, known)
        waiting = deque(work.fresh)
        while waiting:
            looked_up = await _look_up(conn, brand, [arrivals[place] for place in waiting])
            round_ = _Round(conn, brand, book, looked_up, attempt, beside, for_look)
            while waiting and await round_.admits(arrivals[waiting[0]], waiting[0], work):
                waiting.popleft()
            await round_.carry_out(work)
    for later, first in work.doubles:
        work.results[later] = again(work.results[first], arrivals[later])
    return [result for result in work.results if result is not None]


@dataclass(frozen=True, slots=True)
class _LookedUp:
    """Whom the identities of some operations name, and who of these is an account of their own."""

    named: dict[Identity, bytes | None]
    there: set[bytes]


async def _look_up(conn: Connection, brand: Brand, arrivals: Sequence[Arrival]) -> _LookedUp:
    """Look all of them up at once; a single operation looks for itself."""
    if len(arrivals) == 1:
        return _LookedUp({}, set())
    asked = [arrival.identity for arrival in arrivals]
    for arrival in arrivals:
        if isinstance(arrival.told.operation, MemberTakenOver):
            with suppress(SubjectInvalid):  # its own door says so
                asked += names_of(arrival.told.operation, brand.country)
    found = await resolve(conn, asked)
    ledgers = await lock(conn, sorted(set(found.values())), for_look=True)
    open_ = zip(ledgers.members, ledgers.accounts, strict=True)
    return _LookedUp(
        {one: found.get(one) for one in asked}, {member for member, account in open_ if account.moved_to is None}
    )


@dataclass(slots=True)
class _Round:
    """Operations that concern different members, so that none has to wait for another."""

    conn: Connection
    brand: Brand
    book: PlanBook
    looked_up: _LookedUp
    attempt: int
    beside: Sequence[Fragment]
    for_look: bool
    places: list[int] = field(default_factory=list)
    asked: list[tuple[Arrival, Roles, int]] = field(default_factory=list)
    members: set[bytes] = field(default_factory=set)
    names: set[Identity] = field(default_factory=set)

    async def admits(self, arrival: Arrival, place: int, work: Sorted) -> bool:
        """Take an operation in, or settle it with its problem; return False where it has to wait for the next round."""
        plan = self.book.index_at(arrival.at_ms)
        try:
            known = self.looked_up
            asking = Asking(self.conn, self.brand, self.book.plans[plan], arrival, known.named, known.there)
            roles = await DOORS[arrival.type].parties(asking)
        except Problem as problem:
            if self.places and isinstance(problem, _PERHAPS_LATER):
                return False
            work.results[place] = problem
            return True
        if self.members & roles.members or self.names.intersection(roles.names):
            return False
        self.members |= roles.members
        self.names.update(roles.names)
        self.places.append(place)
        self.asked.append((arrival, roles, plan))
        return True

    async def carry_out(self, work: Sorted) -> None:
        """Lock, let time do its work, move points, write."""
        if not self.asked:
            return
        ledgers = await lock(self.conn, sorted(self.members), for_look=self.for_look)
        ledgers.admit([roles.newcomer.member for _, roles, _ in self.asked if roles.newcomer is not None])
        hands, decisions = self._hands(ledgers)
        row_of = {member: row for row, member in enumerate(ledgers.members)}
        done: list[tuple[Case, Outcome]] = []
        for place, (arrival, roles, plan) in zip(self.places, self.asked, strict=True):
            case = Case(self.conn, self.brand, self.book, self.book.plans[plan], arrival, roles, hands)
            try:
                _require_open(case, hands)
                await DOORS[arrival.type].act(case)
                rows = _rows(case)
            except Problem as problem:
                work.results[place] = problem
                continue
            outcome = _outcome(case, decisions, row_of[roles.subject], plan + 1, rows[roles.subject])
            work.results[place] = outcome
            done.append((case, outcome))
        if done and not self.for_look:
            await write(self.conn, [*_fragments(done, self.attempt), *self.beside])

    def _hands(self, ledgers: Ledgers) -> tuple[dict[bytes, Hand], Decisions]:
        """Return every member's row after a touch, in hand, and what the touch told."""
        of: dict[bytes, tuple[Arrival, int]] = {
            member: (arrival, plan) for arrival, roles, plan in self.asked for member in roles.members
        }
        told = [of[member] for member in ledgers.members]
        size, state = len(told), ledgers.state(self.book.names)
        events = Events.plain(
            np.arange(size),
            np.array([plan for _, plan in told], np.int16),
            np.full(size, int(EventKind.TOUCH), np.int8),
            np.array([arrival.day for arrival, _ in told], np.int32),
            np.zeros(size, np.int64),
        )
        decisions = decide(self.book.plans, state, events)
        causes = [Cause(arrival.event_key, plan + 1, row, arrival.day) for row, (arrival, plan) in enumerate(told)]
        entries, rows = settle(ledgers, state, decisions, causes, self.brand.zone)
        hands: dict[bytes, Hand] = {}
        for member, row, before, (arrival, plan) in zip(ledgers.members, rows, ledgers.accounts, told, strict=True):
            account = row._replace(status=before.status, moved_to=before.moved_to)
            hands[member] = Hand(member, account, arrival.event_key, arrival.day, plan + 1, self.brand.zone)
        for entry in entries:
            hands[entry.member].entries.append(entry)
        return hands, decisions


def _require_open(case: Case, hands: Mapping[bytes, Hand]) -> None:
    """Refuse what concerns nobody, or a closed account. Raises `UnknownMember`, `MemberIsClosed`, `ChangedMeanwhile`."""
    for member in case.roles.members:
        place = next((name for name, one in case.roles.others.items() if one == member), "subject")
        if member not in hands:
            raise UnknownMember(field=place, subject=f"member:{UUID(bytes=member)}")
        status = hands[member].account.status
        if status == AccountStatus.CLOSED and member in case.roles.pool:
            raise ChangedMeanwhile
        if status == AccountStatus.CLOSED:
            raise MemberIsClosed(field=place, subject=f"member:{UUID(bytes=member)}")
        if status == AccountStatus.MERGED and not case.roles.merged_too:
            raise ChangedMeanwhile


def _rows(case: Case) -> dict[bytes, Account]:
    """Return the rows after the operation. Raises `AmountTooLarge`."""
    rows = {}
    for member in case.roles.members:
        status, moved_to = case.statuses.get(member, (None, None))
        rows[member] = case.hands[member].row(status, moved_to, case.memories.get(member))
    return rows


def _outcome(case: Case, told: Decisions, row: int, version: int, after: Account) -> Outcome:
    """Return the answer: the subject's points and balances after the operation."""
    units = len(case.plan.names.units)
    pending = [0] * units
    for one in unpack(after.waiting):
        pending[one.unit] += one.points
    balances = [case.hand.balance(unit) for unit in range(units)]
    moves = [_move(entry) for entry in case.hand.entries]
    points = sum(move.points for move in moves if not move.unit and not move.by_time and move.kind not in UNMOVED)
    return Outcome(
        event_key=case.arrival.event_key,
        member=case.roles.subject,
        version=version,
        refusal=0,
        points=points,
        balance=balances[0],
        level_before=int(told.level[row]),
        level=int(told.level[row]) if case.level is None else case.level,
        spend=int(told.figure[row]),
        day=case.arrival.day,
        moves=moves,
        balances=balances,
        pending=pending,
        stage=int(told.stage[row]),
        about=case.about,
    )


def _move(entry: Entry) -> Move:
    return Move(
        entry.kind, entry.points, entry.expires_on, entry.rule, entry.basis, entry.unit, entry.restriction, entry.points, 0,
        -1 if entry.release_on is None else entry.release_on, entry.version, entry.account,
    )  # fmt: skip


def _fragments(done: Sequence[tuple[Case, Outcome]], attempt: int) -> list[Fragment]:
    """Return what writes operations: points first, then what happened, then what they keep beside."""
    entries: list[Entry] = []
    rows: list[tuple[bytes, Account]] = []
    statuses = False
    newcomers = [case.roles.newcomer for case, _ in done if case.roles.newcomer is not None]
    new = {one.member for one in newcomers}
    for case, _ in done:
        for member, row in _rows(case).items():
            entries += case.hands[member].entries
            rows.append((member, row))
        statuses |= bool(case.statuses)
    fragments = written(entries, rows, [member not in new for member, _ in rows], statuses=statuses)
    if newcomers:
        fragments += enrolment(newcomers, attempt)
    arrivals, outcomes = [case.arrival for case, _ in done], [outcome for _, outcome in done]
    fragments += store.record(arrivals, outcomes, [_ENCODE.encode(outcome) for outcome in outcomes], _did(done))
    also = [(member, case.arrival) for case, _ in done for member in _beside(case)]
    if also:
        fragments.append(store.record_beside(also))
    fragments += _joined([fragment for case, _ in done for fragment in case.fragments])
    fragments.append(announce(POSTED, "posted.batch_id FROM posted"))
    return fragments


def _did(done: Sequence[tuple[Case, Outcome]]) -> dict[int, store.Did]:
    """Return, by place, what operations did to orders and tiers."""
    return {
        place: store.Did(case.orders, case.amount, None if case.level is None else outcome.level_before)
        for place, (case, outcome) in enumerate(done)
        if case.level is not None or case.orders is not None
    }


def _beside(case: Case) -> list[bytes]:
    """Return who else is concerned, so that their entries too lead to what happened."""
    return sorted(
        member
        for member in case.roles.members
        if member != case.roles.subject and (case.hands[member].entries or member in case.statuses)
    )


def _joined(fragments: Sequence[Fragment]) -> list[Fragment]:
    """Return fragments, those of one name as one: their columns one behind the other."""
    joined: dict[str, Fragment] = {}
    for one in fragments:
        before = joined.get(one.name)
        if before is None:
            joined[one.name] = one
        elif all(isinstance(column, list) for column in one.args):
            columns: list[Any] = [[*first, *then] for first, then in zip(before.args, one.args, strict=True)]
            joined[one.name] = Fragment(one.name, one.sql, columns)
        else:  # not a fragment of columns: it stands for itself
            name = f"{one.name}_{len(joined)}"
            joined[name] = Fragment(name, one.sql, one.args)
    return list(joined.values())
