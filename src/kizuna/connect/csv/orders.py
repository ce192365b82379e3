"""From orders of a file to arrivals: the same canonical events that an HTTP caller would send, checked by the same rules. Pure."""

from dataclasses import dataclass

import msgspec

from kizuna.connect.csv.cells import moment
from kizuna.connect.csv.columns import Words
from kizuna.connect.csv.grouping import Orders
from kizuna.connect.csv.mapping import Mapping
from kizuna.core.errors import Problem
from kizuna.intake import (
    ORDER_COMPLETED,
    Arrival,
    Event,
    OrderCompleted,
    OrderLine,
    Terms,
    arrive,
    canonical_json,
)


@dataclass(slots=True)
class Told:
    """Some orders as arrivals, each with its number among the orders; `refused` are those that no event can be made of."""

    arrivals: list[Arrival]
    numbers: list[int]
    refused: list[tuple[int, Problem]]


@dataclass(slots=True)
class Teller:
    """Turns orders into arrivals."""

    orders: Orders
    words: Words
    mapping: Mapping
    terms: Terms

    def tell(self, start: int, stop: int, now_ms: int) -> Told:
        """Return the orders `start` to `stop` (exclusive) as arrivals."""
        rows, firsts = self.orders.rows, self.orders.firsts[start:stop]
        source, shop = f"csv:{self.mapping.shop}", self.mapping.shop
        ids, members, stores = self.words.order_id.words, self.words.member.words, self.words.store.words
        store_codes = rows.columns["store"][firsts].tolist() if "store" in rows.columns else [-1] * len(firsts)
        told = Told([], [], [])
        for number, code, member, at_us, store, amount, lines in zip(
            range(start, stop), rows.columns["order_id"][firsts].tolist(), rows.columns["member"][firsts].tolist(),
            rows.columns["time"][firsts].tolist(), store_codes, self.orders.amounts[start:stop].tolist(),
            self._lines(start, stop), strict=True,
        ):  # fmt: skip
            order_id, subject, at = ids[code], members[member], moment(at_us)
            data = canonical_json(
                OrderCompleted(
                    order_id=order_id,
                    amount=amount,
                    currency=self.terms.currency,
                    shop=shop,
                    store=stores[store] if store >= 0 else None,
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
        columns, ends = self.orders.rows.columns, self.orders.ends
        if "sku" not in columns:
            return [[] for _ in range(start, stop)]
        first = int(ends[start - 1]) if start else 0
        here = self.orders.lines[first : ends[stop - 1]]
        skus, codes, amounts = self.words.sku.words, columns["sku"][here].tolist(), columns["amount"][here].tolist()
        quantities = columns["quantity"][here].tolist() if "quantity" in columns else [1] * len(here)
        lines = [
            OrderLine(skus[code], amount, quantity) if code >= 0 else None
            for code, amount, quantity in zip(codes, amounts, quantities, strict=True)
        ]
        stops = (ends[start:stop] - first).tolist()
        return [
            [line for line in lines[begin:end] if line is not None]
            for begin, end in zip([0, *stops], stops, strict=False)
        ]
