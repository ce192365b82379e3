"""What the engine is asked: a batch of events as columns, and what it answers.

Texts are dictionary-encoded (`Coded`). What was bought is a ragged table (`Content`): one row an event, any number of lines.
An event that changes an earlier order names the rows of that order: its first telling, and what was kept before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Days = NDArray[np.int32]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]
Span = slice | Rows
"""Rows: a stretch of them, or each by its number."""
Wish = Callable[[Rows, Ints], Ints]
"""How many points each of some redemptions asks for, by their rows and by the points that are there for it; 0: none."""


def listed(span: Span) -> Rows:
    """Return rows by their numbers."""
    return np.arange(span.start, span.stop) if isinstance(span, slice) else span


def picked(span: Span, which: Rows) -> Rows:
    """Return some of the rows, by their places."""
    return which + span.start if isinstance(span, slice) else span[which]


class EventKind(IntEnum):
    """What the engine does with an event. `PAST` rows are orders decided earlier, there only because a `CHANGE` names them.

    A `TOUCH` is no event: time alone, and of its work only what points do (releases and lapses). It leaves memory and tiers as they are,
    so that whoever touches an account early changes nothing that is decided later.
    """

    ORDER = 0
    REDEMPTION = 1
    ACTION = 2
    CHANGE = 3
    PAST = 4
    TOUCH = 5


class Refusal(IntEnum):
    """Why an event moved nothing."""

    NONE = 0
    SHORT = 1
    BELOW_MINIMUM = 2
    OFF_STEP = 3


class EntryKind(IntEnum):
    """What an entry did.

    EARN, REDEEM and EXPIRE move spendable points; PEND and CANCEL move points that still wait, RELEASE makes waiting points
    spendable; REVERSE takes back what a change of an order undid; FORGIVE and COLLECT end the debt that it left: written off, or
    asked for in money. The others are made by the ledger's operations, not by the engine: HOLD reserves spendable points, VOID gives
    them back, CONFIRM redeems them where they are held; RESTORE gives back what a redemption took, REVIVE what had lapsed; EXTEND moves
    points to a later last day; ADJUST is a correction by hand; TRANSFER moves points between members.
    """

    EARN = 1
    REDEEM = 2
    EXPIRE = 3
    PEND = 4
    RELEASE = 5
    REVERSE = 6
    CANCEL = 7
    FORGIVE = 8
    COLLECT = 9
    HOLD = 10
    VOID = 11
    CONFIRM = 12
    RESTORE = 13
    REVIVE = 14
    EXTEND = 15
    ADJUST = 16
    TRANSFER = 17


class Cut(IntEnum):
    """What made an award smaller than its rule alone would give; the last one that did."""

    NONE = 0
    EVENT = 1
    MEMBER = 2
    STORE = 3
    ALL = 4
    BUDGET = 5
    GROUP = 6
    EXCLUSIVE = 7


@dataclass(frozen=True, slots=True)
class Coded:
    """Texts: `words[codes[i]]` is the i-th; −1 where there is none."""

    codes: NDArray[np.int32]
    words: Sequence[str]

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> "Coded":
        """Encode texts; an empty one is none."""
        known: dict[str, int] = {}
        codes = np.fromiter(
            (known.setdefault(text, len(known)) if text else -1 for text in texts), np.int32, len(texts)
        )
        return cls(codes, list(known))

    @classmethod
    def none(cls, size: int) -> "Coded":
        """Return `size` times no text."""
        return cls(np.full(size, -1, np.int32), [])


def _zeros(size: int) -> Ints:
    return np.zeros(size, np.int64)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of all rows, row after row. Amounts are minor units of the whole line.

    Tags are ragged: line i has the words `tag.codes[tag_starts[i]:tag_starts[i + 1]]`.
    """

    amount: Ints
    quantity: Ints
    tax: Ints
    discount: Ints
    gift_card: Bools
    sku: Coded
    category: Coded
    brand: Coded
    tag: Coded
    tag_starts: Rows

    @classmethod
    def none(cls) -> "Lines":
        """Return no lines."""
        empty, word = _zeros(0), Coded.none(0)
        return cls(empty, empty, empty, empty, np.zeros(0, np.bool_), word, word, word, word, np.zeros(1, np.intp))


@dataclass(frozen=True, slots=True)
class Content:
    """What was bought (or is kept), one row an event; rows that are no orders have zeros and no lines.

    `amount` is what counts: the goods after discounts, tax included (0..AMOUNT_MAX). `items` is the quantity in all, for other
    events the number told (at least 1). `exists` is false where nothing of the order is left. Row i has the lines
    `starts[i]..starts[i + 1]`.
    """

    amount: Ints
    tax: Ints
    discount: Ints
    shipping: Ints
    paid_with_points: Ints
    items: Ints
    exists: Bools
    starts: Rows
    lines: Lines

    @classmethod
    def of_amounts(cls, amount: Ints) -> "Content":
        """Return orders of which only the amount is known."""
        size, zeros = len(amount), _zeros(len(amount))
        exists = np.ones(size, np.bool_)
        starts = np.zeros(size + 1, np.intp)
        return cls(amount, zeros, zeros, zeros, zeros, np.ones(size, np.int64), exists, starts, Lines.none())


@dataclass(frozen=True, slots=True)
class Events:
    """One element per event, in the order of arrival. `member` is a row of the state, `plan` an index into the plans.

    `day` is the brand's local day, `minute` the minute of that day; `points` are those of a redemption (1..AMOUNT_MAX), `unit` its
    unit (a number of the names). One of 0 points asks for what `wish` says when its turn comes, and for nothing without one: so
    the custom of members who redeem can be played through beforehand. `order` names the order that an order, a change or a delivery
    speaks of (0 for none). `born` is month × 100 + day where the event tells it, else 0; `referred` marks that it tells who brought
    the member.
    `numbers` hold declared numbers and flags (with a mask of where they are), `texts` declared texts, by name.
    A `CHANGE` names in `origin` the row of the order as it was first told and in `before` the row whose content was kept until
    now; its own content is what is kept from now on. `frozen` holds the facts of each `PAST` row as `Decisions.frozen` gave them.
    """

    member: Rows
    plan: NDArray[np.int16]
    kind: NDArray[np.int8]
    type: Coded
    day: Days
    minute: NDArray[np.int16]
    points: Ints
    content: Content
    channel: Coded
    store: Coded
    unit: NDArray[np.int16]
    order: NDArray[np.uint64]
    born: NDArray[np.int16]
    referred: Bools
    origin: Rows
    before: Rows
    numbers: dict[str, tuple[Ints, Bools]] = field(default_factory=dict)
    texts: dict[str, Coded] = field(default_factory=dict)
    frozen: dict[int, bytes] = field(default_factory=dict)
    wish: Wish | None = None

    def __len__(self) -> int:
        return len(self.member)

    @classmethod
    def plain(cls, member: Rows, plan: NDArray[np.int16], kind: NDArray[np.int8], day: Days, amount: Ints) -> "Events":
        """Return orders and redemptions of which only the day and the amount (or the points) are known."""
        size = len(member)
        none = np.full(size, -1, np.intp)
        order = kind == EventKind.ORDER
        return cls(
            member,
            plan,
            kind,
            Coded(np.where(order, 0, 1).astype(np.int32), ["order.completed", "redemption.requested"]),
            day,
            np.full(size, 12 * 60, np.int16),
            np.where(order, 0, amount),
            Content.of_amounts(np.where(order, amount, 0)),
            Coded.none(size),
            Coded.none(size),
            np.zeros(size, np.int16),
            np.zeros(size, np.uint64),
            np.zeros(size, np.int16),
            np.zeros(size, np.bool_),
            none,
            none,
        )


_MOVE: tuple[tuple[str, type], ...] = (
    ("event", np.intp),
    ("kind", np.int8),
    ("unit", np.int16),
    ("restriction", np.int16),
    ("points", np.int64),
    ("expires_on", np.int64),
    ("release_on", np.int64),
    ("cause", np.uint64),
    ("plan", np.int16),
    ("rule", np.int16),
    ("basis", np.int64),
    ("raw", np.int64),
    ("cut", np.int8),
)
_PLACE = {name: place for place, (name, _) in enumerate(_MOVE)}


class Moves:
    """Ledger movements, one element each, in the order of their events and within one in the order of their making.

    `points` carries its sign. `unit` and `restriction` are numbers of the names. `expires_on` is the last day of the lot that an
    earning or a release made, that lapsed or from which was taken back; `DAY_NEVER` otherwise, −1 for an expiry that runs from a
    release still to come. `release_on` and `cause` name waiting points (PEND, RELEASE, CANCEL). `plan` and `rule` are the rule's
    plan (an index into the plans) and number, −1 where none. `basis` is the amount or number that counted, `raw` what the rule
    alone would have given, `cut` why it gave less. An award of 0 points stands here too, because it explains itself, but moves nothing.

    A column is put together when it is first asked for: whoever only sums the points of a long history makes none of the others.
    """

    event: Rows
    kind: NDArray[np.int8]
    unit: NDArray[np.int16]
    restriction: NDArray[np.int16]
    points: Ints
    expires_on: Ints
    release_on: Ints
    cause: NDArray[np.uint64]
    plan: NDArray[np.int16]
    rule: NDArray[np.int16]
    basis: Ints
    raw: Ints
    cut: NDArray[np.int8]

    def __init__(self, parts: Sequence[tuple[Any, ...]], *, ordered: bool) -> None:
        self._parts, self._ordered = parts, ordered
        self._lengths = [len(part[0]) for part in parts]
        self._size = sum(self._lengths)

    def __len__(self) -> int:
        return self._size

    def __getattr__(self, name: str) -> np.ndarray:
        place = _PLACE.get(name)
        if place is None:
            raise AttributeError(name)
        column = self._joined(place)
        if self.order is not None:
            column = column[self.order]
        setattr(self, name, column)
        return column

    def _joined(self, place: int) -> np.ndarray:
        column: np.ndarray = np.empty(self._size, _MOVE[place][1])
        start = 0
        for part, length in zip(self._parts, self._lengths, strict=True):
            column[start : start + length] = part[place]
            start += length
        return column

    @cached_property
    def order(self) -> Rows | None:
        """Which movement of those made stands at each place; None: they stand as they were made."""
        if not self._ordered:
            return None
        event = self._joined(0)
        return None if (event[1:] >= event[:-1]).all() else np.argsort(event, kind="stable")


@dataclass(frozen=True, slots=True)
class Taken:
    """Lots or parts of lots that redemptions and reversals took: of which movement (its index in `Moves`), and what."""

    move: Rows
    restriction: NDArray[np.int16]
    expires_on: Ints
    points: Ints


@dataclass(frozen=True, slots=True)
class Decisions:
    """One element per event (rows of kind PAST hold nothing), and the movements.

    `balances` (a column per unit of the names: spendable points less debt), `pending` (likewise), `level` (of the program's tiers),
    `figure` (what counts towards them in the window of the day) and `stage` are those right after the event; `level_before` just
    before it. `frozen` are the facts that each ORDER was decided by, to be kept for changes of it. `qualified` marks the event that
    makes a referred member count as brought. `collect` is how many points a change asks to be paid for.
    """

    refusal: NDArray[np.int8]
    balances: Ints
    pending: Ints
    level_before: NDArray[np.int16]
    level: NDArray[np.int16]
    figure: Ints
    stage: NDArray[np.int16]
    qualified: Bools
    collect: Ints
    moves: Moves
    taken: Taken
    frozen: dict[int, bytes]

    @property
    def balance(self) -> Ints:
        """The first unit's balance."""
        return self.balances[:, 0]
