"""Who shares points with whom. Whoever is in a pool may give to it; `may_spend` says who may draw on it.

Always true: a member is in one pool at most, a pool has one head, and nobody is in a pool that has ended. Whoever changes a pool holds
the rows of everybody in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from kizuna.intake.operations import pool_store as store
from kizuna.intake.operations.case import Case
from kizuna.intake.whereabouts import ChangedMeanwhile
from kizuna.runtime.db import Connection, Fragment


class Sharer(NamedTuple):
    """One person of a pool."""

    is_head: bool
    may_spend: bool
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Pool:
    """A household or an organisation: its members by id, longest-standing first."""

    id: bytes
    kind: str
    name: str
    opened_at: datetime
    members: Mapping[bytes, Sharer]

    def may_spend(self, member: bytes) -> bool:
        """Tell whether a member may draw on the pool."""
        return member in self.members and self.members[member].may_spend

    @property
    def head(self) -> bytes:
        """Who leads it."""
        return next(member for member, one in self.members.items() if one.is_head)


class Place(NamedTuple):
    """A place that a merge emptied: in which pool, whether at its head, whether they may spend, and whether the other took it."""

    pool: bytes
    is_head: bool
    may_spend: bool
    handed: bool


async def of_member(conn: Connection, member: bytes) -> Pool | None:
    """Return the pool that a member is in."""
    return _pool(await store.pool_of(conn, member))


async def by_id(conn: Connection, pool_id: bytes) -> Pool | None:
    """Return a pool, None if there is no such one, or if it has ended."""
    return _pool(await store.pool(conn, pool_id))


async def around(conn: Connection, member: bytes) -> list[bytes]:
    """Return with whom a member shares a pool."""
    shared = await of_member(conn, member)
    return [one for one in shared.members if one != member] if shared else []


async def unchanged(case: Case, member: bytes) -> Pool:
    """Return a member's pool now that all its rows are locked. Raises `ChangedMeanwhile` where it is not as it was before that."""
    shared = await of_member(case.conn, member)
    if shared is None or not case.roles.members >= set(shared.members):
        raise ChangedMeanwhile
    return shared


async def leave(case: Case, member: bytes) -> list[Fragment]:
    """Return what lets a member leave their pool, if they are in one; the rows of everybody in it are locked."""
    if await of_member(case.conn, member) is None:
        return []
    return left(await unchanged(case, member), member)


def left(shared: Pool, member: bytes) -> list[Fragment]:
    """Return what writes that a member leaves: the longest-standing one follows the head, and the last one ends the pool."""
    heir = next((one for one in shared.members if one != member), None)
    if heir is None:
        return [store.leave(member), store.end(shared.id)]
    return [store.leave(member), *([store.lead(heir)] if shared.head == member else [])]


async def hand_place(case: Case, gone: bytes, kept: bytes) -> tuple[Place | None, list[Fragment]]:
    """Return the place that `gone` leaves, and what writes that: whoever stays takes it unless they have one of their own."""
    if await of_member(case.conn, gone) is None:
        return None, []
    shared = await unchanged(case, gone)
    handed = await of_member(case.conn, kept) is None
    place = Place(shared.id, shared.head == gone, shared.may_spend(gone), handed)
    return place, [store.hand_over(gone, kept)] if handed else left(shared, gone)


async def place_back(case: Case, place: Place | None, gone: bytes, kept: bytes) -> list[Fragment]:
    """Return what gives `gone` their place back: from `kept`, if they took it and are there still, else if there is room."""
    if place is None:
        return []
    shared, terms = await by_id(case.conn, place.pool), case.program.pools
    if place.handed and shared is not None and kept in shared.members:
        return [store.hand_over(kept, gone)]
    if shared is None or terms is None or len(shared.members) >= terms.members_max:
        return []
    if not case.roles.members >= set(shared.members):
        raise ChangedMeanwhile
    return [store.enter(gone, place.pool, is_head=False, may_spend=place.may_spend, at=case.at)]


def _pool(rows: object) -> Pool | None:
    members: dict[bytes, Sharer] = {}
    found = None
    for row in rows:  # type: ignore[attr-defined]  # rows of the driver
        members[row["member_id"].bytes] = Sharer(row["is_head"], row["may_spend"], row["joined_at"])
        found = row
    return Pool(found["pool_id"].bytes, found["kind"], found["name"], found["opened_at"], members) if found else None
