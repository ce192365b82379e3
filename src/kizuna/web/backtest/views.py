"""What the pages of a back-test are made of, in words already: figures, tables, charts and what they add up to."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kizuna.web.charts import Drawn


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; figures stand at its right."""

    name: str
    is_figure: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its name, and its cells. `tones` shade cells of a map, by 0 (least) to 6."""

    name: str | Markup
    cells: Sequence[str | Markup]
    is_sum: bool = False
    tones: Sequence[int | None] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table that says its finding. The first column names the rows; `missing` stands where there are none."""

    id: str
    title: str
    about: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    missing: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that explains itself. `band` is the stretch in which most draws lie."""

    name: str
    value: str
    text: str
    notes: Sequence[str] = ()
    band: str = ""
    is_points: bool = False
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A share with a bar as long as it, and what it means."""

    name: str
    value: str
    drawn: Markup
    text: str


@dataclass(frozen=True, slots=True)
class Lift:
    """By how much purchases have to rise until the program pays, beside how much they vary anyway."""

    title: str
    about: str
    bars: Sequence[Bar]
    judgement: str


@dataclass(frozen=True, slots=True)
class Headline:
    """What a program would have cost, in one look."""

    finding: str
    about: str
    assumption: str
    figures: Sequence[Figure]
    lift: Lift
    chances: Table | None = None


@dataclass(frozen=True, slots=True)
class Tiers:
    """Who stands where at the end, and who rose when."""

    title: str
    about: str
    drawn: Markup
    table: Table
    rises: Drawn | None
    moves: Table | None


@dataclass(frozen=True, slots=True)
class Design:
    """Every part of one design's result; `id` begins the ids within."""

    id: str
    name: str
    headline: Headline
    months: Drawn
    balance: Drawn
    tiers: Tiers | None
    rules: Sequence[Table]
    deciles: Drawn
    spread: Drawn
    groups: Sequence[Table]
    limits: Sequence[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Who is better and who is worse off by another design."""

    id: str
    title: str
    about: str
    figures: Sequence[Figure]
    deciles: Drawn
    people: Sequence[Table]


@dataclass(frozen=True, slots=True)
class Sides:
    """Designs side by side, and what each assumes."""

    assumptions: Sequence[str]
    table: Table
    costs: Drawn | None
    comparisons: Sequence[Comparison] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A report: its title, what it is of, and everything on it. `assumption` stands there where no design says its own."""

    title: str
    about: str
    limits: Sequence[str]
    designs: Sequence[Design] = ()
    sides: Sides | None = None
    maps: Sequence[Table] = ()
    assumption: str = ""
    notes: Sequence[str] = ()
