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


async def hand_place(conn: Connection, gone: bytes, kept: bytes) -> tuple[Place | None, list[Fragment]]:
    """Return the place that `gone` leaves, and what writes that: whoever stays takes it unless they have one of their own."""
    place = await store.place(conn, gone)
    if place is None:
        return None, []
    fragments = [store.leave(gone)]
    if await store.place(conn, kept) is None:
        fragments.append(store.enter(kept, *place))
    return place, fragments


async def place_back(conn: Connection, place: Place | None, gone: bytes, kept: bytes) -> list[Fragment]:
    """Return what gives `gone` their place back; if `kept` had taken it, they leave it."""
    if place is None:
        return []
    taken = await store.place(conn, kept)
    fragments = [store.leave(kept)] if taken == place else []
    return [*fragments, store.enter(gone, *place)]
