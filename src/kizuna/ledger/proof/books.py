"""The books' side of the proof: the hash chain is whole, and every commit was told, sealed and answered for.

Always true: what is missing at the end of the books is missed too, as long as anything that followed them remembers it.
"""

from kizuna.ledger import store
from kizuna.ledger.model import link
from kizuna.ledger.proof import store as proof_store
from kizuna.ledger.proof.model import FAULTS_MAX, Finding
from kizuna.runtime.db import Connection
from kizuna.runtime.outbox import handled

GENESIS = b"\x00" * 32
POSTED = "ledger.posted"
"""The topic of a commit that posted; its payload is the batch."""
SEALER_NAME = "ledger.seal"
_PREFETCH = 5000


async def prove_books(conn: Connection) -> Finding:
    """Prove what holds all commits together."""
    finding = Finding()
    await _prove_chain(conn, finding)
    await _prove_outbox(conn, finding)
    finding.add(answers=int(await conn.fetchval(proof_store.COUNT_ANSWERS, timeout=proof_store.TIMEOUT_S)))
    return finding


async def _prove_chain(conn: Connection, finding: Finding) -> None:
    """Every seal follows from the one before it and from its commit."""
    previous, number, sealed = GENESIS, 0, 0
    async for row in conn.cursor(proof_store.SELECT_LINKS, prefetch=_PREFETCH):
        number += 1
        if row["digest"] is None:
            finding.fault(f"seal {row['position']} names batch {row['batch_id']}, which is missing")
            continue
        previous = link(previous, row["batch_id"], store.sums_of(row), row["digest"])
        if row["position"] != number or row["hash"] != previous:
            finding.fault(f"the chain breaks at seal {row['position']} (batch {row['batch_id']})")
            previous = row["hash"]
        sealed += 1
    finding.add(sealed=sealed)


async def _prove_outbox(conn: Connection, finding: Finding) -> None:
    """Compare the outbox with the commits, which it tells of once each, and with the chain, which follows it."""
    due = await handled(conn, SEALER_NAME, POSTED)
    sealed = finding.figures.get("sealed", 0)
    if sealed != due:
        finding.fault(f"the chain has {sealed} seals, though the sealer has handled {due} batches")
    timeout = proof_store.TIMEOUT_S
    for row in await conn.fetch(proof_store.SELECT_MISPLACED_SEALS, SEALER_NAME, POSTED, FAULTS_MAX, timeout=timeout):
        finding.fault(
            f"seal {row['position']} is of {_batch(row['sealed'])}, though the outbox tells of {_batch(row['told'])} there"
        )
    for row in await conn.fetch(proof_store.SELECT_UNTOLD_BATCHES, POSTED, FAULTS_MAX, timeout=timeout):
        finding.fault(f"the outbox tells of batch {row['batch_id']} {row['told']} times, not once")
    for row in await conn.fetch(proof_store.SELECT_TOLD_NOTHINGS, POSTED, FAULTS_MAX, timeout=timeout):
        finding.fault(f"batch {row['payload']} is missing, though the outbox tells of it")
    for row in await conn.fetch(proof_store.SELECT_LOST_CURSORS):
        finding.fault(f"the follower {row['follower']} has read news that the outbox does not have")


def _batch(batch_id: int | None) -> str:
    return "no batch" if batch_id is None else f"batch {batch_id}"
