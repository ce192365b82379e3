"""The ledger made again from its entries alone, in a schema of its own, and compared with the live one.

Always true: the live schema is only read, at one moment; what is compared is what was written, read back. Only the order of the chain
is taken over, and which commits only recorded an event, because entries do not tell it.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.core.lots import Counters
from kizuna.ledger import rebuild_store, store
from kizuna.ledger.model import link
from kizuna.ledger.proof import store as proof_store
from kizuna.ledger.proof.batches import NOTHING, Commits
from kizuna.ledger.proof.books import GENESIS
from kizuna.ledger.proof.histories import Histories
from kizuna.ledger.proof.model import FAULTS_MAX, Part, Side
from kizuna.ledger.proof.parts import AS_IT_IS, Effort, plan, size_of
from kizuna.ledger.replay import replay
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Database

_SEALS_AT_ONCE = 5000
_WIDTH = len(Counters._fields)
_ACCOUNT = ("bucket", "member_id", "entry_count", "counters", "lots", "waiting")
_HOLD = ("bucket", "member_id", "unit", "number", "points")
_BATCH = ("batch_id", "entries", *store.SUM_NAMES, "digest")
_SEAL = ("position", "batch_id", "hash")


@dataclass(slots=True)
class Rebuilt:
    """What was made again, and where the live ledger differs from it: `differences` counts them, `told` are the first."""

    schema: str
    accounts: int = 0
    holds: int = 0
    batches: int = 0
    seals: int = 0
    differences: int = 0
    told: list[str] = field(default_factory=list)

    def compare(self, what: str, live: Mapping[Any, Any], made: Mapping[Any, Any]) -> None:
        """Note every row that is not the same on both sides."""
        for key in sorted(live.keys() | made.keys()):
            if live.get(key) != made.get(key):
                self.differences += 1
                if len(self.told) < FAULTS_MAX:
                    name = key.hex() if isinstance(key, bytes) else key
                    self.told.append(
                        f"{what} {name} is {_told(live.get(key))}, its entries make {_told(made.get(key))}"
                    )

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


async def rebuild(
    db: Database,
    brand: Brand,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    *,
    keep: bool = False,
    effort: Effort = AS_IT_IS,
) -> Rebuilt:
    """Make the ledger again in the schema `<brand>_replay`, and compare. `progress` is told (parts done, of how many).

    The schema is taken away afterwards unless it is to be kept. Raises `Unavailable`.
    """
    made = Rebuilt(f"{brand.schema}_replay")
    async with db.lend(brand.schema) as conn:
        await rebuild_store.make(conn, made.schema)
    try:
        async with db.transaction(brand.schema, readonly=True) as live, db.lend(made.schema) as copy:
            await live.execute(proof_store.QUIETLY)
            parts = await plan(live, await size_of(live), effort, {})
            parts.sort(key=lambda part: part.side is Side.BOOKS)  # the chain is made of the commits
            progress(0, len(parts))
            for done, part in enumerate(parts, start=1):
                await _DO[part.side](live, copy, part, made)
                progress(done, len(parts))
    finally:
        if not keep:
            async with db.lend(brand.schema) as conn:
                await rebuild_store.drop(conn, made.schema)
    return made


async def _members(live: Connection, copy: Connection, part: Part, made: Rebuilt) -> None:
    where = proof_store.of_shards(part.first, part.last)
    texts = await proof_store.texts(live, where)
    histories = Histories(await proof_store.read(live, proof_store.HISTORIES, where), texts)
    rows, held = [], []
    for member in histories.ids:
        run = replay(histories.entries(member))
        key = (bucket_of(member), UUID(member))
        rows.append((*key, run.entry_count, [one for of in run.all_counters for one in of], run.lots, run.waiting))
        for (unit, number), points in run.held.items():
            held.append((*key, unit, number - 2**64 if number >= 2**63 else number, points))
    await rebuild_store.put(copy, made.schema, "account", _ACCOUNT, rows)
    await rebuild_store.put(copy, made.schema, "hold", _HOLD, held)
    here, there = await _accounts(live, where), await _accounts(copy, where)
    blank = {member: row for member, row in here.items() if member not in there and row == _BLANK}
    made.compare("member", here, there | blank)
    made.accounts += len(rows)
    of_live = {
        (row[0].bytes.hex(), *row[1:3]): row[3] for row in await live.fetch(rebuild_store.SELECT_LIVE_HELD + where)
    }
    of_copy = {(row[0].bytes.hex(), *row[1:3]): row[3] for row in await copy.fetch(rebuild_store.SELECT_HELD + where)}
    made.compare("hold", of_live, of_copy)
    made.holds += len(held)


_BLANK = (0, ((0,) * _WIDTH,), "", "")


async def _accounts(conn: Connection, where: str) -> dict[bytes, tuple[Any, ...]]:
    """Return member rows in a form that can be compared: units without any counter at the end do not count."""
    found = {}
    for member, entry_count, counters, lots, waiting in await conn.fetch(
        rebuild_store.SELECT_ACCOUNTS + where, timeout=proof_store.TIMEOUT_S
    ):
        units = [tuple(counters[start : start + _WIDTH]) for start in range(0, len(counters), _WIDTH)]
        while len(units) > 1 and not any(units[-1]):
            units.pop()
        found[member.bytes] = (entry_count, tuple(units), lots.hex(), waiting.hex())
    return found


async def _batches(live: Connection, copy: Connection, part: Part, made: Rebuilt) -> None:
    where = proof_store.of_batches(part.first, part.last)
    commits = Commits(await proof_store.read(live, proof_store.ENTRIES, where), await proof_store.texts(live, where))
    commits.sort()
    counts = (commits.ends - commits.starts).tolist()
    rows = [
        (batch, count, *(getattr(sums, name) for name in store.SUM_NAMES), told)
        for batch, count, sums, told in zip(commits.ids, counts, commits.sums(), commits.digests(), strict=True)
    ]
    here = await _commits(live, part)
    rows += [(batch, 0, *(0 for _ in store.SUM_NAMES), NOTHING) for batch in here.keys() - set(commits.ids)]
    await rebuild_store.put(copy, made.schema, "batch", _BATCH, rows)
    there = await _commits(copy, part)
    made.compare("batch", here, there)
    made.batches += len(rows)


async def _commits(conn: Connection, part: Part) -> dict[int, tuple[Any, ...]]:
    rows = await conn.fetch(rebuild_store.SELECT_BATCHES, part.first, part.last, timeout=proof_store.TIMEOUT_S)
    return {row["batch_id"]: tuple(row)[1:] for row in rows}


async def _seals(live: Connection, copy: Connection, _part: Part, made: Rebuilt) -> None:
    """Seal the commits that were made again, in the order in which the live ones were sealed."""
    previous, position = GENESIS, 0
    while seals := await live.fetch(rebuild_store.SELECT_SEALS, position, _SEALS_AT_ONCE):
        found = await copy.fetch(rebuild_store.SELECT_SEALED, [row["batch_id"] for row in seals])
        batches, rows = {row["batch_id"]: row for row in found}, []
        for number, batch_id, _ in seals:
            row = batches.get(batch_id)
            if row is not None:
                previous = link(previous, batch_id, store.sums_of(row), row["digest"])
                rows.append((number, batch_id, previous))
        await rebuild_store.put(copy, made.schema, "seal", _SEAL, rows)
        here = {row["position"]: row["hash"].hex() for row in seals}
        there = await copy.fetch(rebuild_store.SELECT_SEALS, position, _SEALS_AT_ONCE)
        made.compare("seal", here, {row["position"]: row["hash"].hex() for row in there})
        made.seals += len(rows)
        position = seals[-1]["position"]


_DO = {Side.MEMBERS: _members, Side.BATCHES: _batches, Side.BOOKS: _seals}


def _told(row: Any) -> str:
    return "nothing" if row is None else str(row)
