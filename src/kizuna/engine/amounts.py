"""What a rule is reckoned from: the amounts, lines and items of an order that count, and points made of them.

Everything here is told by the event alone, exact integers throughout, and computed once for a whole batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import NamedTuple

import numpy as np

from kizuna.engine.book import Book, line_has
from kizuna.engine.events import Bools, Ints, Lines, Rows
from kizuna.program import AMOUNT_MAX, Basis, Each, OnlyGoods, Rounding, Times

ITEMS_MAX = 1_000_000
_SAFE = 1 << 62


class Rate(NamedTuple):
    """(number × `times` + `plus`) // `over`: a rate and its rounding in one form."""

    times: int
    plus: int
    over: int

    def of(self, number: Ints) -> Ints:
        """Return the points for each number."""
        if self.over == 1:
            return number * self.times
        return (number * self.times + self.plus) // self.over


def rate(times: int, over: int, rounding: Rounding, tier: Times) -> Rate:
    """Return times/over × the tier's multiplier, rounded once."""
    times, over = times * tier.times, over * tier.over
    shared = gcd(times, over) or 1
    times, over = times // shared, over // shared
    match rounding:
        case Rounding.DOWN:
            return Rate(times, 0, over)
        case Rounding.NEAREST:
            return Rate(2 * times, over, 2 * over)
        case Rounding.UP:
            return Rate(times, over - 1, over)


@dataclass(frozen=True, slots=True, eq=False)
class Selector:
    """Lines that count for all of `goods`; none at all: every line."""

    goods: tuple[OnlyGoods, ...]

    def mask(self, lines: Lines, size: int) -> Bools:
        """Tell which lines count."""
        on = np.ones(size, np.bool_)
        for goods in self.goods:
            for name in ("sku", "category", "brand", "tag"):
                if wanted := getattr(goods, name):
                    on &= line_has(lines, name, wanted)
                if unwanted := getattr(goods.but_not, name):
                    on &= ~line_has(lines, name, unwanted)
        return on


class Sums(NamedTuple):
    """What is summed, and how: an amount's options, per order or line, over which lines (a number among the plan's selectors)."""

    basis: Basis
    each: Each
    selector: int


class Reckoning:
    """The amounts of some events by one plan. `content_at` are the rows that tell what was bought."""

    def __init__(self, book: Book, plan: object, selectors: Sequence[Selector], content_at: Rows) -> None:
        self._book, self._plan, self._selectors, self._at = book, plan, selectors, content_at
        self._content = book.events.content
        self._has_lines = np.diff(self._content.starts)[content_at] > 0 if book.size else None
        self._known: dict[tuple[object, ...], Ints] = {}

    def mask(self, selector: int) -> Bools:
        """Tell which lines of the batch count."""
        key = ("mask", id(self._plan), selector)
        made = self._selectors[selector]
        return self._book.keep(key, lambda: made.mask(self._content.lines, self._book.size)).astype(
            np.bool_, copy=False
        )

    def lines(self, selector: int) -> Ints:
        """Return how many lines count."""
        key = ("lines", id(self._plan), selector)
        return self._book.total(key, lambda: self.mask(selector).astype(np.int64), self._at)

    def number(self, each: Each, selector: int) -> Ints:
        """Return how often a fixed sum is paid: once, for each line, or for each item that counts."""
        key = ("number", each, selector)
        if key not in self._known:
            self._known[key] = self._number(each, selector)
        return self._known[key]

    def _number(self, each: Each, selector: int) -> Ints:
        if each is Each.ORDER:
            return np.ones(len(self._at), np.int64)
        if each is Each.LINE:
            found, without = self.lines(selector), np.ones(len(self._at), np.int64)
        else:
            key = ("items", id(self._plan), selector)
            quantity = self._content.lines.quantity
            found = self._book.total(key, lambda: quantity * self.mask(selector), self._at)
            without = self._content.items[self._at]
        if not self._selectors[selector].goods:
            found = without if self._has_lines is None else np.where(self._has_lines, found, without)
        return np.clip(found, 0, ITEMS_MAX)

    def basis(self, sums: Sums) -> Ints:
        """Return the amount that counts, 0..AMOUNT_MAX (a sum of lines may pass it)."""
        key = ("basis", sums.each, sums.selector, *_options(sums.basis))
        if key not in self._known:
            if sums.each is Each.ORDER and not self._selectors[sums.selector].goods:
                self._known[key] = self._whole(sums.basis)
            elif sums.each is Each.ORDER:
                self._known[key] = self._goods(sums)
            else:
                self._known[key] = self.by_line(sums, Rate(1, 0, 1))
        return self._known[key]

    def by_line(self, sums: Sums, one: Rate) -> Ints:
        """Return what a rate gives, rounded for each line."""
        key = ("by line", one, sums.selector, *_options(sums.basis))
        if key not in self._known:
            found = self._book.total((id(self._plan), *key), lambda: one.of(self._line_amounts(sums)), self._at)
            if not self._selectors[sums.selector].goods:
                alone = one.of(self._one_line(sums.basis))
                found = alone if self._has_lines is None else np.where(self._has_lines, found, alone)
            self._known[key] = found
        return self._known[key]

    def _whole(self, basis: Basis) -> Ints:
        content, at = self._content, self._at
        amount = content.amount[at]
        total = amount
        if basis.discount == "before":
            total = total + content.discount[at]
        if basis.tax == "excluded":
            total = total - content.tax[at]
        if basis.shipping == "included":
            total = total + content.shipping[at]
        if basis.gift_cards == "excluded" and self._book.size:
            key = ("gift cards", *_options(basis))
            gifts = content.lines.gift_card
            total = total - self._book.total(key, lambda: self._line_value(basis) * gifts, at)
        if basis.paid_with_points == "excluded":
            total = total - np.minimum(content.paid_with_points[at], amount)
        return np.minimum(np.maximum(total, 0), AMOUNT_MAX)

    def _goods(self, sums: Sums) -> Ints:
        key = ("goods", id(self._plan), sums.selector, *_options(sums.basis))
        total = np.maximum(0, self._book.total(key, lambda: self._counting(sums), self._at))
        if sums.basis.paid_with_points == "excluded":
            content = self._content
            total = total - _share(content.paid_with_points[self._at], total, content.amount[self._at])
        return np.minimum(np.maximum(total, 0), AMOUNT_MAX)

    def _line_value(self, basis: Basis) -> Ints:
        lines = self._content.lines
        value = lines.amount
        if basis.discount == "before":
            value = value + lines.discount
        if basis.tax == "excluded":
            value = value - lines.tax
        return value

    def _counting(self, sums: Sums) -> Ints:
        on = self.mask(sums.selector)
        if sums.basis.gift_cards == "excluded":
            on = on & ~self._content.lines.gift_card
        return self._line_value(sums.basis) * on

    def _line_amounts(self, sums: Sums) -> Ints:
        """Return every line's amount that counts, at least 0."""
        value = np.maximum(0, self._counting(sums))
        if sums.basis.paid_with_points == "excluded":
            row, content = self._book.row_of_line, self._content
            value = value - _share(content.paid_with_points[row], value, content.amount[row])
        return np.minimum(np.maximum(value, 0), AMOUNT_MAX)

    def _one_line(self, basis: Basis) -> Ints:
        """Return the amount of an order without lines, as if it were one."""
        content, at = self._content, self._at
        amount = content.amount[at]
        value = amount
        if basis.discount == "before":
            value = value + content.discount[at]
        if basis.tax == "excluded":
            value = value - content.tax[at]
        value = np.maximum(0, value)
        if basis.paid_with_points == "excluded":
            value = value - _share(content.paid_with_points[at], value, amount)
        return np.minimum(np.maximum(value, 0), AMOUNT_MAX)


def _options(basis: Basis) -> tuple[str, ...]:
    return basis.tax, basis.discount, basis.shipping, basis.gift_cards, basis.paid_with_points


def _share(paid: Ints, part: Ints, whole: Ints) -> Ints:
    """Return ⌊paid × part ÷ whole⌋ where something was paid and the whole is not 0; `paid` counts up to `whole`."""
    paid = np.minimum(paid, whole)
    if not len(part) or not paid.any():
        return np.zeros(len(part), np.int64)
    safe = np.maximum(whole, 1)
    if int(paid.max()) * int(part.max()) < _SAFE:
        share: Ints = paid * part // safe
    else:
        share = (paid.astype(object) * part.astype(object) // safe.astype(object)).astype(np.int64)
    return np.where(whole > 0, np.minimum(share, part), 0)
