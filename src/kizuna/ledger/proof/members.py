"""The members' side of the proof: every row is what a replay of its entries gives, and what is held is what open holds say.

Always true: histories that the short way accepts are compared byte by byte with their rows; every other one is replayed by `Replay`,
which alone says what is wrong.
"""

import asyncio
import struct
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kizuna.core.ids import BUCKETS, bucket_of
from kizuna.core.lots import Counters, unpack
from kizuna.core.waiting import unpack as unpack_waiting
from kizuna.ledger import store
from kizuna.ledger.model import Account, Entry
from kizuna.ledger.proof import store as proof_store
from kizuna.ledger.proof.columns import Columns, last_byte
from kizuna.ledger.proof.histories import NO_COUNTERS, Histories, packed_counters
from kizuna.ledger.proof.model import Finding, Moment, Part
from kizuna.ledger.proof.walk import End, counters, walk
from kizuna.ledger.replay import Replay, replay
from kizuna.runtime.db import Connection

_AT_ONCE = 1000
_NUMBER_BYTES = 8
Row = tuple[int, bytes, bytes, bytes]
"""A member's row as it comes: entry count, counters, lots, waiting."""
_BLANK: Row = (0, NO_COUNTERS, b"", b"")


async def prove_members(conn: Connection, part: Part, moment: Moment) -> Finding:
    """Prove some shards of the members."""
    where = proof_store.of_shards(part.first, part.last)
    found = await proof_store.read(conn, proof_store.HISTORIES, where)
    texts = await proof_store.texts(conn, where)
    kept = await proof_store.rows(conn, where)
    holds = await proof_store.open_holds(conn, where)
    side = await asyncio.to_thread(_Side, found, texts, kept, holds, moment)
    doubtful = sorted(side.doubtful)
    for start in range(0, len(doubtful), _AT_ONCE):
        some = doubtful[start : start + _AT_ONCE]
        rows = await store.accounts(conn, some)
        await asyncio.to_thread(side.replay, some, rows)
    return side.finding


class _Side:
    """Histories beside rows and holds. `doubtful` are the members about whom `Replay` has to be asked."""

    def __init__(
        self,
        found: Columns,
        texts: dict[bytes, tuple[bytes, str]],
        kept: Iterable[Sequence[bytes]],
        holds: Iterable[Any],
        moment: Moment,
    ) -> None:
        self.finding, self.moment = Finding(), moment
        self._histories = Histories(found, texts)
        self._holds: defaultdict[bytes, list[Any]] = defaultdict(list)
        for hold in holds:
            self._holds[hold["member_id"].bytes].append(hold)
        self._check_buckets(found)
        expected = self._walk()
        self._counted = frozenset(expected)
        self.doubtful = {*self._histories.ids} - expected.keys() | self._holds.keys()
        self._compare_rows(expected, kept)

    def _check_buckets(self, found: Columns) -> None:
        wrong = found["bucket"] != last_byte(found["member"]) % BUCKETS
        for row in found[wrong]:
            self.finding.fault(
                f"member {row['member'].tobytes().hex()}: entry {row['n']} lies in bucket {row['bucket']}"
            )
        for member, holds in self._holds.items():
            if any(hold["bucket"] != bucket_of(member) for hold in holds):
                self.finding.fault(f"member {member.hex()}: a hold lies in another bucket")

    def _walk(self) -> dict[bytes, Row]:
        """Return the rows that the short way leads to, and count their figures."""
        histories = self._histories
        counts = histories.ends - histories.starts
        steps, ends = histories.steps(), list[End | None]()
        for short, count in zip(histories.are_short(self.moment).tolist(), counts.tolist(), strict=True):
            theirs = islice(steps, count)
            end = walk(theirs) if short else None
            ends.append(end if end and not end.is_holding else None)
            for _rest in theirs:
                pass
        accepted = np.array([end is not None for end in ends], np.bool_)
        if not accepted.any():
            return {}
        rows, some = np.repeat(accepted, counts), counts[accepted]
        starts = (np.cumsum(some) - some).astype(np.intp)
        counted = counters(histories.kind[rows], histories.unit[rows], histories.points[rows], starts)
        those = [(member, end) for member, end in zip(histories.ids, ends, strict=True) if end is not None]
        self._count([end for _, end in those], counted)
        return {
            member: (count, packed, end.packed_lots, end.packed_waiting)
            for (member, end), count, packed in zip(those, some.tolist(), packed_counters(counted), strict=True)
        }

    def _count(self, ends: Sequence[End], counted: NDArray[np.int64]) -> None:
        """Add the figures of histories that the short way accepted, as of the moment."""
        of = Counters(*counted[:, 0, :].sum(axis=0).tolist())
        earned, lapsed, pending, day = of.earned, of.lapsed, 0, self.moment.day
        for end in ends:
            for (unit, last, _), points in end.lots.items():
                if last < day and not unit:
                    lapsed += points
            for (release_on, _, unit, _, last), points in end.waiting.items():
                if release_on > day or unit:
                    pending += 0 if unit else points
                else:
                    earned += points
                    lapsed += points if last < day else 0
        self.finding.add(
            issued=earned - of.reversed, redeemed=of.spent, expired=lapsed, reversed=of.reversed,
            adjusted=of.adjusted + of.transferred, held=of.held, pending=pending,
        )  # fmt: skip

    def _compare_rows(self, expected: dict[bytes, Row], kept: Iterable[Sequence[bytes]]) -> None:
        """Doubt every member whose row is not what was expected, or who has none."""
        count = 0
        for bucket, member, entry_count, counters_, lots, waiting in kept:
            count += 1
            if int.from_bytes(bucket, "big") != bucket_of(member):
                lies_in = int.from_bytes(bucket, "big", signed=True)
                self.finding.fault(f"member {member.hex()}: the row lies in bucket {lies_in}")
            wanted = expected.pop(member, None if member in self._histories.place else _BLANK)
            if wanted != (int.from_bytes(entry_count, "big"), counters_, lots, waiting):
                self.doubtful.add(member)
        self.doubtful |= expected.keys()
        self.finding.add(accounts=count, replayed=len(self._histories.rows))

    def replay(self, members: Sequence[bytes], rows: dict[bytes, Account]) -> None:
        """Ask `Replay` about some members; `rows` are those that they have."""
        for member in members:
            entries = self._histories.entries(member)
            try:
                self._replay(member, entries, rows.get(member))
            except struct.error:
                self.finding.fault(f"member {member.hex()}: the lots of an entry or of a hold cannot be read")

    def _replay(self, member: bytes, entries: list[Entry], row: Account | None) -> None:
        whole = replay(entries)
        for text in whole.faults:
            self.finding.fault(f"member {member.hex()}: {text}")
        if row is not None:
            self._compare(member, row, whole)
        elif entries:
            self.finding.fault(f"member {member.hex()} has entries but no row")
        self._compare_holds(member, whole)
        if member in self._counted:
            return
        until = [entry for entry in entries if entry.at_ms < self.moment.ends_ms]
        run = whole if len(until) == len(entries) else replay(until)
        run.touch(self.moment.day)
        of = run.counters
        self.finding.add(
            issued=of.earned + of.forgiven - of.reversed, redeemed=of.spent, expired=of.lapsed, reversed=of.reversed,
            forgiven=of.forgiven, adjusted=of.adjusted + of.transferred, held=of.held,
            pending=sum(one.points for one in unpack_waiting(run.waiting) if one.unit == 0),
        )  # fmt: skip

    def _compare(self, member: bytes, row: Account, run: Replay) -> None:
        for what, kept, replayed in (
            ("entry count", row.entry_count, run.entry_count),
            ("counters", _told(row.counters, *row.further), _told(*run.all_counters)),
            ("open lots", row.lots.hex(), run.lots.hex()),
            ("waiting points", row.waiting.hex(), run.waiting.hex()),
        ):
            if kept != replayed:
                self.finding.fault(f"member {member.hex()}: the row’s {what} are {kept}, a replay gives {replayed}")

    def _compare_holds(self, member: bytes, run: Replay) -> None:
        """Compare what a replay says is held with the member's open holds."""
        held = dict(run.held)
        for hold in self._holds.get(member, ()):
            key = bytes(hold["key"])
            name = (hold["unit"], int.from_bytes(key[:_NUMBER_BYTES], "big") or 1)
            there, lots = held.pop(name, 0), bytes(hold["lots"])
            if there != hold["points"]:
                self.finding.fault(f"hold {key.hex()} reserves {hold['points']} points, a replay gives {there}")
            elif lots != run.held_lots.get(name) or sum(lot.remaining for lot in unpack(lots)) != there:
                self.finding.fault(f"hold {key.hex()} reserves other lots than its entry took")
        for (unit, number), points in held.items():
            self.finding.fault(
                f"member {member.hex()}: {points} points of unit {unit} are held under {number:016x}, and no open hold says so"
            )


def _told(*of: Counters) -> tuple[tuple[int, ...], ...]:
    """Return counters by unit, up to the last unit that has any."""
    used = max((number for number, one in enumerate(of) if any(one)), default=0)
    return tuple(tuple(one) for one in of[: used + 1])
