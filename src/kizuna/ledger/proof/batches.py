"""The commits' side of the proof: each commit's row agrees with its entries, and its entries with what happened.

Always true: a commit's digest here is the one that `model.digest` gives; entries are packed side by side, and hashed a stretch at a time.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kizuna.core.ids import BUCKETS
from kizuna.engine import EntryKind
from kizuna.ledger import store
from kizuna.ledger.hands import page_key
from kizuna.ledger.model import FACTS, NO_VERSION, Sums, more, sums_of_kinds
from kizuna.ledger.proof import store as proof_store
from kizuna.ledger.proof.columns import (
    Columns,
    distinct,
    ends_of,
    first_of_event,
    is_among,
    last_byte,
    marks,
    names_of,
    starts_of,
    words,
)
from kizuna.ledger.proof.model import Finding, Part
from kizuna.runtime.db import Connection

FACT_FIELDS = np.dtype(
    [
        ("member", "V16"), ("key", "V16"), ("n", "<i8"), ("kind", "<i2"), ("unit", "<i2"), ("points", "<i8"),
        ("expires_on", "<i4"), ("version", "<i4"), ("rule", "<i2"), ("basis", "<i8"),
    ]
)  # fmt: skip
"""`model.FACTS` as a NumPy dtype."""
NOTHING = hashlib.blake2b(digest_size=32).digest()
"""The digest of a commit that moved nothing."""
_LINES = 255


async def prove_batches(conn: Connection, part: Part) -> Finding:
    """Prove a stretch of commits."""
    where = proof_store.of_batches(part.first, part.last)
    commits = Commits(await proof_store.read(conn, proof_store.ENTRIES, where), await proof_store.texts(conn, where))
    events = await proof_store.read(conn, proof_store.EVENTS, where)
    rows = await conn.fetch(proof_store.SELECT_BATCHES, part.first, part.last)
    return await asyncio.to_thread(_prove, commits, events, rows)


class Commits:
    """The entries of some commits, by commit, member and number."""

    def __init__(self, rows: Columns, texts: dict[bytes, tuple[bytes, str]]) -> None:
        self._unsorted, self._texts = rows, texts

    def sort(self) -> None:
        """Put the entries in their order."""
        rows = self._unsorted
        high, low = words(rows["member"])
        order = np.lexsort((rows["n"], low, high, rows["batch"]))
        self.rows = rows[order]
        self.batch = self.rows["batch"].astype(np.int64)
        self.starts = starts_of(self.batch)
        self.ends = ends_of(self.starts, len(self.rows))
        self.ids: list[int] = self.batch[self.starts].tolist()

    def sums(self) -> list[Sums]:
        """Return what each commit moved, by program account."""
        kind, first = self.rows["kind"], self.rows["unit"] == 0
        points = self.rows["points"].astype(np.int64)
        by_kind = np.zeros((len(self.ids), max(EntryKind) + 1), np.int64)
        for one in EntryKind:
            some = (kind == one) & first
            if some.any():
                by_kind[:, one] = np.add.reduceat(np.where(some, points, 0), self.starts)
        return [sums_of_kinds(row) for row in by_kind.tolist()]

    def digests(self) -> list[bytes]:
        """Return each commit's digest."""
        facts = np.empty(len(self.rows), FACT_FIELDS)
        for name in FACT_FIELDS.names or ():
            facts[name] = self.rows[name]
        packed, width = memoryview(facts.tobytes()), FACTS.size
        longer = np.flatnonzero(self.rows["has_texts"] | self.rows["has_more"])
        tails = self._tails(longer)
        places = longer.tolist()
        first, stop_at = (np.searchsorted(longer, some).tolist() for some in (self.starts, self.ends))
        found = []
        for start, end, at, stop in zip(self.starts.tolist(), self.ends.tolist(), first, stop_at, strict=True):
            state = hashlib.blake2b(digest_size=32)
            for number in range(at, stop):
                place = places[number] + 1
                state.update(packed[start * width : place * width])
                state.update(tails[number])
                start = place  # noqa: PLW2901 - where the rest of this commit begins
            state.update(packed[start * width : end * width])
            found.append(state.digest())
        return found

    def _tails(self, longer: NDArray[np.intp]) -> list[bytes]:
        """Return what a digest hashes of some entries behind their first facts."""
        rows = self.rows[longer]
        columns = [rows[name].tolist() for name in ("restriction", "release_on")]
        columns.append(rows["cause"].astype(np.int64).view(np.uint64).tolist())
        columns += [rows[name].tolist() for name in ("raw", "cut", "has_more")]
        tails = []
        for name, restriction, release_on, cause, raw, cut, has_more in zip(names_of(rows), *columns, strict=True):
            taken, account = self._texts.get(name, (b"", ""))
            tails.append(
                taken + more(restriction, release_on, cause, raw, len(taken), cut, account) if has_more else taken
            )
        return tails


def _prove(commits: Commits, events: Columns, rows: Sequence[Any]) -> Finding:
    commits.sort()
    finding = Finding()
    _check_rows(commits, rows, finding)
    _check_buckets(commits, events, finding)
    _check_transfers(commits, finding)
    _check_events(commits, events, finding)
    known = np.array([row["batch_id"] for row in rows], np.int64).astype(np.uint64)
    lost = events["batch"][~is_among(events["batch"].astype(np.uint64), known)].tolist()
    for batch in sorted({*lost}):
        finding.fault(f"batch {batch} is missing, though events name it")
    finding.add(entries=len(commits.rows), batches=len(rows))
    return finding


def _check_rows(commits: Commits, rows: Sequence[Any], finding: Finding) -> None:
    """Every commit's row agrees with its entries, and every entry's commit has a row."""
    counts = (commits.ends - commits.starts).tolist()
    found = dict(zip(commits.ids, zip(counts, commits.sums(), commits.digests(), strict=True), strict=True))
    for row in rows:
        count, sums, digest = found.pop(row["batch_id"], (0, Sums(), NOTHING))
        if count != row["entries"] or sums != store.sums_of(row) or digest != row["digest"]:
            finding.fault(f"batch {row['batch_id']} does not agree with its {count} entries")
    for batch_id, (count, _, _) in found.items():
        finding.fault(f"batch {batch_id} is missing, though {count} entries name it")


def _check_buckets(commits: Commits, events: Columns, finding: Finding) -> None:
    """Entries and events lie in their members' buckets, where they are looked for."""
    for what, rows in (("entry", commits.rows), ("event", events)):
        for row in rows[rows["bucket"] != last_byte(rows["member"]) % BUCKETS]:
            key, bucket = row["key"].tobytes().hex(), row["bucket"]
            finding.fault(f"batch {row['batch']}: {what} {key} lies in bucket {bucket}, which is not its member’s")


def _check_transfers(commits: Commits, finding: Finding) -> None:
    """Find commits whose transfers between members come to something: what one gives another receives, in each unit."""
    rows = commits.rows[commits.rows["kind"] == EntryKind.TRANSFER]
    moved: defaultdict[tuple[int, int], int] = defaultdict(int)
    for batch, unit, points in zip(*(rows[name].tolist() for name in ("batch", "unit", "points")), strict=True):
        moved[batch, unit] += points
    for (batch, unit), points in moved.items():
        if points:
            finding.fault(f"batch {batch}: transfers of unit {unit} come to {points:+} points, not to none")


def _check_events(commits: Commits, events: Columns, finding: Finding) -> None:
    """Every entry that time did not make leads to an event of its commit and member."""
    made = commits.rows[commits.rows["version"] != NO_VERSION]
    there = marks(*words(events["member"]), *words(events["key"]), events["batch"])
    asked = marks(*words(made["member"]), *words(first_of_event(made["key"])), made["batch"])
    _check_pages(made[~is_among(asked, there)], events, finding)
    finding.add(events=distinct(marks(*words(events["key"]), events["batch"])))


def _check_pages(loose: Columns, events: Columns, finding: Finding) -> None:
    """Follow entries whose own key leads to no event: it may be a further page of one that made very many."""
    by_member: defaultdict[tuple[int, bytes], list[Any]] = defaultdict(list)
    for row in loose:
        by_member[int(row["batch"]), row["member"].tobytes()].append(row)
    for (batch, member), rows in by_member.items():
        theirs = events[(events["batch"] == batch) & (events["member"] == np.void(member))]
        pages = range(1, len(rows) // _LINES + 2)
        keys = {page_key(key.tobytes(), page) for key in theirs["key"] for page in pages}
        for row in rows:
            key = row["key"].tobytes()
            if key[:15] + b"\x00" not in keys:
                finding.fault(
                    f"batch {batch}: entry {row['n']} of member {member.hex()} leads to no event of that batch"
                )
