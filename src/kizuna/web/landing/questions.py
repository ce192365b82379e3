"""The questions that people ask of a program, answered from the program itself: nothing stands here that it does not say. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from kizuna.core.errors import N_
from kizuna.program import after
from kizuna.web import offer_words
from kizuna.web.landing.views import LandingView
from kizuna.web.tell import sentence, tell
from kizuna.web.words import brand_words, currency_digits, money, points, translate

SAID_MAX = 3
_BY = {
    "spend": N_("By what you spend: {tiers}."),
    "visits": N_("By how often you buy: {tiers}."),
    "points": N_("By the points you earn: {tiers}."),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answer, both plain text; `address` is where more is, "" where there is nothing more."""

    question: str
    answer: str
    address: str = ""


def questions(view: LandingView, lang: str) -> Sequence[Question]:
    """Return what people ask of this program, in the order in which they come to it."""
    return [one for one in _each(view, lang) if one is not None]


def _each(view: LandingView, lang: str) -> Sequence[Question | None]:
    offer = view.offer

    def ask(question: str, *answer: str | None, address: str = "") -> Question | None:
        said = [text for text in answer if text]
        joined = "".join(said) if lang == "ja" else " ".join(said)
        return Question(translate(lang, question), joined, address) if said else None

    support = brand_words(view.brand.look.words.get("support", {}), lang)
    join = N_("Tell the till when you pay. Your first purchase makes you a member.")
    if not offer.joins_by_buying:
        join = N_("Ask in the shop. The staff makes you a member.")
    return (
        ask(N_("How do I become a member?"), translate(lang, join)),
        ask(N_("How do I earn points?"), earning(view, lang)) if view.running else None,
        ask(
            N_("When do my points appear?"),
            translate(
                lang, N_("As soon as the shop has recorded your purchase. You see them on My Page with the reason.")
            ),
            sentence(offer.pending, view.brand.currency, lang) if offer.pending is not None else None,
        )
        if view.running
        else None,
        ask(N_("How do I redeem points?"), offer_words.redemption(offer, lang)),
        ask(N_("When do points expire?"), offer_words.expiry(offer, view.brand.currency, lang)),
        ask(
            N_("How do I reach a higher tier?"),
            thresholds(view, lang),
            *offer_words.tier_rules(offer.ladder, view.brand.currency, lang),
        )
        if len(offer.rungs) > 1
        else None,
        ask(
            N_("Where do I see my balance?"),
            translate(lang, N_("On My Page. It opens with a link that the shop gives you; the till can tell you too.")),
        ),
        ask(
            N_("I have lost my card. Are my points lost?"),
            translate(lang, N_("No. Points are kept for the member, not on the card. Please tell the shop.")),
        ),
        ask(
            N_("What happens when I return something?"),
            sentence(offer.returns, view.brand.currency, lang) or None,
            translate(lang, N_("Please ask in the shop where you bought it.")),
        ),
        ask(
            N_("Whom can I ask?"),
            translate(lang, N_("Write to {address}."), address=support) if support else None,
            address=support,
        ),
    )


def earning(view: LandingView, lang: str) -> str:
    """Return how points are earned, with an example."""
    currency = view.brand.currency
    if not view.offer.rules:
        return sentence(after(way.says for way in view.running[:SAID_MAX]), currency, lang)
    said = translate(lang, N_("You earn {rates}."), rates=offer_words.rates(view.offer, currency, lang))
    examples = view.offer.example_amounts(currency_digits(currency))
    if not examples:
        return said
    amount = examples[-1]
    earned = points(view.offer.earns(amount), lang)
    example = translate(
        lang, N_("A purchase of {amount} earns {points}."), amount=money(amount, currency, lang), points=earned
    )
    return f"{said}{'' if lang == 'ja' else ' '}{example}"


def thresholds(view: LandingView, lang: str) -> str:
    """Return every tier above the first with where it begins."""
    ladder, currency = view.offer.ladder, view.brand.currency
    named = [f"{brand_words(rung.name, lang)} {tell(rung.reached, currency, lang)}" for rung in ladder.rungs[1:]]
    tiers = ("、" if lang == "ja" else ", ").join(named)
    return translate(lang, _BY.get(ladder.by, _BY["spend"]), tiers=tiers)
