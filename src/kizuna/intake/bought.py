"""What was bought, and what is kept of it after changes. Pure.

Changes add up: what is kept depends on how many items of each line came back and for how much, not on in how many parcels.
"""

from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

import msgspec

from kizuna.intake.change_problems import ItemUnknown, LinesUnknown, NothingKept, ReturnsTooMuch


class Line(NamedTuple):
    """A line of an order; `amount`, `tax` and `discount` are minor units of the whole line."""

    sku: str
    amount: int
    quantity: int = 1
    tax: int = 0
    discount: int = 0
    gift_card: bool = False
    category: str | None = None
    brand: str | None = None
    tags: tuple[str, ...] = ()


class Bought(msgspec.Struct, array_like=True, frozen=True):
    """An order's content, or what is kept of it. Nothing is left where not even an amount of 0 `exists`."""

    amount: int
    tax: int = 0
    discount: int = 0
    shipping: int = 0
    paid_with_points: int = 0
    lines: list[Line] = []
    exists: bool = True

    @property
    def items(self) -> int:
        """Return how many items there are; an order without lines counts as one."""
        return sum(line.quantity for line in self.lines) if self.lines else int(self.exists)


class Part(NamedTuple):
    """Items of one SKU that came back, and what was given back for them where that was told."""

    sku: str
    quantity: int
    amount: int | None = None


class Change(NamedTuple):
    """What a return takes away: `parts`, or an `amount`; with neither, everything that is left."""

    parts: tuple[Part, ...] = ()
    amount: int | None = None


class Back(NamedTuple):
    """What came back of one line so far: items without a stated amount, items with one, and those amounts."""

    plain: int = 0
    stated: int = 0
    amount: int = 0


class Kept(msgspec.Struct, array_like=True, frozen=True):
    """What the changes of an order have come to.

    `base` is its content since it was last told in full (None: as first told), `backs` what came back of each line of it, `left` the
    fraction of the rest that is left where an amount alone was given back. `told` are the types of events that an order has once:
    delivered, its return window over.
    """

    base: Bought | None = None
    backs: list[Back] = []
    left: tuple[int, int] = (1, 1)
    is_gone: bool = False
    told: list[str] = []


def amended(bought: Bought) -> Kept:
    """Return what is kept when it is told in full."""
    return Kept(bought)


def changed(first: Bought, kept: Kept, change: Change) -> Kept:
    """Return what `change` leaves of an order that was `first` told so and of which `kept` was kept before it.

    Raises `NothingKept`, `ReturnsTooMuch`, `ItemUnknown`, `LinesUnknown`.
    """
    base = kept.base or first
    now = content(first, kept)
    if not now.exists:
        raise NothingKept
    if not change.parts and change.amount is None:
        return Kept(kept.base, is_gone=True)
    if change.amount is not None:
        if change.amount > now.amount:
            raise ReturnsTooMuch(field="data.amount", asked=change.amount, left=now.amount)
        whole = _by_lines(base, kept.backs)
        left = Fraction(now.amount - change.amount, whole) if whole else Fraction(0)
        return Kept(kept.base, kept.backs, left.as_integer_ratio(), change.amount == now.amount)
    if not base.lines:
        raise LinesUnknown(field="data.lines")
    backs = list(kept.backs) or [Back()] * len(base.lines)
    for place, part in enumerate(change.parts):
        _take(base, backs, part, place)
    after = Kept(kept.base, backs, kept.left)
    is_gone = all(line.quantity <= back.plain + back.stated for line, back in zip(base.lines, backs, strict=True))
    if is_gone and not content(first, after).amount:
        return Kept(kept.base, is_gone=True)
    return after


def content(first: Bought, kept: Kept) -> Bought:
    """Return what is kept of an order, in full.

    Of a line's q items, with the amount a, of which s came back for the stated amount b and n without one, the line keeps
    ⌊(a − b) × (q − s − n) ÷ (q − s)⌋; its tax and discount go down in the same proportion as its amount, rounded down. The order keeps
    ⌊its amount × the amounts that lines keep ÷ those of all lines⌋. Where an amount alone was given back, all of this is
    what it leaves, in proportion; the lines' amounts add up to what is left of their sum. The order's tax, discount, shipping and part
    paid with points go down in proportion to its amount, rounded down.
    """
    base = kept.base or first
    if kept.is_gone:
        return Bought(0, exists=False)
    if not kept.backs and kept.left == (1, 1):
        return base
    backs = kept.backs or [Back()] * len(base.lines)
    amounts = [_line_amount(line, back) for line, back in zip(base.lines, backs, strict=True)]
    amount = _by_lines(base, kept.backs)
    up, down = kept.left
    if up != down:
        amount = amount * up // down
        sums = [total * up // down for total in accumulate(amounts)]
        amounts = [total - before for total, before in zip(sums, [0, *sums], strict=False)]
    lines = [
        line._replace(
            amount=one,
            quantity=line.quantity - back.plain - back.stated,
            tax=_share(line.tax, one, line.amount),
            discount=_share(line.discount, one, line.amount),
        )
        for line, back, one in zip(base.lines, backs, amounts, strict=True)
        if line.quantity > back.plain + back.stated or one or not line.quantity
    ]
    return Bought(
        amount,
        _share(base.tax, amount, base.amount),
        _share(base.discount, amount, base.amount),
        _share(base.shipping, amount, base.amount),
        _share(base.paid_with_points, amount, base.amount),
        lines,
    )


def _share(whole: int, part: int, of: int) -> int:
    """Return the share of `whole` that goes with `part` of `of`."""
    return whole * max(0, part) // of if of > 0 else 0


def _line_amount(line: Line, back: Back) -> int:
    rest = line.quantity - back.stated
    if rest <= 0:
        return line.amount - back.amount
    return (line.amount - back.amount) * (rest - back.plain) // rest


def _by_lines(base: Bought, backs: list[Back]) -> int:
    """Return what the items that are left keep of the order's amount."""
    if not backs:
        return base.amount
    kept = sum(_line_amount(line, back) for line, back in zip(base.lines, backs, strict=True))
    whole = sum(line.amount for line in base.lines)
    if whole > 0:
        return max(0, base.amount * kept // whole)
    items = sum(line.quantity for line in base.lines)
    gone = sum(back.plain + back.stated for back in backs)
    return base.amount * (items - gone) // items if items else 0


def _take(base: Bought, backs: list[Back], part: Part, place: int) -> None:
    """Take a part off the lines of its SKU, the first of them first; a stated amount is spread over the items."""
    mine = [number for number, line in enumerate(base.lines) if line.sku == part.sku]
    if not mine:
        raise ItemUnknown(field=f"data.lines[{place}].sku", sku=part.sku, known=_known(base))
    wanted, given = part.quantity, 0
    for number in mine:
        line, back = base.lines[number], backs[number]
        some = min(wanted, line.quantity - back.plain - back.stated)
        if some <= 0:
            continue
        done = part.quantity - wanted
        wanted -= some
        if part.amount is None:
            backs[number] = back._replace(plain=back.plain + some)
            continue
        amount = part.amount * (done + some) // part.quantity - given
        given += amount
        left = _line_amount(line, back)
        if amount > max(0, left):
            raise ReturnsTooMuch(field=f"data.lines[{place}].amount", asked=part.amount, left=max(0, left))
        backs[number] = Back(back.plain, back.stated + some, back.amount + amount)
    if wanted:
        raise ReturnsTooMuch(field=f"data.lines[{place}].quantity", asked=part.quantity, left=part.quantity - wanted)


def _known(base: Bought) -> str:
    return ", ".join(dict.fromkeys(line.sku for line in base.lines[:20]))
