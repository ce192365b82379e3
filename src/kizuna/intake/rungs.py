"""Since when a member has a lower tier that time alone has brought: known when they are next seen, and told with that event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from kizuna.core.days import day_date
from kizuna.engine import Decisions, Plan, State, standing
from kizuna.engine.events import Ints
from kizuna.intake.loading import Loaded
from kizuna.ledger import Ledgers
from kizuna.publishing import PlanBook


@dataclass(frozen=True, slots=True)
class Rungs:
    """Where the members of a batch stood before it, by slot of the engine's memory: the last day of the standing, and the rung."""

    of_slot: dict[int, tuple[Ints, Ints]]

    @classmethod
    def of(cls, state: State, plans: Sequence[Plan]) -> "Rungs":
        """Note where everybody stands; to be called before deciding."""
        every, slots = np.arange(state.size), {plan.tracks[0].standing_slot for plan in plans}
        return cls({slot: state.slot(slot).first(every) for slot in slots})

    def fallen(self, book: PlanBook, loaded: Loaded, decisions: Decisions) -> dict[int, date]:
        """Return, by the place of the event that found it, the day on which each fallen member's tier had ended."""
        fell: dict[int, date] = {}
        batch, met = loaded.batch, set[int]()
        members, size = np.array(batch.member, np.intp), len(batch.told)
        level, day, plan_of = decisions.level_before[:size], loaded.events.day[:size], np.array(batch.plan)
        for number in np.unique(plan_of).tolist():
            track = book.plans[number].tracks[0]
            until, rung = (column[members] for column in self.of_slot[track.standing_slot])
            had = track.level_of[np.where(rung < len(track.level_of), rung, 0)]
            for place in np.flatnonzero((plan_of == number) & (until < day) & (had > level)).tolist():
                ended = (
                    None
                    if batch.member[place] in met
                    else _ended_on(book, loaded.ledgers, batch.member[place], number, int(until[place]))
                )
                met.add(batch.member[place])
                if ended is not None:
                    fell[place] = ended
        return fell


def _ended_on(book: PlanBook, ledgers: Ledgers, member: int, plan: int, until: int) -> date | None:
    """Return the first day after the tier that a member had, by the row as it was loaded."""
    one = Ledgers([ledgers.members[member]], [ledgers.accounts[member]], [True])
    kept = standing(book.plans[plan], one.state(book.names), np.arange(1), np.full(1, until, np.int32)).kept_through
    return day_date(int(kept[0]) + 1)
