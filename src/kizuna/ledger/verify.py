"""The proof that the ledger is true, taken at one moment of the database, beside live traffic.

Every member row is what a replay of its entries gives, every commit's row agrees with its entries, and the hash chain over
commits is whole.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from kizuna.core.days import day_number, day_start_ms
from kizuna.core.ids import BUCKETS
from kizuna.core.lots import Counters
from kizuna.core.waiting import unpack
from kizuna.ledger import store
from kizuna.ledger.model import Account, Entry, Sums, digest, link, sums
from kizuna.ledger.replay import Replay, replay
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Database
from kizuna.runtime.outbox import handled

FAULTS_MAX = 100
GENESIS = b"\x00" * 32
POSTED = "ledger.posted"
"""The topic of a commit that posted; its payload is the batch."""
SEALER_NAME = "ledger.seal"


@dataclass(slots=True)
class Proof:
    """`issued` + `adjusted` = `redeemed` + `expired` + `outstanding` of the first unit, at the end of the day `as_of`.

    `ok` says that there are no `faults`. `expired` counts what lapsed by `as_of`, and `issued` what was released by then, whether or
    not anything has touched the account since. `issued` is net: without what changes of orders took back (`reversed`), with what of that
    was let go again (`forgiven`). `pending` points still wait; they are not issued yet. `held` is the part of `outstanding` that holds
    reserve; `adjusted` are corrections by hand, net.
    """

    as_of: str
    ok: bool = True
    issued: int = 0
    redeemed: int = 0
    expired: int = 0
    outstanding: int = 0
    pending: int = 0
    reversed: int = 0
    forgiven: int = 0
    adjusted: int = 0
    held: int = 0
    entries: int = 0
    accounts: int = 0
    batches: int = 0
    sealed: int = 0
    faults: list[str] = field(default_factory=list)

    def fault(self, text: str) -> None:
        """Note one thing that does not agree."""
        self.ok = False
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(text)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


async def verify(
    db: Database, brand: Brand, as_of: date, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Proof:
    """Prove the ledger. `progress` is told (buckets done, of how many). Raises `Unavailable`."""
    proof = Proof(as_of.isoformat())
    by_batch: defaultdict[int, list[Entry]] = defaultdict(list)
    async with db.transaction(brand.schema, readonly=True) as conn:
        for bucket in range(BUCKETS):
            await _verify_bucket(conn, bucket, proof, by_batch, _Moment(as_of, brand.zone))
            progress(bucket + 1, BUCKETS)
        await _verify_batches(conn, proof, by_batch)
    proof.outstanding = proof.issued + proof.adjusted - proof.redeemed - proof.expired
    return proof


class _Moment:
    """The end of a day in the brand's time zone."""

    def __init__(self, as_of: date, zone: ZoneInfo) -> None:
        self.day = day_number(as_of)
        self.ends_ms = day_start_ms(day_number(as_of) + 1, zone)


async def _verify_bucket(
    conn: Connection, bucket: int, proof: Proof, by_batch: dict[int, list[Entry]], moment: _Moment
) -> None:
    rows = await store.bucket_accounts(conn, bucket)
    history: defaultdict[bytes, list[Entry]] = defaultdict(list)
    async for entry, batch_id in store.each_entry(conn, bucket):
        by_batch[batch_id].append(entry)
        history[entry.member].append(entry)
    for member, entries in history.items():
        whole = replay(entries)
        for text in whole.faults:
            proof.fault(f"member {member.hex()}: {text}")
        if member not in rows:
            proof.fault(f"member {member.hex()} has entries but no row")
        else:
            _compare(member, rows[member], whole, proof)
        until = [entry for entry in entries if entry.at_ms < moment.ends_ms]
        _count(whole if len(until) == len(entries) else replay(until), moment, proof)
    for member, account in rows.items():
        if member not in history:
            _compare(member, account, Replay(), proof)
    proof.accounts += len(rows)


def _count(run: Replay, moment: _Moment, proof: Proof) -> None:
    """Add one member's figures as of `moment`."""
    run.touch(moment.day)
    of = run.counters
    proof.issued += of.earned + of.forgiven - of.reversed
    proof.redeemed += of.spent
    proof.expired += of.lapsed
    proof.reversed += of.reversed
    proof.forgiven += of.forgiven
    proof.adjusted += of.adjusted + of.transferred
    proof.held += of.held
    proof.pending += sum(one.points for one in unpack(run.waiting) if one.unit == 0)


def _compare(member: bytes, account: Account, run: Replay, proof: Proof) -> None:
    for what, kept, replayed in (
        ("entry count", account.entry_count, run.entry_count),
        ("counters", _told(account.counters, *account.further), _told(*run.all_counters)),
        ("open lots", account.lots.hex(), run.lots.hex()),
        ("waiting points", account.waiting.hex(), run.waiting.hex()),
    ):
        if kept != replayed:
            proof.fault(f"member {member.hex()}: the row’s {what} are {kept}, a replay gives {replayed}")


def _told(*counters: Counters) -> tuple[tuple[int, ...], ...]:
    """Return counters by unit, up to the last unit that has any."""
    used = max((number for number, one in enumerate(counters) if any(one)), default=0)
    return tuple(tuple(one) for one in counters[: used + 1])


async def _verify_batches(conn: Connection, proof: Proof, by_batch: dict[int, list[Entry]]) -> None:
    batches: dict[int, tuple[Sums, bytes]] = {}
    for row in await conn.fetch(store.SELECT_BATCHES):
        kept = (store.sums_of(row), bytes(row["digest"]))
        batches[row["batch_id"]] = kept
        entries = by_batch.pop(row["batch_id"], [])
        proof.entries += len(entries)
        if len(entries) != row["entries"] or (sums(entries), digest(entries)) != kept:
            proof.fault(f"batch {row['batch_id']} does not agree with its {len(entries)} entries")
    for batch_id, entries in by_batch.items():
        proof.entries += len(entries)
        proof.fault(f"batch {batch_id} is missing, though {len(entries)} entries name it")
    proof.batches = len(batches)
    previous = GENESIS
    for number, row in enumerate(await conn.fetch(store.SELECT_SEALS), start=1):
        batch = batches.get(row["batch_id"])
        if batch is None:
            proof.fault(f"seal {row['position']} names batch {row['batch_id']}, which is missing")
            continue
        previous = link(previous, row["batch_id"], *batch)
        if row["position"] != number or bytes(row["hash"]) != previous:
            proof.fault(f"the chain breaks at seal {row['position']} (batch {row['batch_id']})")
            previous = bytes(row["hash"])
        proof.sealed += 1
    due = await handled(conn, SEALER_NAME, POSTED)
    if proof.sealed != due:
        proof.fault(f"the chain has {proof.sealed} seals, though the sealer has handled {due} batches")
