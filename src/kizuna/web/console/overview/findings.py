"""What a chart of the overview says in its title: the first statement that its figures bear, else what it shows, neutrally.

Pure. A month that is not over is never compared with a whole one; nothing is said of too few points or members to mean anything.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from kizuna.core.errors import N_
from kizuna.web.charts import percent
from kizuna.web.console.overview.views import WHOLE, MonthRow, RuleRow, StageRow, TierRow
from kizuna.web.words import brand_words, month, number, translate, translate_n

POINTS_MIN = 100
"""Fewer points in a month are no base for a comparison."""
MONTHS_MIN = 6
"""Over fewer whole months, no month stands out."""
CONCENTRATED = Fraction(1, 4)
CHANGE_MIN = Fraction(5, 100)
MEMBERS_MIN = 20
"""A share of fewer members is an anecdote."""
MOST = 50_00
"""Half of everybody, in ten-thousandths."""


def months_finding(months: Sequence[MonthRow], today: date, lang: str) -> str:
    """Return what stands out in points by month."""
    whole = [row for row in months if not is_open(row.first, today)]
    return (
        _concentrated(whole, lang)
        or _issued_change(whole, lang)
        or _used(whole, lang)
        or translate(lang, N_("Points issued, used and expired by month"))
    )


def is_open(first: date, today: date) -> bool:
    """Tell whether the month that begins on `first` is not over on `today`."""
    return (first.year, first.month) == (today.year, today.month)


def _concentrated(whole: Sequence[MonthRow], lang: str) -> str | None:
    """Say in which month points are used most: at least a quarter of all, and at least twice the next."""
    last_year = whole[-12:]
    total = sum(row.redeemed for row in last_year)
    if len(last_year) < MONTHS_MIN or total < POINTS_MIN:
        return None
    second, top = sorted(last_year, key=lambda row: row.redeemed)[-2:]
    if Fraction(top.redeemed, total) < CONCENTRATED or top.redeemed < 2 * second.redeemed:
        return None
    return translate(lang, N_("Use of points concentrates in {month}"), month=_named(top.first, lang))


def _issued_change(whole: Sequence[MonthRow], lang: str) -> str | None:
    """Say by how much the last whole month issued more or less than the month before it."""
    if len(whole) < 2 or whole[-2].issued < POINTS_MIN:
        return None
    before, last = whole[-2], whole[-1]
    change = Fraction(last.issued - before.issued, before.issued)
    if abs(change) < CHANGE_MIN:
        return None
    if change >= 1:
        tenths = last.issued * 10 // before.issued
        times = f"{tenths // 10:,}.{tenths % 10}".removesuffix(".0")
        return translate(
            lang,
            N_("{times} times as many points issued in {month} as the month before"),
            times=times,
            month=_named(last.first, lang),
        )
    share = percent(round(abs(change) * WHOLE), 0)
    more = N_("{share} more points issued in {month} than the month before")
    less = N_("{share} fewer points issued in {month} than the month before")
    return translate(lang, more if change > 0 else less, share=share, month=_named(last.first, lang))


def _used(whole: Sequence[MonthRow], lang: str) -> str | None:
    """Say how much was used beside what was issued."""
    last_year = whole[-12:]
    issued, redeemed = sum(row.issued for row in last_year), sum(row.redeemed for row in last_year)
    if len(last_year) < MONTHS_MIN or issued < POINTS_MIN or not redeemed:
        return None
    return translate_n(
        lang,
        N_("Used in {n} month: {share} of what was issued"),
        "Used in {n} months: {share} of what was issued",
        len(last_year),
        share=percent(redeemed * WHOLE // issued, 0),
    )


def _named(first: date, lang: str) -> str:
    return month(first, lang)


def tiers_finding(tiers: Sequence[TierRow], moved_up: int, moved_down: int, lang: str) -> str:
    """Return what stands out in the tiers: who moved, else where most are."""
    if moved_up or moved_down:
        return translate(lang, N_("Up a tier: {up}, down: {down}"), up=number(moved_up), down=number(moved_down))
    most = max(tiers, key=lambda row: row.members, default=None)
    is_enough = sum(row.members for row in tiers) >= MEMBERS_MIN and len(tiers) > 1
    if most is not None and most.share is not None and most.share >= MOST and is_enough:
        return translate(
            lang,
            N_("{share} of the members are {tier}"),
            share=percent(most.share, 0),
            tier=brand_words(most.name, lang),
        )
    return translate(lang, N_("Tiers and moves"))


def stages_finding(stages: Sequence[StageRow], lang: str) -> str:
    """Return where the journey is narrowest: the stage that the smallest share of those who came there has left for the next."""
    known = [row for row in stages if row.onward is not None and row.reached >= MEMBERS_MIN]
    narrow = min(known, key=lambda row: row.onward or 0, default=None)
    if narrow is None or narrow.onward is None:
        return translate(lang, N_("The journey by stages"))
    return translate(
        lang,
        N_("{share} go on from “{stage}”"),
        share=percent(narrow.onward, 0),
        stage=brand_words(narrow.name, lang),
    )


def rules_finding(rules: Sequence[RuleRow], lang: str) -> str:
    """Return which rule issues most: all of it, or at least half."""
    first = rules[0] if rules else None
    if first is None or first.share is None or first.share < MOST or first.points < POINTS_MIN:
        return translate(lang, N_("Rules at work"))
    rule = brand_words(first.name, lang)
    if len(rules) == 1 and first.share == WHOLE:
        return translate(lang, N_("Every point comes from “{rule}”"), rule=rule)
    return translate(lang, N_("{share} of the points come from “{rule}”"), share=percent(first.share, 0), rule=rule)
