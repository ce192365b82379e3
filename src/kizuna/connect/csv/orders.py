"""From orders of a file to arrivals: the same canonical events that an HTTP caller would send, checked by the same rules. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import msgspec

from kizuna.connect.csv.books import Told
from kizuna.connect.csv.cells import moment
from kizuna.connect.csv.columns import OrderColumns
from kizuna.connect.csv.grouping import Grouped, Positions, group, refused
from kizuna.connect.csv.mapping import Mapping as OrderMapping
from kizuna.connect.csv.reading import Source, gather
from kizuna.connect.csv.rejects import Reject
from kizuna.connect.csv.summary import FileRead, Orders
from kizuna.core.errors import Problem
from kizuna.core.ids import member_id
from kizuna.engine import EntryKind
from kizuna.intake import (
    ORDER_COMPLETED,
    Arrival,
    Event,
    OrderCompleted,
    OrderLine,
    Outcome,
    Terms,
    arrive,
    canonical_json,
)
from kizuna.members import Identity
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection

_GIVES = (EntryKind.EARN, EntryKind.PEND)


@dataclass(slots=True)
class Tally:
    """What became of the orders posted so far. `members` are the identities met.

    `points_issued` are the first unit's, with those that still wait; `points_lapsed` those of them whose last day lies before `today`
    (the brand's day).
    """

    today: int
    accepted: int = 0
    replayed: int = 0
    refused: int = 0
    members_new: int = 0
    points_issued: int = 0
    points_lapsed: int = 0
    members: set[Identity] = field(default_factory=set)

    def count(self, arrival: Arrival, outcome: Outcome) -> None:
        """Count an order that is recorded."""
        is_first = arrival.identity not in self.members
        self.members.add(arrival.identity)
        if outcome.replayed:
            self.replayed += 1
            return
        self.accepted += 1
        earned = [move for move in outcome.moves if move.kind in _GIVES and not move.unit]
        self.points_issued += sum(move.points for move in earned)
        self.points_lapsed += sum(move.points for move in earned if 0 <= move.expires_on < self.today)
        if is_first:
            named = member_id(arrival.at_ms, arrival.identity.kind, arrival.identity.value)
            told_first = outcome.event_key == arrival.event_key  # else it was taken back before: the member stayed
            self.members_new += told_first and outcome.member == named

    @classmethod
    def going_on(cls, today: int, numbers: Mapping[str, int]) -> Self:
        """Return a tally that goes on from the `numbers` of an earlier one."""
        made = cls(today)
        for name, number in numbers.items():
            setattr(made, name, number)
        return made

    @property
    def numbers(self) -> dict[str, int]:
        """Return the counts by name."""
        names = ("accepted", "replayed", "members_new", "points_issued", "points_lapsed")
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class OrderBook:
    """Orders as read, in the order in which they are posted."""

    files: list[FileRead]
    columns: OrderColumns
    grouped: Grouped
    mapping: OrderMapping
    terms: Terms

    @classmethod
    def read(
        cls, sources: Sequence[Source], mapping: OrderMapping, brand: Brand, terms: Terms, told: Callable[[int], None]
    ) -> Self:
        """Read the files. Raises what reading and `ZoneMissing`."""
        columns = OrderColumns(mapping, brand.currency, brand.currency_digits, brand.country)
        files = gather(sources, mapping, columns.add, told)
        return cls(files, columns, group(columns, mapping.level, mapping.columns.names), mapping, terms)

    def __len__(self) -> int:
        return len(self.grouped.orders)

    @property
    def rejected(self) -> int:
        """How many orders are wrong in the files."""
        return self.grouped.rejected

    @property
    def rejects(self) -> list[Reject]:
        """What is wrong, row by row."""
        return self.grouped.rejects

    async def prepare(self, conn: Connection, run: str) -> None:
        """Nothing has to be looked up: an order names its member by itself."""

    def tally(self, today: int, earlier: Mapping[str, Any]) -> Tally:
        """Return a tally that goes on from the numbers of an earlier one."""
        return Tally.going_on(today, earlier)

    def whose(self, start: int, stop: int) -> list[int]:
        """Return whose each of some orders is, by number."""
        orders = self.grouped.orders
        members: list[int] = orders.rows.columns["member"][orders.firsts[start:stop]].tolist()
        return members

    def tell(self, start: int, stop: int, now_ms: int) -> Told:
        """Return the orders `start` to `stop` (exclusive) as arrivals."""
        orders, words = self.grouped.orders, self.columns.words
        rows, firsts = orders.rows, orders.firsts[start:stop]
        source, shop = f"csv:{self.mapping.shop}", self.mapping.shop
        ids, members = words.order_id.words, words.member.words
        told = Told()
        for number, code, member, at_us, store, channel, amount, lines in zip(
            range(start, stop), rows.columns["order_id"][firsts].tolist(), rows.columns["member"][firsts].tolist(),
            rows.columns["time"][firsts].tolist(), self._texts("store", firsts), self._texts("channel", firsts),
            orders.amounts[start:stop].tolist(), self._lines(start, stop), strict=True,
        ):  # fmt: skip
            order_id, subject, at = ids[code], members[member], moment(at_us)
            data = canonical_json(
                OrderCompleted(
                    order_id=order_id,
                    amount=amount,
                    currency=self.terms.currency,
                    shop=shop,
                    store=store,
                    channel=channel,
                    lines=lines,
                )
            )
            event = Event(
                id=f"order/{order_id}",
                source=source,
                type=ORDER_COMPLETED,
                time=at,
                subject=subject,
                data=msgspec.Raw(data),
            )
            try:
                told.arrivals.append(arrive(event, canonical_json(event), self.terms, now_ms))
                told.numbers.append(number)
            except Problem as problem:
                told.refused.append((number, problem))
        return told

    def _lines(self, start: int, stop: int) -> list[list[OrderLine]]:
        """Return the lines of some orders. A line without a product (a discount) counts in the sum only."""
        orders = self.grouped.orders
        columns, ends = orders.rows.columns, orders.ends
        if "sku" not in columns:
            return [[] for _ in range(start, stop)]
        first = int(ends[start - 1]) if start else 0
        here = orders.lines[first : ends[stop - 1]]
        quantities = columns["quantity"][here].tolist() if "quantity" in columns else [1] * len(here)
        lines = [
            OrderLine(sku, amount, quantity, category, brand) if sku is not None else None
            for sku, amount, quantity, category, brand in zip(
                self._texts("sku", here), columns["amount"][here].tolist(), quantities,
                self._texts("category", here), self._texts("brand", here), strict=True,
            )
        ]  # fmt: skip
        stops = (ends[start:stop] - first).tolist()
        return [
            [line for line in lines[begin:end] if line is not None]
            for begin, end in zip([0, *stops], stops, strict=False)
        ]

    def _texts(self, what: str, positions: Positions) -> Sequence[str | None]:
        """Return a text of some rows."""
        column = self.grouped.orders.rows.columns.get(what)
        if column is None:
            return [None] * len(positions)
        words = getattr(self.columns.words, what).words
        return [words[code] if code >= 0 else None for code in column[positions].tolist()]

    def refusal(self, number: int, problem: Problem) -> Reject:
        """Return the reject of an order that the road did not take, at its first row."""
        rows, first = self.grouped.orders.rows, int(self.grouped.orders.firsts[number])
        return refused(self.columns, rows, first, self.mapping.columns.names, problem)

    def summary(self, run: str, tally: Tally, skipped: int) -> Orders:
        """Return what came of the files."""
        return Orders(
            run_id=run,
            files=self.files,
            lines=sum(file.rows for file in self.files),
            accepted=tally.accepted,
            replayed=tally.replayed + skipped,
            refused=tally.refused,
            members_new=tally.members_new,
            orders=len(self) + self.rejected,
            rejected_orders=self.rejected,
            points_issued=tally.points_issued,
            points_lapsed=tally.points_lapsed,
        )
