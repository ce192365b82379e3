"""Taking an import back: member by member, each once, whenever it is broken off and begun again.

Always true: what is taken back follows from the entries of the run's own events; what was spent stays and is listed. Members stay, with
their identities: others may know them by now. The run's files can be imported again afterwards.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, TypeVar

from kizuna.connect.csv import store
from kizuna.connect.csv.patience import Patience, Revive
from kizuna.connect.csv.posting import writing
from kizuna.connect.csv.problems import RunOfBefore, RunUndone, RunUnknown
from kizuna.connect.csv.rejects import Phrase, Say
from kizuna.connect.csv.service import Show, paced
from kizuna.connect.csv.summary import Phase, Progress
from kizuna.core.days import instant_ms
from kizuna.core.errors import N_, Unavailable
from kizuna.intake import (
    BATCH_EVENTS_MAX,
    IMPORT_UNDONE,
    Arrival,
    Outcome,
    Result,
    Terms,
    Writer,
    commit_operations,
    has_batches,
    members_of,
    operate,
)
from kizuna.members import identities_of
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection, Database

T = TypeVar("T")
SOURCE = "import"
SPENT = Phrase(N_("They were spent, reserved or handed on, or paid a debt."))
LEAVE = Phrase(N_("Leave them, or take them by a correction that may leave a debt."))


class Left(NamedTuple):
    """What could not be taken back: of whom (an identity), how many points of which unit, why, and what to do."""

    member: str
    unit: str
    points: int
    reason: str
    remedy: str


@dataclass(slots=True)
class Undone:
    """What became of an import: `taken_back` and `cancelled` (points that still waited) by unit, and what is `left`."""

    run_id: str
    kind: str
    members: int = 0
    orders: int = 0
    events: int = 0
    taken_back: dict[str, int] = field(default_factory=dict)
    cancelled: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    list: Sequence[Left] = ()

    def as_json(self, say: Say = str) -> dict[str, Any]:
        """Plain data."""
        told = [one._replace(reason=say(one.reason), remedy=say(one.remedy))._asdict() for one in self.list]
        return asdict(self) | {"list": told}


async def undo(
    db: Database,
    brand: Brand,
    terms: Terms,
    run: str,
    *,
    progress: Show,
    revive: Revive | None = None,
    preview: bool = False,
) -> Undone:
    """Take a run back, or say what that would come to. Raises `RunUnknown`, `RunUndone`, `RunOfBefore`, `Unavailable`."""
    work = _Undoing(db, brand, terms, progress, revive)
    about, undoing = await work.call(lambda conn: _look(conn, run))
    name = f"undo:{run}:{undoing}"
    members = await work.call(lambda conn: members_of(conn, run, name))
    work.told = Undone(run, about.get("kind", "orders"))
    arrivals = lambda some: [_asked(run, undoing, member, terms) for member in some]  # noqa: E731 - said once
    if preview:
        await work.foresee(members, arrivals)
        return await work.finished()
    await work.call(lambda conn: store.begin_undoing(conn, run))
    async with writing(db.locate, brand, name) as writer:
        await work.carry_out(writer, members, arrivals)
    await work.call(lambda conn: store.finish_undoing(conn, run, undoing))
    return await work.finished()


async def _look(conn: Connection, run: str) -> tuple[dict[str, Any], int]:
    found = await store.find_undoing(conn, run)
    if found is None:
        raise RunUnknown(field="run", run=run)
    about, undoing, is_undone = found
    if is_undone:
        raise RunUndone(field="run", run=run)
    if not await has_batches(conn, run):
        raise RunOfBefore(field="run", run=run)
    return about, undoing


def _asked(run: str, undoing: int, member: bytes, terms: Terms) -> Arrival:
    subject, id_ = f"member:{member.hex()}", f"undone/{run}/{undoing}/{member.hex()}"
    data = {"run": run} | ({"undoing": undoing} if undoing else {})
    return operate(IMPORT_UNDONE, id_, SOURCE, subject, data, terms, instant_ms(now()))


Ask = Callable[[Sequence[bytes]], list[Arrival]]


@dataclass(slots=True)
class _Undoing:
    """An undoing under way."""

    db: Database
    brand: Brand
    terms: Terms
    progress: Show
    revive: Revive | None
    told: Undone = field(default_factory=lambda: Undone("", ""))
    left: list[tuple[bytes, Left]] = field(default_factory=list)
    sums: dict[str, Counter[str]] = field(default_factory=dict)

    async def call(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` in the brand's schema, waiting for the database where need be."""

        async def once() -> T:
            async with self.db.lend(self.brand.schema) as conn:
                return await work(conn)

        return await self._patience.call(once)

    @property
    def _patience(self) -> Patience:
        return Patience(self.revive, lambda tried, tries: self.progress(Progress(Phase.WAITING, tried, tries)))

    async def foresee(self, members: Sequence[bytes], ask: Ask) -> None:
        """Count what undoing would come to."""
        plans = PlanBook()
        for start in range(0, len(members), BATCH_EVENTS_MAX):
            some = members[start : start + BATCH_EVENTS_MAX]
            async with self.db.lend(self.brand.schema) as conn:
                self._count(some, await commit_operations(conn, self.brand, plans, ask(some), for_look=True))
            self._show(start + len(some), len(members))

    async def carry_out(self, writer: Writer, members: Sequence[bytes], ask: Ask) -> None:
        """Undo, a batch at a time, however often the database goes away meanwhile."""
        for start in range(0, len(members), BATCH_EVENTS_MAX):
            some = members[start : start + BATCH_EVENTS_MAX]
            arrivals = ask(some)

            async def submit(told: list[Arrival] = arrivals) -> list[Result]:
                results = await writer.submit(told)
                if any(isinstance(one, Unavailable) for one in results):
                    raise Unavailable
                return results

            self._count(some, await self._patience.call(submit))
            self._show(start + len(some), len(members))

    def _show(self, done: int, total: int) -> None:
        self.progress(paced(Phase.POSTING, done, total, done, asyncio.get_running_loop().time()))

    def _count(self, members: Sequence[bytes], results: Sequence[Result]) -> None:
        for member, result in zip(members, results, strict=True):
            if not isinstance(result, Outcome):
                self.told.refused += 1
                reason, remedy = Phrase(result.title, **result.facts), Phrase(result.remedy, **result.facts)
                self.left.append((member, Left("", "", 0, reason, remedy)))
                continue
            about = result.about or {}
            self.told.members += 1
            self.told.orders += about["orders"]
            self.told.events += about["events"]
            for name in ("taken_back", "cancelled", "left"):
                self.sums.setdefault(name, Counter()).update(about[name])
            for unit, points in about["left"].items():
                self.left.append((member, Left("", unit, points, SPENT, LEAVE)))

    async def finished(self) -> Undone:
        """Return what was counted, with the members' identities."""
        for name, sums in self.sums.items():
            setattr(self.told, name, {unit: points for unit, points in sorted(sums.items()) if points})
        named: dict[bytes, str] = {}
        for member, _ in self.left:
            if member not in named:
                known = await self.call(lambda conn, one=member: identities_of(conn, one))  # type: ignore[misc]
                first = next((one for one in known if one.kind != "card"), known[0] if known else None)
                named[member] = str(first or f"member:{member.hex()}")
        self.told.list = [left._replace(member=named[member]) for member, left in self.left]
        return self.told
