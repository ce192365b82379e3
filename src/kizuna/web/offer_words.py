"""What a program offers, in sentences: the same words on My Page and on the page for anybody. Pure."""

from collections.abc import Sequence

from kizuna.core.errors import N_
from kizuna.web.offer import LadderView, Offer, RuleView
from kizuna.web.tell import sentence
from kizuna.web.words import brand_words, money, points, translate, translate_n

_ROUNDED = {
    "down": N_("What is left over does not count."),
    "nearest": N_("The last point is rounded to the nearest, once per purchase."),
    "up": N_("Each fraction counts as a whole point, once per purchase."),
}


def rate(rule: RuleView, currency: str, lang: str) -> str:
    """Return "1 pt per ¥200" or "5% back in points"."""
    if rule.percent is not None:
        return translate(lang, N_("{percent}% back in points"), percent=str(rule.percent))
    per = money(rule.per, currency, lang)
    return translate(lang, N_("{points} per {amount}"), points=points(rule.points, lang), amount=per)


def rates(offer: Offer, currency: str, lang: str) -> str:
    """Return all rates, each with its rule's name where there are several."""
    if len(offer.rules) == 1:
        return rate(offer.rules[0], currency, lang)
    named = [f"{brand_words(rule.name, lang)} {rate(rule, currency, lang)}" for rule in offer.rules]
    return ("、" if lang == "ja" else ", ").join(named)


def rounding(rule: RuleView, lang: str) -> str:
    """Return what becomes of a fraction of a point."""
    return translate(lang, _ROUNDED[rule.rounding])


def redemption(offer: Offer, lang: str) -> str:
    """Return which sums may be redeemed."""
    if not offer.can_redeem:
        return translate(lang, N_("These points count towards your tier. They are not redeemed."))
    facts = {"least": points(offer.least, lang), "step": points(offer.step, lang)}
    return translate(
        lang, N_("You can redeem from {least}, in steps of {step}. Say so at the till when you pay."), **facts
    )


def expiry(offer: Offer, currency: str, lang: str) -> str:
    """Return how long points can be used, and before it, how long they wait."""
    if offer.days is not None:
        return n_(
            "Points can be used for {n} day, counting the day they were earned. Those that expire first are used first.",
            "Points can be used for {n} days, counting the day they were earned. Those that expire first are used first.",
            offer.days,
            lang,
        )
    told = [offer.pending, offer.expiry] if offer.pending is not None else [offer.expiry]
    return ("" if lang == "ja" else " ").join(sentence(one, currency, lang) for one in told)


def n_(one: str, many: str, n: int, lang: str) -> str:
    """Return the form for `n`; the name lets both forms be found for translation."""
    return translate_n(lang, one, many, n)


def tier_rules(ladder: LadderView, currency: str, lang: str) -> Sequence[str]:
    """Return what counts towards a tier, when one gets it and how long one keeps it; nothing where there is one tier only."""
    if len(ladder.rungs) == 1:
        return ()
    return [sentence(ladder.counted, currency, lang), sentence(ladder.held, currency, lang)]
