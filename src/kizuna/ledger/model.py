"""The ledger's nouns. An entry moves points between one member's pocket and one program account, once, for ever.

Summed over all entries, members' pockets and program accounts cancel out: outstanding = issued − redeemed − expired.
"""

import hashlib
import struct
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kizuna.core.lots import Counters
from kizuna.engine import EntryKind

NO_RULE = -1
NO_VERSION = 0


class Entry(NamedTuple):
    """`n` counts the member's entries from 1, in the order of their making. `points` is signed from the member's side.

    `unit` is the unit's number in the program. `at_ms` lies in `key` (UUIDv7). `expires_on` is the last day of the lot made or
    lapsed. `taken` are the lots that a redemption took from, packed as `core.lots`; empty otherwise.
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

    @property
    def at_ms(self) -> int:
        """When the points moved, in milliseconds since 1970."""
        return int.from_bytes(self.key[:6], "big")


class Account(NamedTuple):
    """A member's row: how many entries made it, the counters, the open lots and the engine's memory."""

    entry_count: int
    counters: Counters
    lots: bytes
    memory: bytes


@dataclass(frozen=True, slots=True)
class Sums:
    """Program accounts: points issued, redeemed and expired, all counted positive."""

    issued: int = 0
    redeemed: int = 0
    expired: int = 0

    @property
    def outstanding(self) -> int:
        """What members hold together."""
        return self.issued - self.redeemed - self.expired


def sums(entries: Iterable[Entry]) -> Sums:
    """Add entries up by program account."""
    totals: defaultdict[int, int] = defaultdict(int)
    for entry in entries:
        totals[entry.kind] += entry.points
    return Sums(totals[EntryKind.EARN], -totals[EntryKind.REDEEM], -totals[EntryKind.EXPIRE])


_FACTS = struct.Struct("<16s16sqhhqiihq")


def digest(entries: Sequence[Entry]) -> bytes:
    """Hash every fact of a commit's entries, whatever their order."""
    state = hashlib.blake2b(digest_size=32)
    for entry in sorted(entries, key=lambda one: (one.member, one.n)):
        state.update(_FACTS.pack(*entry[:10]))
        state.update(entry.taken)
    return state.digest()


def link(previous: bytes, batch_id: int, sums_of_batch: Sums, digest_of_batch: bytes) -> bytes:
    """Return the next hash of the chain: it depends on every batch before it."""
    state = hashlib.blake2b(digest_size=32)
    state.update(previous)
    state.update(struct.pack("<qqqq", batch_id, sums_of_batch.issued, sums_of_batch.redeemed, sums_of_batch.expired))
    state.update(digest_of_batch)
    return state.digest()
