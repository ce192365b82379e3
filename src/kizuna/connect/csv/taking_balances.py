"""What members bring from another program, as read from files: a row is a lot of points, or all that a member has.

Always true: the rows of a member are one opening for each unit, and one for figures; they are taken in whole or not at all. A lot
whose last day is over is left out by itself: nobody could spend it any more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from kizuna.connect.csv import claim_store
from kizuna.connect.csv.books import Told
from kizuna.connect.csv.cells import NO_DAY, Reader, amounts, chosen, days, optional
from kizuna.connect.csv.claim_store import Claim
from kizuna.connect.csv.columns import subjects
from kizuna.connect.csv.mapping import Amount
from kizuna.connect.csv.reading import Source
from kizuna.connect.csv.rejects import DIFFERING, NEGATIVE_FIGURE, OVER, Fault, Phrase, Reject
from kizuna.connect.csv.summary import FileRead
from kizuna.connect.csv.taken import Taken, TakenTally
from kizuna.connect.csv.taking import Sheet
from kizuna.connect.csv.taking_mapping import BalancesMapping
from kizuna.connect.csv.vocabulary import Vocabulary
from kizuna.core.days import DAY_NEVER, day_date, day_of
from kizuna.core.errors import Problem
from kizuna.core.ids import digest
from kizuna.intake import BALANCE_OPENED, Arrival, Terms, operate
from kizuna.members import UnknownMember, parse_subject, resolve
from kizuna.program import UnitKind
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection

_AT_ONCE = 5000
_FIGURES = ("orders", "spend", "figure", "last_order")
_EMPTY = -(2**60)
"""The number of a figure that is not told."""


class Lot(NamedTuple):
    """Points with their last day (`NO_DAY`: the unit's own rule) and purpose."""

    points: int
    last: int
    purpose: str | None


@dataclass(slots=True)
class Opening:
    """What a member brings of one unit (None: the program's first), or the member's figures; `position` is the first row."""

    member: int
    unit: str | None
    position: int
    lots: list[Lot] = field(default_factory=list)
    debt: int = 0
    over: int = 0
    figures: dict[str, int] | None = None

    @property
    def brings(self) -> bool:
        """Whether there is anything to take in."""
        return bool(self.lots or self.debt or self.figures)


@dataclass(slots=True)
class BalancesBook:
    """Openings as read: those that are posted, those that fell, and those of which only lots are left that have ended.

    `who` are the members, by their codes, once they are looked up.
    """

    sheet: Sheet
    mapping: BalancesMapping
    brand: Brand
    terms: Terms
    today: int
    openings: list[Opening] = field(default_factory=list)
    fell: list[Opening] = field(default_factory=list)
    ended: list[Opening] = field(default_factory=list)
    who: dict[int, bytes] = field(default_factory=dict)
    first_unit: str = ""

    @classmethod
    def read(
        cls,
        sources: Sequence[Source],
        mapping: BalancesMapping,
        brand: Brand,
        terms: Terms,
        told: Callable[[int], None],
    ) -> Self:
        """Read the files. Raises what reading raises."""

        def readers(words: dict[str, Vocabulary]) -> tuple[dict[str, Reader], dict[str, int]]:
            return _readers(mapping, words, brand)

        sheet = Sheet.read(sources, mapping, mapping.columns.member, readers, told)
        book = cls(sheet, mapping, brand, terms, day_of(now(), brand.zone))
        book._gather()
        return book

    def _gather(self) -> None:
        """Make openings of the rows; a member with a bad row falls whole."""
        of: dict[tuple[int, str | None], Opening] = {}
        figures: dict[int, Opening] = {}
        sheet = self.sheet
        codes, bad = sheet.rows.columns["member"].tolist(), sheet.rows.bad.tolist()
        for position, (code, is_bad) in enumerate(zip(codes, bad, strict=True)):
            if code < 0 or is_bad:
                continue
            unit = sheet.text("unit", position) or self.mapping.unit
            self._add(of.setdefault((code, unit), Opening(code, unit, position)), position)
            self._figure(figures, code, position)
        made = sorted(of.values(), key=lambda one: (one.unit or "", one.member))
        made += [figures[code] for code in sorted(figures)]
        for one in made:
            one.lots.sort(key=lambda lot: (lot.last, lot.purpose or "", lot.points))
            if one.member in sheet.fallen:
                self.fell.append(one)
            elif one.brings:
                self.openings.append(one)
            elif one.over:
                self.ended.append(one)

    def _add(self, opening: Opening, position: int) -> None:
        sheet = self.sheet
        points, last = sheet.number("points", position), sheet.number("last_day", position, NO_DAY)
        opening.debt += max(0, -points) + sheet.number("debt", position)
        if points <= 0:
            return
        if last != NO_DAY and last < self.today:
            opening.over += points
            sheet.reject(position, "last_day", sheet.day("last_day", position) or "", OVER)
        else:
            opening.lots.append(Lot(points, last, sheet.text("only_for", position)))

    def _figure(self, figures: dict[int, Opening], code: int, position: int) -> None:
        """Note a row's figures. Rows that say different things let the member fall."""
        sheet = self.sheet
        empty = {"last_order": NO_DAY}
        told = {what: sheet.number(what, position, empty.get(what, _EMPTY)) for what in _FIGURES}
        told = {what: value for what, value in told.items() if value != empty.get(what, _EMPTY)}
        if not told:
            return
        one = figures.setdefault(code, Opening(code, None, position, figures={}))
        known = one.figures if one.figures is not None else {}
        for what, value in told.items():
            if value < 0 and what != "last_order":
                sheet.fallen.add(code)
                sheet.reject(position, what, str(value), NEGATIVE_FIGURE)
            elif known.setdefault(what, value) != value:
                sheet.fallen.add(code)
                other, shown = (self._shown(what, number) for number in (known[what], value))
                reason = Phrase(DIFFERING.reason, row=int(sheet.rows.row[one.position]), other=other)
                sheet.reject(position, what, shown, Fault(reason, DIFFERING.remedy))

    @staticmethod
    def _shown(what: str, value: int) -> str:
        return str(day_date(value) if what == "last_order" else value)

    @property
    def files(self) -> list[FileRead]:
        """The files as they were read."""
        return self.sheet.files

    @property
    def rejects(self) -> list[Reject]:
        """What is wrong, row by row."""
        return self.sheet.rejects

    @property
    def rejected(self) -> int:
        """How many openings are wrong in the files."""
        return len(self.fell)

    def __len__(self) -> int:
        return len(self.openings)

    def whose(self, start: int, stop: int) -> Sequence[int]:
        """Return whose some openings are."""
        return [one.member for one in self.openings[start:stop]]

    def tell(self, start: int, stop: int, now_ms: int) -> Told:
        """Return some openings as arrivals."""
        told = Told()
        for number in range(start, stop):
            opening = self.openings[number]
            try:
                told.arrivals.append(self._arrival(opening, now_ms))
                told.numbers.append(number)
            except Problem as problem:
                told.refused.append((number, problem))
        return told

    def _arrival(self, opening: Opening, now_ms: int) -> Arrival:
        member = self.who.get(opening.member)
        if member is None:
            raise UnknownMember(field="subject", subject=self.sheet.subject(opening.member))
        data = self._figures(opening.figures) if opening.figures is not None else self._balance(opening)
        id_, subject = self._id(opening, member), f"member:{member.hex()}"
        return operate(BALANCE_OPENED, id_, self._source, subject, data, self.terms, now_ms)

    def _balance(self, opening: Opening) -> dict[str, Any]:
        lots = []
        for lot in opening.lots:
            told: dict[str, Any] = {"points": lot.points}
            if lot.last == DAY_NEVER:
                told["forever"] = True
            elif lot.last != NO_DAY:
                told["expires_on"] = str(day_date(lot.last))
            lots.append(told | ({"only_for": lot.purpose} if lot.purpose else {}))
        return {"unit": self._unit(opening), "lots": lots} | ({"debt": opening.debt} if opening.debt else {})

    @staticmethod
    def _figures(figures: dict[str, int]) -> dict[str, Any]:
        return {what: str(day_date(value)) if what == "last_order" else value for what, value in figures.items()}

    def _unit(self, opening: Opening) -> str:
        """Return an opening's unit, '' for figures."""
        return "" if opening.figures is not None else opening.unit or self.first_unit

    def _id(self, opening: Opening, member: bytes) -> str:
        unit = self._unit(opening)
        return f"balance/{member.hex()}/{unit}" if unit else f"figures/{member.hex()}"

    @property
    def _source(self) -> str:
        return f"takeover:{self.mapping.program}"

    async def prepare(self, conn: Connection, run: str) -> None:
        """Look the members up, and keep what the files say. Raises `NothingPublished`."""
        await self.look_up(conn)
        claims = [self._claim(one) for one in (*self.openings, *self.ended)]
        claims += [self._claim(one)._replace(key=None) for one in self.fell]
        await claim_store.put_claims(conn, run, claims)

    async def look_up(self, conn: Connection) -> None:
        """Look up the members and the program's first unit. Raises `NothingPublished`."""
        book = PlanBook()
        await book.refresh(conn)
        units = book.at(now()).program.units
        self.first_unit = next((unit.id for unit in units if unit.kind is UnitKind.SPENDABLE), units[0].id)
        words = self.sheet.words["member"].words
        for start in range(0, len(words), _AT_ONCE):
            asked = [parse_subject(word, self.brand.country) for word in words[start : start + _AT_ONCE]]
            found = await resolve(conn, asked)
            self.who |= {start + place: found[one] for place, one in enumerate(asked) if one in found}

    def _claim(self, opening: Opening) -> Claim:
        member, figures = self.who.get(opening.member), opening.figures or {}
        key = None if member is None else digest(self._source, self._id(opening, member))
        return Claim(
            key, self.sheet.subject(opening.member), self._unit(opening), sum(lot.points for lot in opening.lots),
            len(opening.lots), opening.debt, opening.over, None, figures.get("orders", 0), figures.get("spend", 0),
        )  # fmt: skip

    def refusal(self, number: int, problem: Problem) -> Reject:
        """Return the reject of an opening that was not taken in."""
        return self.sheet.refusal(self.openings[number].position, problem)

    def tally(self, _today: int, earlier: Mapping[str, Any]) -> TakenTally:
        """Return a tally that goes on from the numbers of an earlier one."""
        return TakenTally.going_on(earlier)

    def summary(self, run: str, tally: TakenTally, skipped: int) -> Taken:
        """Return what came of the files."""
        over: dict[str, int] = {}
        for one in (*self.openings, *self.ended):
            if one.over:
                over[self._unit(one)] = over.get(self._unit(one), 0) + one.over
        return Taken(
            run_id=run,
            files=self.files,
            lines=sum(file.rows for file in self.files),
            accepted=tally.accepted,
            replayed=tally.replayed + skipped,
            refused=tally.refused,
            kind="balances",
            things=len(self) + self.rejected,
            rejected=self.rejected,
            unread=self.sheet.unread,
            points=dict(tally.points),
            lots=dict(tally.lots),
            debts=dict(tally.debts),
            over=over,
            months={unit: dict(sorted(points.items())) for unit, points in sorted(tally.months.items())},
        )


def _readers(
    mapping: BalancesMapping, words: dict[str, Vocabulary], brand: Brand
) -> tuple[dict[str, Reader], dict[str, int]]:
    columns, money = mapping.columns, dict[str, int]()
    whole = amounts(brand.currency, 0)
    known: dict[str, Reader] = {"member": subjects(words["member"], columns.member.kind, brand.country)}
    for what, nothing in (("points", 0), ("debt", 0), ("orders", _EMPTY)):
        if what in words:
            known[what] = optional(whole, nothing)
    for what in ("spend", "figure"):
        amount = getattr(columns, what)
        if isinstance(amount, Amount):
            known[what] = optional(amounts(brand.currency, amount.decimals(brand.currency_digits)), _EMPTY)
    for what in ("unit", "only_for"):
        column = getattr(columns, what)
        if column is not None:
            known[what] = chosen(words[what], column.words)
    if columns.last_day is not None:
        known["last_day"] = days(columns.last_day.format, never=columns.last_day.never)
    if columns.last_order is not None:
        known["last_order"] = days(columns.last_order.format)
    return known, money
