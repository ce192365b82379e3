"""Makes the overview's figures of the brand's daily sums: pure, whatever the period."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from kizuna import insight
from kizuna.engine import EntryKind, Plan
from kizuna.web.console.overview.views import WHOLE, Figure, Kind, Mark, MonthRow, Period

JOINED, ORDERS, SALES = range(3)
MONTHS = 13
DAILY_MAX = 90
WEEK = 7
_ONE = timedelta(days=1)
MOVED = (EntryKind.EARN, EntryKind.REDEEM, EntryKind.EXPIRE, EntryKind.ADJUST)
"""Kinds under which spendable points are counted (what changes of orders took back is off what was issued); PEND are those that wait."""


class Line:
    """Sums up to each day from the day before `first` (which holds everything before) to `last`, each at one look."""

    def __init__(self, steps: Mapping[date, int], first: date, last: date) -> None:
        self._origin = first.toordinal() - 1
        by_day = [0] * (last.toordinal() - self._origin + 1)
        for day, step in steps.items():
            by_day[day.toordinal() - self._origin] += step
        self._sums = list(accumulate(by_day))

    def upto(self, day: date) -> int:
        """Return the sum of everything up to the end of `day`; of what lies before the line, nothing is known: 0."""
        place = day.toordinal() - self._origin
        return self._sums[min(place, len(self._sums) - 1)] if place >= 0 else 0

    def within(self, first: date, last: date) -> int:
        """Return the sum of the days `first`..`last`."""
        return self.upto(last) - self.upto(first - _ONE)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over any days of the figures."""

    period: Period
    plan: Plan
    begins: date | None
    points_of: Mapping[int, Line]
    days: Sequence[Line]
    activity: Mapping[insight.What, Line]

    @classmethod
    def of(cls, found: insight.Figures, period: Period, plan: Plan) -> "Sums":
        """Add up what was found."""

        def line(steps: Mapping[date, int]) -> Line:
            return Line(steps, found.first, found.last)

        return cls(
            period,
            plan,
            found.begins,
            {kind: line(found.points.get(kind, {})) for kind in EntryKind},
            [line({day: count[field] for day, count in found.days.items()}) for field in range(3)],
            {what: line(steps) for what, steps in found.active.items()},
        )

    def points(self, kind: EntryKind, first: date, last: date) -> int:
        """Return the points of a kind that moved within some days, counted positive."""
        return abs(self.points_of[kind].within(first, last))

    def issued(self, first: date, last: date) -> int:
        """Return what became spendable within some days, less what changes of orders took back."""
        return self.points_of[EntryKind.EARN].within(first, last)

    def outstanding(self, day: date) -> int:
        """Return what members held together at the end of a day."""
        return sum(self.points_of[kind].upto(day) for kind in MOVED)

    def members(self, day: date) -> int:
        """Return how many there were at the end of a day."""
        return self.days[JOINED].upto(day)

    def active(self, what: insight.What, day: date) -> int:
        """Return how many did it within the period that ends on a day."""
        return self.activity[what].upto(day)

    def figures(self) -> dict[str, Figure]:
        """Return every figure by its name."""
        active, redeeming = insight.What.ORDER, insight.What.REDEMPTION
        recent = f"/console/members?active={self.period.days}"
        month = self.period.last.strftime("%Y-%m")
        return {
            "members": self._at("members", "members", self.members, "/console/members"),
            "joined": self._within("joined", "members", JOINED, f"/console/members?joined={month}"),
            "enrolment": self._enrolment(),
            "active": self._share("active", lambda day: self.active(active, day), self.members, recent),
            "redeeming": self._share(
                "redeeming", lambda day: self.active(redeeming, day), lambda day: self.active(active, day), None
            ),
            "issued": self._costing(self._sum("issued", "points", self.issued)),
            "redeemed": self._moved("redeemed", EntryKind.REDEEM),
            "expired": self._moved("expired", EntryKind.EXPIRE),
            "outstanding": self._outstanding(),
            "orders": self._within("orders", "orders", ORDERS, recent),
            "sales": self._within("sales", "money", SALES, f"{recent}&sort=-spend"),
        }

    def months(self, firsts: Sequence[date]) -> Sequence[MonthRow]:
        """Return the points of each month."""
        rows = []
        for first in firsts:
            last = min(next_month(first) - _ONE, self.period.last)
            rows.append(
                MonthRow(
                    first,
                    self.issued(first, last),
                    *(self.points(kind, first, last) for kind in (EntryKind.REDEEM, EntryKind.EXPIRE)),
                )
            )
        return rows

    def _known(self, day: date) -> bool:
        """Tell whether the brand had begun by a day, so that a figure of then means something."""
        return self.begins is not None and self.begins <= day

    def _spans(self) -> Sequence[tuple[date, date]]:
        """Cut the period into days, or into whole weeks that end with its last day."""
        step = timedelta(days=1 if self.period.days <= DAILY_MAX else WEEK)
        spans = []
        last = self.period.last
        while last - step + _ONE >= self.period.first:
            spans.append((last - step + _ONE, last))
            last -= step
        return spans[::-1]

    def _at(self, name: str, kind: Kind, of: Callable[[date], int], path: str | None) -> Figure:
        """Return a figure that is a state: how it stands at the end of a day."""
        before = self.period.before_last
        return Figure(
            name,
            kind,
            of(self.period.last),
            of(before) if self._known(before) else None,
            [Mark(first, last, of(last)) for first, last in self._spans()],
            path=path,
        )

    def _sum(self, name: str, kind: Kind, of: Callable[[date, date], int], path: str | None = None) -> Figure:
        """Return a figure that is a sum over the period."""
        period = self.period
        return Figure(
            name,
            kind,
            of(period.first, period.last),
            of(period.before_first, period.before_last) if self._known(period.before_first) else None,
            [Mark(first, last, of(first, last)) for first, last in self._spans()],
            path=path,
        )

    def _within(self, name: str, kind: Kind, field: int, path: str | None) -> Figure:
        return self._sum(name, kind, self.days[field].within, path)

    def _moved(self, name: str, kind: EntryKind) -> Figure:
        """Return points of a kind, with what they cost, or of points that expired would have cost, where that is known."""
        path = "/console/members?expiring=30" if kind is EntryKind.EXPIRE else None
        return self._costing(self._sum(name, "points", lambda first, last: self.points(kind, first, last), path))

    def _outstanding(self) -> Figure:
        return self._costing(
            self._at("outstanding", "points", self.outstanding, "/console/members?sort=-balance")
        )  # fmt: skip

    def _costing(self, figure: Figure) -> Figure:
        first = self.plan.names.units[0]
        worth = next((unit.worth for unit in self.plan.program.units if unit.id == first), None)
        if worth is None:
            return figure
        now, before = figure.value or 0, figure.before
        return Figure(
            figure.name, figure.kind, figure.value, before, figure.series, worth.of(now),
            None if before is None else worth.of(before), path=figure.path,
        )  # fmt: skip

    def _share(self, name: str, part: Callable[[date], int], whole: Callable[[date], int], path: str | None) -> Figure:
        """Return a share of the period that ends on a day."""
        last, before = self.period.last, self.period.before_last
        return Figure(
            name,
            "share",
            share(part(last), whole(last)),
            share(part(before), whole(before)) if self._known(self.period.before_first) else None,
            [Mark(first, end, share(part(end), whole(end))) for first, end in self._spans()],
            part=part(last),
            whole=whole(last),
            path=path,
        )

    def _enrolment(self) -> Figure:
        """Return newcomers of the period as a share of those who were there at its start; the series adds up through it."""
        period = self.period
        whole, whole_before = self.members(period.before_last), self.members(period.before_first - _ONE)
        joined = self.days[JOINED].within(period.first, period.last)
        return Figure(
            "enrolment",
            "share",
            share(joined, whole),
            share(self.days[JOINED].within(period.before_first, period.before_last), whole_before)
            if self._known(period.before_first)
            else None,
            [
                Mark(first, last, share(self.days[JOINED].within(period.first, last), whole))
                for first, last in self._spans()
            ],
            part=joined,
            whole=whole,
        )


def share(part: int, whole: int) -> int | None:
    """Return a share in ten-thousandths, a half going up; None of nobody."""
    return (2 * part * WHOLE + whole) // (2 * whole) if whole else None


def months_until(today: date) -> list[date]:
    """Return the first days of the last months, oldest first, this one last."""
    firsts = [today.replace(day=1)]
    while len(firsts) < MONTHS:
        firsts.append((firsts[-1] - _ONE).replace(day=1))
    return firsts[::-1]


def next_month(first: date) -> date:
    """Return the first day of the month after."""
    return (first + timedelta(days=31)).replace(day=1)
