"""Reading the overview: a few sums of the figures' small tables, made into one view. Nothing here walks through members."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from kizuna import insight
from kizuna.core.days import day_date
from kizuna.engine import EntryKind, Plan
from kizuna.runtime.db import Connection
from kizuna.web.console.overview.figures import Sums, months_until, share
from kizuna.web.console.overview.telling import happenings
from kizuna.web.console.overview.views import (
    PERIOD,
    PERIODS,
    Freshness,
    Headline,
    MoveRow,
    Overview,
    Period,
    RuleRow,
    StageRow,
    TierRow,
)
from kizuna.web.reads import Reader
from kizuna.web.standings import words
from kizuna.web.views import Words

RULES_MAX = 8
RECENT_MAX = 10
WAITING_MAX = 1000
_ONE = timedelta(days=1)


def period_of(days: str | None, today: date) -> Period:
    """Return the period that is asked for, of the nearest length on offer; the usual one when that is no number."""
    asked = int(days[:6]) if days and days.isdecimal() and days.isascii() else PERIOD
    length = min(PERIODS, key=lambda one: abs(one - asked))
    first = today - timedelta(days=length - 1)
    return Period(length, first, today, first - timedelta(days=length), first - _ONE)


async def overview(conn: Connection, reader: Reader, days: str | None) -> Overview:
    """Return the overview of the last `days` days. Raises `NothingPublished`."""
    today = day_date(reader.today) or date.max
    period = period_of(days, today)
    month = months_until(today)[0]
    lag = await insight.behind(conn, WAITING_MAX)
    figures = await insight.figures(conn, min(period.before_first, month), today, period.days)
    rules = await insight.rules(conn, period.first, period.last)
    moves = await insight.moves(conn, period.first, period.last)
    sums = Sums.of(figures, period, reader.plan)
    members = sums.members(today)
    named = _TierWords(reader.plan)
    recent = list(happenings(await insight.recent(conn, RECENT_MAX), reader.book))
    return Overview(
        as_of=reader.at,
        freshness=Freshness(lag.waiting, lag.waiting_since, lag.handled_at, WAITING_MAX),
        period=period,
        headline=headline_view(
            insight.Headline(
                members,
                sums.issued(today, today),
                sums.points(EntryKind.REDEEM, today, today),
                sums.outstanding(today),
            )
        ),
        **sums.figures(),
        tiers=[
            TierRow(rank, *named(rank), count, share(count, members), f"/console/members?tier={rank}")
            for rank in range(max(len(named), *(tier + 1 for tier in figures.tiers), 0))
            if rank < len(named) or figures.tiers.get(rank)
            for count in [figures.tiers.get(rank, 0)]
        ],
        moves=[
            MoveRow(one.from_tier, named(one.from_tier)[1], one.to_tier, named(one.to_tier)[1], one.members)
            for one in moves
        ],
        moved_up=sum(one.members for one in moves if one.to_tier > one.from_tier),
        moved_down=sum(one.members for one in moves if one.to_tier < one.from_tier),
        months=sums.months(months_until(today)),
        rules=_rules(reader, rules),
        recent=recent[: -RECENT_MAX - 1 : -1],
        stages=stage_rows(reader.plan, figures.stages),
    )


def stage_rows(plan: Plan, counts: Mapping[int, int]) -> list[StageRow]:
    """Return the journey as a funnel: of each stage who stands on it, and who has come so far or further."""
    stages = plan.program.journey.stages if plan.program.journey else []
    here = [counts.get(number, 0) for number in range(len(stages))]
    reached = [sum(here[number:]) for number in range(len(stages))]
    rows = []
    for number, stage in enumerate(stages):
        onward = share(reached[number + 1], reached[number]) if number + 1 < len(stages) else None
        rows.append(
            StageRow(words(stage.name), here[number], reached[number], share(reached[number], reached[0]), onward)
        )
    return rows


def headline_view(found: insight.Headline) -> Headline:
    """Return the headline as shown."""
    return Headline(found.members, found.issued, found.redeemed, found.outstanding)


class _TierWords:
    """The id and the words of each rung of the plan in force; of a rung that it does not have any more, its number."""

    def __init__(self, plan: Plan) -> None:
        self._levels = plan.program.tiers.levels

    def __len__(self) -> int:
        return len(self._levels)

    def __call__(self, rank: int) -> tuple[str, Words]:
        if rank < len(self._levels):
            return self._levels[rank].id, words(self._levels[rank].name)
        return str(rank), {"ja": f"{rank + 1}", "en": f"{rank + 1}"}


def _rules(reader: Reader, counts: Sequence[insight.RuleCount]) -> Sequence[RuleRow]:
    """Put the versions of a rule together, the newest giving its name."""
    issued = sum(count.points for count in counts)
    sums: dict[str, tuple[int, int, int, int]] = {}
    for count in counts:
        rule = reader.book.version(count.version).program.rules[count.rule]
        version, number, points, entries = sums.get(rule.id, (0, 0, 0, 0))
        if count.version > version:
            version, number = count.version, count.rule
        sums[rule.id] = (version, number, points + count.points, entries + count.entries)
    rows = [
        RuleRow(
            rule_id,
            words(reader.book.version(version).program.rules[number].name),
            version,
            points,
            entries,
            share(points, issued),
        )
        for rule_id, (version, number, points, entries) in sums.items()
    ]
    return sorted(rows, key=lambda row: (-row.points, row.id))[:RULES_MAX]
