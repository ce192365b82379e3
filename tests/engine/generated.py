"""Generated programs and histories: small numbers that meet often, year borders, late events, and a few giants."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import strategies as st

from engine.reference import ORDER, REDEMPTION, Happening, Member
from kizuna.core.days import day_number
from kizuna.program import AMOUNT_MAX, Program, from_data

BORDERS = [day_number(date(year, 1, 1)) for year in (2023, 2024, 2025, 2026)]


def text(word: str) -> dict[str, str]:
    return {"ja": word, "en": word}


def document(
    *,
    awards: list[dict[str, Any]] | None = None,
    expiry: Any = "never",
    levels: list[int] | None = None,
    window: str = "calendar_year",
    held: str = "next_window",
    redemption: dict[str, int] | None = None,
    unknown_member: str = "create",
) -> dict[str, Any]:
    """A whole document; every part has a plain default (1 point per 100, never expiring, one tier)."""
    return {
        "program": 1,
        "name": text("試し"),
        "unknown_member": unknown_member,
        "units": [{"id": "points", "name": text("ポイント"), "expiry": expiry}],
        "tiers": {
            "by": "spend",
            "window": window,
            "held": held,
            "levels": [{"id": f"level-{at}", "name": text(f"{at}から"), "at": at} for at in levels or [0]],
        },
        "earning_rules": [
            {
                "id": f"rule-{number}",
                "name": text("買い物"),
                "event": "order.completed",
                "unit": "points",
                "award": award,
            }
            for number, award in enumerate([{"points": 1, "per": 100}] if awards is None else awards)
        ],
        "redemption": redemption or {"minimum": 1, "step": 1},
    }


def program(**parts: Any) -> Program:
    return from_data(document(**parts))


_rates = st.sampled_from([(1, 1), (1, 2), (1, 7), (3, 7), (5, 2), (2, 100), (1, 100), (1_000_000, 10_000), (7, 10**9)])
_awards = st.builds(
    lambda rate, rounding: {"points": rate[0], "per": rate[1], "rounding": rounding},
    _rates,
    st.sampled_from(["down", "nearest", "up"]),
)
_expiry = st.one_of(
    st.just("never"), st.sampled_from([1, 2, 5, 90, 365, 36_525]).map(lambda days: {"after_days": days})
)
_levels = st.lists(st.sampled_from([1, 10, 50, 100, 101, 250, AMOUNT_MAX]), max_size=4, unique=True).map(
    lambda rising: [0, *sorted(rising)]
)

programs = st.builds(
    program,
    awards=st.lists(_awards, min_size=1, max_size=4),
    expiry=_expiry,
    levels=_levels,
    window=st.sampled_from(["calendar_year", "lifetime"]),
    held=st.sampled_from(["window", "next_window"]),
    redemption=st.sampled_from([(1, 1), (1, 1), (1, 1), (5, 1), (1, 10), (10, 7)]).map(
        lambda sums: {"minimum": sums[0], "step": sums[1]}
    ),
)

_days = st.one_of(
    st.builds(lambda border, off: border + off, st.sampled_from(BORDERS), st.integers(-3, 3)),
    st.integers(BORDERS[2], BORDERS[2] + 12),
)
_amounts = st.one_of(st.integers(0, 120), st.sampled_from([0, 49, 50, 99, 100, 249, 250, AMOUNT_MAX - 1, AMOUNT_MAX]))


ALL, FIRST_LOT = 0, -1
"""Wishes that depend on the pocket of the day: all of it, or just its first lot."""


def _histories(versions: int, events_max: int) -> st.SearchStrategy[list[Happening]]:
    whose, which = st.integers(0, 4), st.integers(0, versions - 1)
    points = st.one_of(st.integers(1, 60), st.sampled_from([ALL, FIRST_LOT]))
    return st.lists(
        st.one_of(
            st.builds(Happening, whose, which, st.just(ORDER), _days, _amounts),
            st.builds(Happening, whose, which, st.just(REDEMPTION), _days, points),
        ),
        min_size=1,
        max_size=events_max,
    )


def _with_wishes_counted(documents: list[Program], history: list[Happening]) -> list[Happening]:
    """Put numbers in the place of `ALL` and `FIRST_LOT`."""
    members, told = defaultdict(Member), []
    for wish in history:
        member, amount = members[wish.member], wish.amount
        if wish.what == REDEMPTION and amount in (ALL, FIRST_LOT):
            good = [points for last_day, points in sorted(member.lots.items()) if last_day >= wish.day] or [1]
            amount = sum(good) if amount == ALL else good[0]
        told.append(replace(wish, amount=amount))
        member.decide(documents[wish.version], told[-1])
    return told


def stories(*, events_max: int = 40) -> st.SearchStrategy[tuple[list[Program], list[Happening]]]:
    """One to three versions and a history of up to five members, in the order in which events arrive, late ones too."""
    return st.lists(programs, min_size=1, max_size=3).flatmap(
        lambda documents: _histories(len(documents), events_max).map(
            lambda history: (documents, _with_wishes_counted(documents, history))
        )
    )
