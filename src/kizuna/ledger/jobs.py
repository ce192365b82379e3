"""What the worker runs for the ledger: sealing (a hash chain, after each commit), and the proof when somebody asks for it."""

from collections.abc import Mapping
from typing import Any

from kizuna.core.errors import N_, Kind, Problem
from kizuna.ledger import store
from kizuna.ledger.model import link
from kizuna.ledger.proof.books import GENESIS, POSTED, SEALER_NAME
from kizuna.ledger.proof.verify import verify
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection, Database
from kizuna.runtime.jobs import Handler, Job, Tell
from kizuna.runtime.outbox import Follower, News


async def _seal(conn: Connection, news: list[News]) -> None:
    """Append the batches that `news` names, in its order, to the chain."""
    named = [one.payload for one in news if one.topic == POSTED]
    batches = {row["batch_id"]: row for row in await conn.fetch(store.SELECT_BATCHES_BY_ID, named)}
    last = await conn.fetchrow(store.SELECT_LAST_SEAL)
    position, previous = (last["position"], bytes(last["hash"])) if last else (0, GENESIS)
    links = []
    for number, batch_id in enumerate(named, start=position + 1):
        row = batches[batch_id]
        previous = link(previous, batch_id, store.sums_of(row), bytes(row["digest"]))
        links.append((number, batch_id, previous))
    if links:
        await conn.execute(store.INSERT_SEALS, *[list(column) for column in zip(*links, strict=True)])


SEALER = Follower(SEALER_NAME, _seal)


class LedgerDiffers(Problem):
    """The proof found what does not follow from history."""

    code = "ledger_differs"
    kind = Kind.CONFLICT
    title = N_("The check found {count} differences between balances and history; the first: {first}")
    remedy = N_("Nothing was changed. Show this to whoever runs the server; “kizuna ledger verify” lists them all.")


async def _verify(db: Database, brand: Brand, job: Job, tell: Tell) -> Mapping[str, Any]:
    """Prove the ledger as of today. A check that is taken up again goes on with what is not proven yet."""

    def told(done: int, total: int) -> None:
        tell(N_("Replaying the history, part by part"), done, total)
        tell.stop_if_asked()

    proof = await verify(db, brand, now().astimezone(brand.zone).date(), told, resume=job.attempt > 1)
    if not proof.ok:
        raise LedgerDiffers(count=len(proof.faults), first=proof.faults[0])
    return {"accounts": proof.accounts, "entries": proof.entries, "batches": proof.batches}


VERIFIER = Handler("verify_ledger", _verify)
"""Checks that every balance follows from its history."""
