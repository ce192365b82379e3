"""The ledger's nouns. An entry moves points between one member's pocket and one program account, once, for ever.

Summed over all entries, members' pockets and program accounts cancel out: outstanding = issued − redeemed − expired. Issued is what
became spendable, less what changes of orders took back, and with the debt that was forgiven or paid in money for it. Points that
wait are in neither: they are counted for themselves.
"""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from kizuna.core.lots import Counters
from kizuna.engine import EntryKind

NO_RULE = -1
NO_VERSION = 0


class Entry(NamedTuple):
    """`n` counts the member's entries from 1, in the order of their making. `points` is signed from the member's side.

    `unit` is the unit's number in the program. `at_ms` lies in `key` (UUIDv7). `expires_on` is the last day of the lot made or
    lapsed, or taken back from. `taken` are the lots that points were taken from, packed as `core.lots`; empty where none were.
    `release_on` and `cause` name points that wait; of what is held, given back or moved, `cause` is the number of the event that began
    it. `raw` is what the rule alone would have given (None: just this), `cut` why it gave less. `account` names the program account
    within its kind where kind and rule do not: the reward or the cause of a redemption, the reason of an adjustment.
    """

    member: bytes
    key: bytes
    n: int
    kind: int
    unit: int
    points: int
    expires_on: int
    version: int
    rule: int
    basis: int
    taken: bytes
    restriction: int = 0
    release_on: int | None = None
    cause: int | None = None
    raw: int | None = None
    cut: int | None = None
    account: str | None = None

    @property
    def at_ms(self) -> int:
        """When the points moved, in milliseconds since 1970."""
        return int.from_bytes(self.key[:6], "big")


class AccountStatus(IntEnum):
    """Whether anything may still happen on an account."""

    OPEN = 0
    CLOSED = 1
    MERGED = 2


class Account(NamedTuple):
    """A member's row: how many entries made it, the first unit's counters, the open lots of all units, the engine's memory.

    `waiting` are points that wait (`core.waiting`), `further` the counters of the further units. Nothing happens any more on an account
    that is not open; of a merged one `moved_to` says which member it went into.
    """

    entry_count: int
    counters: Counters
    lots: bytes
    memory: bytes
    waiting: bytes = b""
    further: tuple[Counters, ...] = ()
    status: int = 0
    moved_to: bytes | None = None

    @property
    def flat_counters(self) -> tuple[int, ...]:
        """The counters of all units, one after the other."""
        return tuple(number for one in (self.counters, *self.further) for number in one)


@dataclass(frozen=True, slots=True)
class Sums:
    """Program accounts of the first unit: points issued (net), redeemed and expired (each less what was given back), all counted positive.

    `reversed` and `forgiven` say what of `issued` was taken back, and what of that was let go again (written off, or paid for);
    `waiting` and `held` by how much the points grew that still wait, or that holds reserve; `adjusted` is net, by hand.
    """

    issued: int = 0
    redeemed: int = 0
    expired: int = 0
    reversed: int = 0
    forgiven: int = 0
    waiting: int = 0
    adjusted: int = 0
    held: int = 0

    @property
    def outstanding(self) -> int:
        """What members hold together, with what holds reserve."""
        return self.issued + self.adjusted - self.redeemed - self.expired


def sums(entries: Iterable[Entry]) -> Sums:
    """Add the first unit's entries up by program account. What members transfer to each other is in none."""
    of = [0] * (max(EntryKind) + 1)
    for entry in entries:
        if entry.unit == 0 and 0 < entry.kind < len(of):
            of[entry.kind] += entry.points
    return sums_of_kinds(of)


def sums_of_kinds(of: Sequence[int]) -> Sums:
    """Return what the points of the first unit, by the number of their kind, come to."""
    forgiven = of[EntryKind.FORGIVE] + of[EntryKind.COLLECT]
    return Sums(
        of[EntryKind.EARN] + of[EntryKind.RELEASE] + of[EntryKind.REVERSE] + forgiven,
        -of[EntryKind.REDEEM] - of[EntryKind.CONFIRM] - of[EntryKind.RESTORE],
        -of[EntryKind.EXPIRE] - of[EntryKind.REVIVE],
        -of[EntryKind.REVERSE],
        forgiven,
        of[EntryKind.PEND] + of[EntryKind.CANCEL] - of[EntryKind.RELEASE],
        of[EntryKind.ADJUST],
        of[EntryKind.CONFIRM] - of[EntryKind.HOLD] - of[EntryKind.VOID],
    )


HANDED = "merge"
"""The account of what passes from one member to another because both are one person, or are not after all."""

UNMOVED = (EntryKind.PEND, EntryKind.CANCEL, EntryKind.CONFIRM, EntryKind.EXTEND)
"""Kinds that leave the balance as it is: what waits is not in it, what is confirmed was held, what is extended stays."""

SIGNS: dict[int, int] = {
    EntryKind.EARN: 1,
    EntryKind.REDEEM: -1,
    EntryKind.EXPIRE: -1,
    EntryKind.PEND: 1,
    EntryKind.CANCEL: -1,
    EntryKind.RELEASE: 1,
    EntryKind.REVERSE: -1,
    EntryKind.FORGIVE: 1,
    EntryKind.COLLECT: 1,
    EntryKind.HOLD: -1,
    EntryKind.VOID: 1,
    EntryKind.CONFIRM: -1,
    EntryKind.RESTORE: 1,
    EntryKind.REVIVE: 1,
    EntryKind.EXTEND: 1,
    EntryKind.ADJUST: 0,
    EntryKind.TRANSFER: 0,
}
"""Whether a kind gives points (1) or takes them (−1); 0 does either."""

FACTS = struct.Struct("<16s16sqhhqiihq")
"""An entry's first ten facts as a digest hashes them: member, key, n, kind, unit, points, expires_on, version, rule, basis."""
_MORE = struct.Struct("<4shqQqqh")


def digest(entries: Sequence[Entry]) -> bytes:
    """Hash every fact of a commit's entries, whatever their order."""
    state = hashlib.blake2b(digest_size=32)
    for entry in sorted(entries, key=lambda one: (one.member, one.n)):
        state.update(FACTS.pack(*entry[:10]))
        state.update(entry.taken)
        if any(entry[11:]):
            raw = entry.points if entry.raw is None else entry.raw
            state.update(
                more(
                    entry.restriction, entry.release_on or 0, entry.cause or 0, raw, len(entry.taken), entry.cut or 0,
                    entry.account or "",
                )
            )  # fmt: skip
    return state.digest()


def more(restriction: int, release_on: int, cause: int, raw: int, taken_bytes: int, cut: int, account: str) -> bytes:
    """Return what a digest hashes of an entry behind its first facts and its lots, where there is any of it."""
    packed = _MORE.pack(b"more", restriction, release_on, cause, raw, taken_bytes, cut)
    name = account.encode()
    return packed + b"account" + len(name).to_bytes(2, "little") + name if name else packed


def link(previous: bytes, batch_id: int, sums_of_batch: Sums, digest_of_batch: bytes) -> bytes:
    """Return the next hash of the chain: it depends on every batch before it."""
    state = hashlib.blake2b(digest_size=32)
    state.update(previous)
    state.update(struct.pack("<qqqq", batch_id, sums_of_batch.issued, sums_of_batch.redeemed, sums_of_batch.expired))
    state.update(digest_of_batch)
    return state.digest()
