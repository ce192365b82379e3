"""The proof that the ledger is true, beside live traffic.

Every member row is what a replay of its entries gives, every commit's row agrees with its entries, every entry leads to what
happened, and the hash chain over commits is whole. All of it is seen at one moment of the database; of a run that was broken off and
goes on, each part at the moment at which it was proven.
"""

from collections.abc import Callable
from datetime import date

from kizuna.ledger.proof import store as proof_store
from kizuna.ledger.proof.crew import work_together
from kizuna.ledger.proof.model import Finding, Moment, Part, Proof, Side
from kizuna.ledger.proof.parts import AS_IT_IS, FEW, Effort, plan, prove, size_of, still_whole
from kizuna.ledger.proof.runs import Run
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Database


async def verify(
    db: Database,
    brand: Brand,
    as_of: date,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    *,
    resume: bool = False,
    effort: Effort = AS_IT_IS,
) -> Proof:
    """Prove the ledger. `progress` is told (parts proven, of how many), and may raise to break the run off.

    With `resume` a run that was broken off less than a day ago goes on, for the day that it was begun for. Raises `Unavailable`,
    `ProofBrokenOff`.
    """
    run = await Run.broken_off(db, brand) if resume else None
    run = run or Run(db, brand, as_of)
    moment = Moment.of(run.as_of, brand.zone)
    async with db.transaction(brand.schema, readonly=True) as conn:
        await conn.execute(proof_store.QUIETLY)
        entries = await size_of(conn)
        findings = {part: finding for part, finding in run.done.items() if await still_whole(conn, part, finding)}
        resumed = bool(findings)
        parts = await plan(conn, entries, effort, findings)
        if len(parts) > FEW:
            await run.begin()
        done, of = len(findings), len(findings) + len(parts)
        progress(done, of)

        async def proven(part: Part, finding: Finding) -> None:
            nonlocal done
            await run.keep(part, finding)
            findings[part] = finding
            done += 1
            progress(done, of)

        if entries < effort.alone_entries:
            for part in parts:
                await proven(part, await prove(conn, part, moment))
        else:
            snapshot = await conn.fetchval(proof_store.EXPORT_SNAPSHOT)
            await work_together(db.locate(), brand.schema, snapshot, moment, parts, effort.processes, proven)
    await run.end()
    return _proof(run.as_of, findings, resumed=resumed)


def _proof(as_of: date, findings: dict[Part, Finding], *, resumed: bool) -> Proof:
    """Add up what the parts found, and compare what two of them counted."""
    proof, counted = Proof(as_of.isoformat(), resumed=resumed), Finding()
    order = list(Side)
    for part in sorted(findings, key=lambda one: (order.index(one.side), one.first)):
        proof.take(findings[part])
        counted.add(**findings[part].figures)
    of = counted.figures
    if of["answers"] != of["events"]:
        proof.fault(f"there are {of['answers']} answers to {of['events']} events")
    if of["replayed"] != of["entries"] and not resumed:
        proof.fault(f"members have {of['replayed']} entries, and batches {of['entries']}")
    proof.outstanding = proof.issued + proof.adjusted - proof.redeemed - proof.expired
    return proof
