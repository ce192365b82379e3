"""What came of a taking over, counted from the answers: the same for a run and for its preview."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from kizuna.connect.csv.summary import FileRead, Summary
from kizuna.core.days import DAY_IDLE, day_date
from kizuna.engine import EntryKind
from kizuna.intake import Arrival, Outcome

NEVER = "never"
IDLE = "idle"


@dataclass(slots=True)
class Taken(Summary):
    """What became of members (`kind` members), or of what they bring: things are units of a member and figures of one.

    accepted + replayed + refused + rejected = things. `points`, `lots` and `debts` are what was opened, by unit; `months` the points by
    unit and the month of their last day (`never`, `idle`). `over` are points whose last day is over: they are not taken in. `unread`
    rows name no member.
    """

    kind: str = "members"
    things: int = 0
    rejected: int = 0
    unread: int = 0
    members_known: int = 0
    tiers: dict[str, int] = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)
    lots: dict[str, int] = field(default_factory=dict)
    debts: dict[str, int] = field(default_factory=dict)
    over: dict[str, int] = field(default_factory=dict)
    months: dict[str, dict[str, int]] = field(default_factory=dict)

    @classmethod
    def again(cls, run: str, told: dict[str, Any]) -> Self:
        """Return the summary of a run that was done before, whole: nothing is added."""
        files = [FileRead(**file) for file in told["files"]]
        return cls(
            run, files, told["lines"], replayed=told["things"], kind=told["kind"], things=told["things"],
            unread=told["unread"], over=told["over"],
        )  # fmt: skip


@dataclass(slots=True)
class TakenTally:
    """What became of the things posted so far."""

    accepted: int = 0
    replayed: int = 0
    refused: int = 0
    members_new: int = 0
    members_known: int = 0
    tiers: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    lots: Counter[str] = field(default_factory=Counter)
    debts: Counter[str] = field(default_factory=Counter)
    months: dict[str, Counter[str]] = field(default_factory=dict)

    @classmethod
    def going_on(cls, numbers: Mapping[str, Any]) -> Self:
        """Return a tally that goes on from the `numbers` of an earlier one."""
        made = cls()
        for name, told in numbers.items():
            if name == "months":
                made.months = {unit: Counter(points) for unit, points in told.items()}
            else:
                setattr(made, name, Counter(told) if isinstance(told, dict) else told)
        return made

    def count(self, _arrival: Arrival, outcome: Outcome) -> None:
        """Count a thing that is recorded."""
        if outcome.replayed:
            self.replayed += 1
            return
        self.accepted += 1
        about = outcome.about or {}
        if "new" in about:
            self.members_new += about["new"]
            self.members_known += not about["new"]
            if about["tier"]:
                self.tiers[about["tier"]] += 1
        if "unit" in about:
            self._opened(about["unit"], outcome)

    def _opened(self, unit: str, outcome: Outcome) -> None:
        months = self.months.setdefault(unit, Counter())
        for move in outcome.moves:
            if move.kind != EntryKind.ADJUST:
                continue
            if move.points < 0:
                self.debts[unit] -= move.points
                continue
            self.points[unit] += move.points
            self.lots[unit] += 1
            months[month_of(move.expires_on)] += move.points

    @property
    def numbers(self) -> dict[str, Any]:
        """Return the counts by name."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return told | {"months": {unit: dict(points) for unit, points in self.months.items()}}


def month_of(day: int) -> str:
    """Return the month of a last day, `never` or `idle`."""
    if day >= DAY_IDLE:
        return IDLE if day == DAY_IDLE else NEVER
    return f"{day_date(day):%Y-%m}"
