"""Holding the ledger against the files of a taking over, member by member and in sum.

What the files say was kept before anything was posted; what the ledger says is read from its entries. Neither is made from the other.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, TextIO

from kizuna.connect.csv import claim_store, store
from kizuna.connect.csv.claim_store import Claim
from kizuna.connect.csv.problems import NothingToReconcile, RunUnknown
from kizuna.intake import OPENING, Outcome, Recorded, answers, recorded
from kizuna.ledger import Adjusted, adjusted
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Database

AT_ONCE = 2000
_NOTHING = Adjusted(0, 0, 0)
_UNRECORDED = Recorded(0, None, None, None)
WHATS = ("members", "points", "lots", "debt", "tier", "orders", "spend")
"""What is compared."""


class Difference(NamedTuple):
    """Where the ledger says something else than the files: of which member, of what, in which unit."""

    member: str
    what: str
    unit: str
    file: str
    ledger: str


@dataclass(slots=True)
class Reconciliation:
    """Sums by what is compared and by unit or tier, as (files, ledger), and every difference by member.

    `ok` when nothing differs. `over` are points in lots whose last day was over, by unit: they were not taken in, and are no difference.
    `unread` rows name no member that could be read.
    """

    run_id: str
    kind: str
    ok: bool = True
    sums: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)
    over: dict[str, int] = field(default_factory=dict)
    unread: int = 0
    differences: list[Difference] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self) | {"differences": [one._asdict() for one in self.differences]}

    def write_csv(self, file: TextIO) -> None:
        """Write sums and differences as CSV: a line of sums names no member."""
        table = csv.writer(file)
        table.writerow(Difference._fields)
        for what, of in self.sums.items():
            for name, (told, kept) in of.items():
                table.writerow(["", what, name, told, kept])
        table.writerows(self.differences)


async def reconcile(db: Database, brand: Brand, run: str) -> Reconciliation:
    """Hold the ledger against what the files of a run say, at one moment. Raises `RunUnknown`, `NothingToReconcile`."""
    async with db.transaction(brand.schema, readonly=True) as conn:
        found = await store.find(conn, run)
        if found is None:
            raise RunUnknown(field="run", run=run)
        about, told = found
        if about.get("kind", "orders") == "orders":
            raise NothingToReconcile(field="run", run=run)
        book = PlanBook()
        await book.refresh(conn)
        made = Reconciliation(run, about["kind"], unread=told.get("unread", 0))
        comparing = _Comparing(conn, book, made)
        place = -1
        while some := await claim_store.claims_after(conn, run, place, AT_ONCE):
            place = some[-1][0]
            await comparing.compare([claim for _, claim in some])
        made.sums = comparing.sums
        made.ok = not made.differences and not made.unread
        return made


@dataclass(slots=True)
class _Comparing:
    conn: Connection
    book: PlanBook
    made: Reconciliation
    files: Counter[tuple[str, str]] = field(default_factory=Counter)
    ledger: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def compare(self, claims: list[Claim]) -> None:
        """Compare some claims with what was recorded."""
        known = await answers(self.conn, [claim.key for claim in claims if claim.key is not None])
        events = {(one.member, one.event_key) for one in known.values()}
        done = await recorded(self.conn, sorted(events))
        moved = await adjusted(self.conn, sorted({one.batch for one in done.values()}), OPENING)
        for claim in claims:
            answer = None if claim.key is None else known.get(claim.key)
            event = _UNRECORDED if answer is None else done.get(answer.event_key, _UNRECORDED)
            if claim.over:
                self.made.over[claim.unit or ""] = self.made.over.get(claim.unit or "", 0) + claim.over
            for what, name, told, kept in self._pairs(claim, answer, event, moved):
                self._hold(claim, what, name, told, kept)

    def _pairs(
        self, claim: Claim, answer: Outcome | None, event: Recorded, moved: dict[tuple[int, bytes, int], Adjusted]
    ) -> Iterator[tuple[str, str, Any, Any]]:
        """Yield what is compared, its unit, and what files and ledger say of it."""
        if claim.unit is None:
            yield "members", "", 1, int(answer is not None)
            if claim.tier is not None:
                yield "tier", "", claim.tier, self._tier(answer, event)
        elif not claim.unit:
            yield "orders", "", claim.orders, event.orders or 0
            yield "spend", "", claim.spend, event.amount or 0
        else:
            kept = _NOTHING
            if answer is not None and claim.unit in self.book.names.units:
                unit = self.book.names.unit(claim.unit)
                kept = moved.get((event.batch, answer.member, unit), _NOTHING)
            yield "points", claim.unit, claim.points, kept.added
            yield "lots", claim.unit, claim.lots, kept.lots
            yield "debt", claim.unit, claim.debt, kept.taken

    def _tier(self, answer: Outcome | None, event: Recorded) -> str:
        if answer is None or event.level is None:
            return ""
        return self.book.version(answer.version).program.tiers.levels[event.level].id

    def _hold(self, claim: Claim, what: str, name: str, told: Any, kept: Any) -> None:
        if what == "tier":
            self.files[what, told] += 1
            if kept:
                self.ledger[what, kept] += 1
        else:
            self.files[what, name] += told
            self.ledger[what, name] += kept
        if told != kept:
            self.made.differences.append(Difference(claim.subject, what, name, str(told), str(kept)))

    @property
    def sums(self) -> dict[str, dict[str, tuple[int, int]]]:
        """What files and ledger come to."""
        found: dict[str, dict[str, tuple[int, int]]] = {}
        for what, name in sorted({*self.files, *self.ledger}, key=lambda key: (WHATS.index(key[0]), key[1])):
            found.setdefault(what, {})[name] = self.files[what, name], self.ledger[what, name]
        return found
