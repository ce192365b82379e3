"""Runs of the proof that take long: what has been proven is kept, so that a run that is broken off can go on.

Always true: what is kept belongs to a run of the last day; a run that ends takes it away.
"""

import json
from dataclasses import dataclass, field
from datetime import date

from kizuna.ledger.proof import store as proof_store
from kizuna.ledger.proof.model import Finding, Part, Side
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Database

KEPT_HOURS = 24


@dataclass(slots=True)
class Run:
    """A run of the proof as of a day; `done` are the parts that were proven before it was broken off. Kept once it has begun."""

    db: Database
    brand: Brand
    as_of: date
    done: dict[Part, Finding] = field(default_factory=dict)
    run_id: int | None = None

    @classmethod
    async def broken_off(cls, db: Database, brand: Brand) -> "Run | None":
        """Return the run that was broken off last, None when there is none or it is too old. Raises `Unavailable`."""
        async with db.lend(brand.schema) as conn:
            row = await conn.fetchrow(proof_store.SELECT_RUN, KEPT_HOURS)
            if row is None:
                return None
            kept = await conn.fetch(proof_store.SELECT_PARTS, row["run_id"])
        done = {Part(Side(side), first, last): Finding(**json.loads(finding)) for side, first, last, finding in kept}
        return cls(db, brand, row["as_of"], done, row["run_id"])

    async def begin(self) -> None:
        """Keep from now on what is proven. Raises `Unavailable`."""
        if self.run_id is None:
            async with self.db.lend(self.brand.schema) as conn:
                await conn.execute(proof_store.FORGET_OLD_RUNS, KEPT_HOURS)
                self.run_id = await conn.fetchval(proof_store.INSERT_RUN, self.as_of)

    async def keep(self, part: Part, finding: Finding) -> None:
        """Keep what a part found; the books are looked at anew each time. Raises `Unavailable`."""
        if self.run_id is not None and part.side is not Side.BOOKS:
            told = json.dumps({"figures": finding.figures, "faults": finding.faults}, ensure_ascii=False)
            async with self.db.lend(self.brand.schema) as conn:
                await conn.execute(proof_store.KEEP_PART, self.run_id, part.side.value, part.first, part.last, told)

    async def end(self) -> None:
        """Forget what was kept. Raises `Unavailable`."""
        if self.run_id is not None:
            async with self.db.lend(self.brand.schema) as conn:
                await conn.execute(proof_store.DELETE_RUN, self.run_id)
