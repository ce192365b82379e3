"""A process of the proof (`proof_crew`): proves the parts that it is told of on standard input, until there are no more."""

import asyncio
import contextlib
import json
import os
import sys
from typing import Any

from kizuna.core.errors import Unavailable
from kizuna.ledger.proof import store as proof_store
from kizuna.ledger.proof.model import Finding, Moment, Part, Side
from kizuna.ledger.proof.parts import prove
from kizuna.runtime.db import Connection, connect, reaching

_NICE = 5


class _Looking:
    """A connection that sees the moment that the leader told of."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told, self._moment = told, Moment(*told["moment"])
        self._conn: Connection | None = None

    async def open(self) -> dict[str, Any]:
        """Look at the moment."""
        async with reaching():
            self._conn = await connect(lambda: self._told["url"], self._told["schema"])
            await self._conn.transaction(isolation="repeatable_read", readonly=True).start()
            await self._conn.execute(proof_store.ADOPT_SNAPSHOT.format(self._told["snapshot"]))
            await self._conn.execute(proof_store.QUIETLY)
        return {"is_ready": True}

    async def prove(self, side: str, first: int, last: int) -> dict[str, Any]:
        """Prove a part."""
        async with reaching():
            finding: Finding = await prove(self._conn, Part(Side(side), first, last), self._moment)
        return {"figures": finding.figures, "faults": finding.faults}


def main() -> None:
    """Answer one line with one line."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICE)
    with asyncio.Runner() as runner:
        looking: _Looking | None = None
        for line in sys.stdin:
            told = json.loads(line)
            try:
                if looking is None:
                    looking = _Looking(told)
                    answer = runner.run(looking.open())
                else:
                    answer = runner.run(looking.prove(*told["part"]))
            except Unavailable:
                answer = {"is_lost": True}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


main()
