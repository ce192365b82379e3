"""Where members are now: whoever was merged into another is that other one; on a closed account nothing happens any more."""

from collections.abc import Sequence

from kizuna.ledger import AccountStatus, Ledgers, lock
from kizuna.members import Identity
from kizuna.runtime.db import Connection


class ChangedMeanwhile(Exception):  # noqa: N818 - no error of anybody's: it is tried again
    """Between looking members up and locking their rows, somebody merged one, or changed the pool that they share. Decide again."""


async def locked(
    conn: Connection, who: dict[Identity, bytes], asked: Sequence[Identity], *, for_look: bool = False
) -> Ledgers:
    """Lock the rows of those whom `asked` name in `who` (or only look); `who` is led on to where they were merged into."""
    while True:
        ledgers = await lock(conn, sorted({who[one] for one in asked if one in who}), for_look=for_look)
        moved = {
            member: account.moved_to
            for member, account in zip(ledgers.members, ledgers.accounts, strict=True)
            if account.status == AccountStatus.MERGED and account.moved_to is not None
        }
        if not moved:
            return ledgers
        for identity, member in who.items():
            who[identity] = moved.get(member, member)


async def followed(conn: Connection, member: bytes) -> bytes:
    """Return who a member is now."""
    while True:
        ledgers = await lock(conn, [member], for_look=True)
        moved_to = ledgers.accounts[0].moved_to if ledgers.accounts else None
        if moved_to is None:
            return member
        member = moved_to
