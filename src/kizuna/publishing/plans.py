"""The compiled plans of one brand, by version and by time."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from kizuna.core.days import instant_ms
from kizuna.core.errors import N_, Kind, Problem
from kizuna.engine import Names, Plan, compile_plan
from kizuna.program import from_published
from kizuna.publishing import store
from kizuna.runtime.db import Connection


class NothingPublished(Problem):
    """Nothing can be decided before a program is published."""

    code = "nothing_published"
    kind = Kind.CONFLICT
    title = N_("This brand has not published a program yet.")
    remedy = N_("Publish one: “kizuna program publish FILE”.")


class PlanBook:
    """Every version, compiled once, all by the same names. Versions are numbered 1, 2, 3 …; `plans[i]` is version i + 1."""

    def __init__(self) -> None:
        self.names = Names()
        self.plans: list[Plan] = []
        self.effective_at: list[datetime] = []
        self._begins_ms: list[int] = []

    async def refresh(self, conn: Connection) -> None:
        """Read and compile the versions published since the last call."""
        for row in await conn.fetch(store.SELECT_VERSIONS, len(self.plans)):
            if row["version"] <= len(self.plans):  # another task read it while this one waited
                continue
            self.plans.append(compile_plan(from_published(json.loads(row["document"])), row["version"], self.names))
            self.effective_at.append(row["effective_at"])
            self._begins_ms.append(instant_ms(row["effective_at"]))

    async def keep_up(self, conn: Connection, newest: Sequence[tuple[int, ...]]) -> None:
        """Refresh if the rows of the fragment `newest` tell of a version that is not known yet."""
        if newest[0][0] > len(self.plans):
            await self.refresh(conn)

    def index_at(self, at_ms: int) -> int:
        """Return the index of the plan in force at an instant. Raises `NothingPublished`."""
        if not self.plans:
            raise NothingPublished
        return max(0, bisect_right(self._begins_ms, at_ms) - 1)

    def at(self, at: datetime) -> Plan:
        """Return the plan in force at an instant. Raises `NothingPublished`."""
        return self.plans[self.index_at(instant_ms(at))]

    def version(self, number: int) -> Plan:
        """Return the plan of a version that was published."""
        return self.plans[number - 1]
