"""Pools as people form them: opening one, inviting, joining, leaving, and what only its head may do. No points move.

Always true: an invitation is used once, within its days; whoever leaves keeps their own points.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from kizuna.intake.operations import pool_store as store
from kizuna.intake.operations import pools
from kizuna.intake.operations.case import Asking, Case, Roles, key_of_ref, ref_of
from kizuna.intake.operations.model import (
    PoolAllowed,
    PoolInvited,
    PoolJoined,
    PoolKind,
    PoolLeft,
    PoolMemberRemoved,
    PoolOpened,
)
from kizuna.intake.operations.pools import Pool
from kizuna.intake.operations.problems import (
    InPoolAlready,
    InvitationOver,
    InvitationsTooMany,
    InvitationUnknown,
    InvitationUsed,
    NotInPool,
    NotPoolHead,
    PoolFull,
    PoolHeadStays,
    PoolsNotAllowed,
)
from kizuna.intake.whereabouts import ChangedMeanwhile
from kizuna.runtime.db import Connection

INVITATION_LIFETIME = timedelta(days=7)
INVITATIONS_OPEN_MAX = 20


class Invitation(NamedTuple):
    """Where an invitation leads, and until when."""

    pool: Pool
    expires_at: datetime


async def sharing(asking: Asking) -> Roles:
    """Return the member and everybody of their pool. Raises `NotInPool`."""
    subject = await asking.subject()
    shared = await _pool_of(asking, subject, "subject")
    return Roles(subject, pool=[one for one in shared.members if one != subject])


async def one_of(asking: Asking) -> Roles:
    """Return the head, and whom the head speaks of. Raises `NotInPool`, `UnknownMember`."""
    roles, asked = await sharing(asking), asking.arrival.told.operation
    roles.found = await asking.member("member", asked.member)
    if roles.found not in roles.members:
        raise NotInPool(field="member")
    return roles


async def invited(asking: Asking) -> Roles:
    """Return who joins, and everybody of the pool that the invitation names. Raises `InvitationUnknown`."""
    asked, subject = asking.arrival.told.operation, await asking.subject()
    row = await store.invitation(asking.conn, bytes.fromhex(asked.invitation))
    if row is None or (asked.pool is not None and key_of_ref(asked.pool) != row["pool_id"].bytes):
        raise InvitationUnknown(field="invitation")
    shared = await pools.by_id(asking.conn, row["pool_id"].bytes)
    if shared is None:
        raise InvitationUnknown(field="invitation")
    return Roles(subject, pool=[one for one in shared.members if one != subject], found=shared.id)


async def invited_to(conn: Connection, code: bytes, at: datetime) -> Pool:
    """Return where an invitation leads, by the hash of its code. Raises what `open_invitation` does."""
    return (await open_invitation(conn, code, at)).pool


async def open_invitation(conn: Connection, code: bytes, at: datetime) -> Invitation:
    """Return an invitation that still works, by the hash of its code.

    Raises `InvitationUnknown`, `InvitationUsed`, `InvitationOver`.
    """
    row = await store.invitation(conn, code)
    shared = None if row is None else await pools.by_id(conn, row["pool_id"].bytes)
    if shared is None:
        raise InvitationUnknown(field="invitation")
    if row["used_by"] is not None:
        raise InvitationUsed(field="invitation")
    if at >= row["expires_at"] or row["made_by"].bytes != shared.head:
        raise InvitationOver(field="invitation")
    return Invitation(shared, row["expires_at"])


async def _pool_of(asking: Asking, member: bytes, field: str) -> Pool:
    asked = asking.arrival.told.operation
    shared = await pools.of_member(asking.conn, member)
    wanted = getattr(asked, "pool", None)
    if shared is None or (wanted is not None and key_of_ref(wanted) != shared.id):
        raise NotInPool(field=field)
    return shared


async def found(case: Case) -> None:
    """Form a pool. Raises `PoolsNotAllowed`, `InPoolAlready`."""
    asked = case.asked
    assert isinstance(asked, PoolOpened)  # noqa: S101 - the door is this type's
    _members_max(case)
    await _require_free(case)
    id_, member = case.arrival.key, case.roles.subject
    case.fragments.append(store.open_(id_, asked.kind, asked.name.strip(), case.at))
    case.fragments.append(store.enter(member, id_, is_head=True, may_spend=True, at=case.at))
    case.about |= {"pool": ref_of(id_), "kind": str(asked.kind), "name": asked.name.strip()}


async def invite(case: Case) -> None:
    """Keep an invitation. Raises `PoolsNotAllowed`, `NotPoolHead`, `PoolFull`, `InvitationsTooMany`."""
    asked = case.asked
    assert isinstance(asked, PoolInvited)  # noqa: S101 - the door is this type's
    members_max, shared = _members_max(case), await _led(case)
    _require_room(shared, members_max)
    if await store.open_invitations(case.conn, shared.id, case.at) >= INVITATIONS_OPEN_MAX:
        raise InvitationsTooMany(count_max=INVITATIONS_OPEN_MAX)
    expires_at = case.at + INVITATION_LIFETIME
    case.fragments.append(store.invite(bytes.fromhex(asked.invitation), shared.id, case.roles.subject, expires_at))
    case.about |= {"pool": ref_of(shared.id), "expires_at": expires_at.astimezone(UTC).isoformat(timespec="seconds")}


async def join(case: Case) -> None:
    """Join a pool. Raises what says why the invitation does not lead there, `InPoolAlready`, `PoolFull`, `PoolsNotAllowed`."""
    asked, member = case.asked, case.roles.subject
    assert isinstance(asked, PoolJoined)  # noqa: S101 - the door is this type's
    members_max = _members_max(case)
    code = bytes.fromhex(asked.invitation)
    shared = await invited_to(case.conn, code, case.at)
    if not case.roles.members >= set(shared.members):
        raise ChangedMeanwhile
    await _require_free(case)
    _require_room(shared, members_max)
    may_spend = shared.kind == PoolKind.HOUSEHOLD
    case.fragments.append(store.enter(member, shared.id, is_head=False, may_spend=may_spend, at=case.at))
    case.fragments.append(store.use(code, member))
    case.about |= {"pool": ref_of(shared.id), "kind": shared.kind, "name": shared.name, "may_spend": may_spend}


async def leave(case: Case) -> None:
    """Leave: the longest-standing member follows the head, and a pool that nobody is in ends."""
    assert isinstance(case.asked, PoolLeft)  # noqa: S101 - the door is this type's
    shared = await pools.unchanged(case, case.roles.subject)
    case.fragments += pools.left(shared, case.roles.subject)
    case.about |= {"pool": ref_of(shared.id), "left": True, "ended": len(shared.members) == 1}


async def allow(case: Case) -> None:
    """Let a member spend from the pool, or no longer. Raises `NotPoolHead`."""
    asked, member = case.asked, case.roles.found
    assert isinstance(asked, PoolAllowed)  # noqa: S101 - the door is this type's
    shared = _of_it(await _led(case), member)
    case.fragments.append(store.allow(member, asked.may_spend))
    case.about |= {"pool": ref_of(shared.id), "member": ref_of(member), "may_spend": asked.may_spend}


async def remove(case: Case) -> None:
    """Take a member out. Raises `NotPoolHead`, `PoolHeadStays`."""
    assert isinstance(case.asked, PoolMemberRemoved)  # noqa: S101 - the door is this type's
    member = case.roles.found
    shared = _of_it(await _led(case), member)
    if member == case.roles.subject:
        raise PoolHeadStays(field="member")
    case.fragments += pools.left(shared, member)
    case.about |= {"pool": ref_of(shared.id), "member": ref_of(member), "removed": True}


def _of_it(shared: Pool, member: bytes) -> Pool:
    """Return a pool that a member is still in. Raises `ChangedMeanwhile`."""
    if member not in shared.members:
        raise ChangedMeanwhile
    return shared


def _members_max(case: Case) -> int:
    if case.program.pools is None:
        raise PoolsNotAllowed
    return case.program.pools.members_max


async def _require_free(case: Case) -> None:
    if await pools.of_member(case.conn, case.roles.subject) is not None:
        raise InPoolAlready(field="subject")


def _require_room(shared: Pool, members_max: int) -> None:
    if len(shared.members) >= members_max:
        raise PoolFull(members_max=members_max)


async def _led(case: Case) -> Pool:
    shared = await pools.unchanged(case, case.roles.subject)
    if shared.head != case.roles.subject:
        raise NotPoolHead(field="subject")
    return shared
