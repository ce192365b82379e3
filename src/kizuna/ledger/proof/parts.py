"""How a proof is shared out into parts, and how each of them is proven.

Always true: the parts of a plan, with those that were proven before, cover every shard of the members and every commit, once.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from kizuna.ledger.proof import store as proof_store
from kizuna.ledger.proof.batches import prove_batches
from kizuna.ledger.proof.books import prove_books
from kizuna.ledger.proof.members import prove_members
from kizuna.ledger.proof.model import Finding, Moment, Part, Side
from kizuna.runtime.db import Connection

FEW = 3
"""A plan of so many parts is not worth going on with."""
_PROCESSES_MAX = 4


@dataclass(frozen=True, slots=True)
class Effort:
    """How the work is shared out: about so many entries in a part, so many processes, and none besides this where there are few entries.

    A part of the members has `wider` times as many: the entries of a member lie all over the table, so that each such part passes over all
    of it.
    """

    part_entries: int = 300_000
    wider: int = 4
    processes: int = min(_PROCESSES_MAX, os.cpu_count() or 1)
    alone_entries: int = 400_000


AS_IT_IS = Effort()


async def prove(conn: Connection, part: Part, moment: Moment) -> Finding:
    """Prove one part, as `conn` sees the ledger."""
    match part.side:
        case Side.MEMBERS:
            return await prove_members(conn, part, moment)
        case Side.BATCHES:
            return await prove_batches(conn, part)
        case Side.BOOKS:
            return await prove_books(conn)


async def size_of(conn: Connection) -> int:
    """Return how many entries there should be."""
    return int(await conn.fetchval(proof_store.SELECT_SIZE, timeout=proof_store.TIMEOUT_S))


async def still_whole(conn: Connection, part: Part, finding: Finding) -> bool:
    """Tell whether what was proven earlier is all that there is in a part: commits may have come into a stretch since."""
    if part.side is not Side.BATCHES:
        return part.side is Side.MEMBERS
    count = await conn.fetchval(proof_store.COUNT_BATCHES, part.first, part.last)
    return bool(count == finding.figures["batches"])


async def plan(conn: Connection, entries: int, effort: Effort, done: Mapping[Part, Finding]) -> list[Part]:
    """Return the parts that are still to be proven; the books first, because nobody can help with them."""
    parts = [Part(Side.BOOKS, 0, 0)]
    shards = max(1, proof_store.SHARDS * effort.part_entries * effort.wider // max(entries, 1))
    if shards > 4:
        shards -= shards % 4
    for first, last in gaps(done, Side.MEMBERS, 0, proof_store.SHARDS - 1):
        starts = range(first, last + 1, shards)
        parts += [Part(Side.MEMBERS, start, min(start + shards - 1, last)) for start in starts]
    for first, last in gaps(done, Side.BATCHES, *proof_store.EVERYTHING):
        begins = await conn.fetch(
            proof_store.SELECT_STRETCHES, first, last, effort.part_entries, timeout=proof_store.TIMEOUT_S
        )
        bounds = [first, *(row[0] for row in begins[1:]), last + 1]
        parts += [Part(Side.BATCHES, begin, end - 1) for begin, end in pairwise(bounds)]
    return parts


def gaps(done: Iterable[Part], side: Side, first: int, last: int) -> list[tuple[int, int]]:
    """Return the stretches of a side, from `first` to `last`, that no part covers yet."""
    found, at = [], first
    for part in sorted(part for part in done if part.side is side):
        if part.first > at:
            found.append((at, part.first - 1))
        at = max(at, part.last + 1)
    if at <= last:
        found.append((at, last))
    return found
