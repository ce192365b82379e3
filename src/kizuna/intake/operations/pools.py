"""Who shares points with whom. Whoever is in a pool may give to it; `may_spend` says who may draw on it."""

from collections.abc import Mapping
from dataclasses import dataclass

from kizuna.intake.operations import pool_store as store
from kizuna.runtime.db import Connection, Fragment


@dataclass(frozen=True, slots=True)
class Pool:
    """A household or an organisation: its members by id, each with whether they may spend."""

    id: bytes
    members: Mapping[bytes, bool]

    def may_spend(self, member: bytes) -> bool:
        """Tell whether a member may draw on the pool."""
        return self.members.get(member, False)


async def of_member(conn: Connection, member: bytes) -> Pool | None:
    """Return the pool that a member is in."""
    rows = await store.sharers(conn, member)
    return Pool(rows[0]["pool_id"].bytes, {row["member_id"].bytes: row["may_spend"] for row in rows}) if rows else None


Place = tuple[bytes, bool, bool]
"""A member's place in a pool: which, whether at its head, whether they may spend."""


async def hand_place(conn: Connection, gone: bytes, kept: bytes) -> tuple[Place | None, bool, list[Fragment]]:
    """Return the place that `gone` leaves, whether `kept` takes it, and what writes that: they do unless they have one of their own."""
    place = await store.place(conn, gone)
    if place is None:
        return None, False, []
    if await store.place(conn, kept) is not None:
        return place, False, [store.leave(gone)]
    return place, True, [store.leave(gone), store.enter(kept, *place)]


async def place_back(conn: Connection, place: Place | None, gone: bytes, kept: bytes, *, taken: bool) -> list[Fragment]:
    """Return what gives `gone` their place back; `kept` leaves it where they had `taken` it and are there still."""
    if place is None:
        return []
    now = await store.place(conn, kept) if taken else None
    leaves = now is not None and now[0] == place[0]
    return [*([store.leave(kept)] if leaves else []), store.enter(gone, *place)]
