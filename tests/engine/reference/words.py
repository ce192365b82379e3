"""What is told to the reference, and what it tells: plain records, no columns."""

from dataclasses import dataclass, field

from kizuna.core.days import DAY_NEVER

ORDER, REDEMPTION, ACTION, CHANGE = "order", "redemption", "action", "change"


@dataclass(frozen=True)
class Line:
    """A line of an order; amounts are minor units of the whole line."""

    amount: int
    quantity: int = 1
    tax: int = 0
    discount: int = 0
    gift_card: bool = False
    sku: str | None = None
    category: str | None = None
    brand: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Basket:
    """What was bought, or what is kept of it."""

    amount: int = 0
    tax: int = 0
    discount: int = 0
    shipping: int = 0
    paid_with_points: int = 0
    lines: tuple[Line, ...] = ()
    exists: bool = True

    @property
    def items(self) -> int:
        return sum(line.quantity for line in self.lines) if self.lines else 1


NOTHING = Basket(exists=False)


@dataclass(frozen=True)
class Happening:
    """An event. `number` is its place in the history; a change names by `origin` that of the order it changes.

    `points` and `unit` are a redemption's, `items` the number that an action tells, `born` is (month, day).
    """

    number: int
    member: int
    version: int
    what: str
    day: int
    type: str = "order.completed"
    minute: int = 720
    channel: str | None = None
    store: str | None = None
    order: int = 0
    basket: Basket = Basket()
    points: int = 0
    unit: int = 0
    items: int = 1
    fields: dict[str, int | str | bool] = field(default_factory=dict)
    born: tuple[int, int] | None = None
    referred: bool = False
    origin: int = -1


@dataclass(frozen=True)
class Movement:
    """A movement of points, signed. Units and restrictions are numbers, as the names give them; `plan` and `rule` too."""

    kind: str
    unit: int
    restriction: int
    points: int
    expires_on: int = DAY_NEVER
    release_on: int = -1
    cause: int = 0
    plan: int = -1
    rule: int = -1
    basis: int = 0
    raw: int = 0
    cut: str = "none"


@dataclass
class Decided:
    """What became of one event. `taken` are (the movement's place, restriction, last day, points) of lots that were taken from."""

    refusal: str = "none"
    balances: tuple[int, ...] = ()
    pending: tuple[int, ...] = ()
    level_before: int = 0
    level: int = 0
    figure: int = 0
    stage: int = 0
    qualified: bool = False
    collect: int = 0
    moves: list[Movement] = field(default_factory=list)
    taken: list[tuple[int, int, int, int]] = field(default_factory=list)
