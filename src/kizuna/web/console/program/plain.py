"""A program in plain words: what a marketer would say of it, from the document alone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from kizuna.core.errors import N_
from kizuna.program import AfterDays, Award, Held, Program, Rounding, Window
from kizuna.web.views import BrandView
from kizuna.web.words import money, points, translate

_ROUNDING = {
    Rounding.DOWN: N_("A fraction of a point is dropped."),
    Rounding.NEAREST: N_("A fraction of a point is rounded to the nearest; a half goes up."),
    Rounding.UP: N_("A fraction of a point counts as a whole one."),
}
_KEPT = {
    (Window.CALENDAR_YEAR, Held.NEXT_WINDOW): N_(
        "Spending counts by calendar year. A tier that was reached is kept to the end of the next year."
    ),
    (Window.CALENDAR_YEAR, Held.WINDOW): N_(
        "Spending counts by calendar year. A tier that was reached is kept to the end of that year."
    ),
}
_FOR_LIFE = N_("Spending counts from the first purchase on. A tier that was reached is kept for ever.")


@dataclass(frozen=True, slots=True)
class PlainRung:
    """A tier in words; `rank` counts from 0."""

    id: str
    rank: int
    name: dict[str, str]
    reached: str


@dataclass(frozen=True, slots=True)
class Plain:
    """A program in words. `rungs` is empty where there is only one tier: then there is nothing to climb."""

    earning: Sequence[str]
    expiry: str
    redeeming: Sequence[str]
    rungs: Sequence[PlainRung]
    kept: str
    joining: str


def plain(program: Program, brand: BrandView, lang: str) -> Plain:
    """Return what `program` says."""
    levels = program.tiers.levels if len(program.tiers.levels) > 1 else []
    return Plain(
        earning=[
            *(
                translate(lang, N_("{rule}: {rate}"), rule=getattr(rule.name, lang), rate=rate(rule.award, brand, lang))
                for rule in program.earning_rules
            ),
            *dict.fromkeys(translate(lang, _ROUNDING[rule.award.rounding]) for rule in program.earning_rules),
        ],
        expiry=expiry(program, lang),
        redeeming=_redeeming(program, brand, lang),
        rungs=[
            PlainRung(
                level.id, rank, {"ja": level.name.ja, "en": level.name.en}, _reached(level.at, program, brand, lang)
            )
            for rank, level in enumerate(levels)
        ],
        kept=translate(lang, _KEPT.get((program.tiers.window, program.tiers.held), _FOR_LIFE)) if levels else "",
        joining=translate(
            lang,
            N_("Whoever buys for the first time becomes a member by it.")
            if program.unknown_member == "create"
            else N_("An order of somebody who is not a member yet is refused."),
        ),
    )


def rate(award: Award, brand: BrandView, lang: str) -> str:
    """Return how much is earned: "1 pt for every ¥100 spent"."""
    per = money(award.per, brand.currency, lang)
    return translate(lang, N_("{points} for every {amount} spent."), points=points(award.points, lang), amount=per)


def expiry(program: Program, lang: str) -> str:
    """Return how long points may be used."""
    after = program.units[0].expiry
    if not isinstance(after, AfterDays):
        return translate(lang, N_("Points never expire."))
    if after.after_days == 1:
        return translate(lang, N_("Points can be used only on the day they are earned."))
    return translate(
        lang, N_("Points can be used for {n} days, the day they are earned included."), n=f"{after.after_days:,}"
    )


def _redeeming(program: Program, brand: BrandView, lang: str) -> list[str]:
    redemption, worth = program.redemption, program.units[0].worth
    if redemption.minimum == 1 and redemption.step == 1:
        said = [translate(lang, N_("Members redeem any number of points up to their balance."))]
    else:
        said = [
            translate(
                lang,
                N_("Members redeem points from {minimum} up, in steps of {step}."),
                minimum=points(redemption.minimum, lang),
                step=points(redemption.step, lang),
            )
        ]
    if worth is not None:
        cost = money(worth.amount, brand.currency, lang)
        said.append(
            translate(
                lang,
                N_("{points} cost you {amount} when they are redeemed."),
                points=points(worth.points, lang),
                amount=cost,
            )
        )
    return said


def _reached(at: int, program: Program, brand: BrandView, lang: str) -> str:
    if at == 0:
        return translate(lang, N_("from the first day"))
    amount = money(at, brand.currency, lang)
    if program.tiers.window is Window.CALENDAR_YEAR:
        return translate(lang, N_("from {amount} spent in a year"), amount=amount)
    return translate(lang, N_("from {amount} spent in all"), amount=amount)
