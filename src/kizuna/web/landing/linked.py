"""The program as structured data (schema.org, JSON-LD), for search engines; it says what the page says. Pure.

Types: Organization with hasMemberProgram, MemberProgram with MemberProgramTier (https://schema.org/MemberProgram; Google's
“Loyalty program structured data”), FAQPage, BreadcrumbList.
"""

import json
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from kizuna.web import offer_words
from kizuna.web.landing.questions import Question
from kizuna.web.landing.views import LandingView
from kizuna.web.offer import RungView
from kizuna.web.tell import sentence
from kizuna.web.words import brand_words, currency_digits


def linked(view: LandingView, asked: Sequence[Question], description: str, lang: str) -> Markup:
    """Return the script element: data, which no browser runs; "<" is written so that nothing in it can end it."""
    address = view.address(lang)
    graph = [_organization(view, description, lang), _questions(asked, address, lang), _trail(view, lang)]
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704 - no sign of HTML is left in it


def _organization(view: LandingView, description: str, lang: str) -> dict[str, Any]:
    address = view.address(lang)
    organization: dict[str, Any] = {
        "@type": "Organization",
        "@id": f"{address}#brand",
        "name": view.brand.name,
        "url": address,
        "hasMemberProgram": {
            "@type": "MemberProgram",
            "@id": f"{address}#program",
            "name": brand_words(view.offer.name, lang),
            "description": description,
            "url": address,
            "hasTiers": [_tier(view, rung, lang) for rung in view.offer.rungs],
        },
    }
    return organization | ({"logo": view.picture} if view.picture else {})


def _tier(view: LandingView, rung: RungView, lang: str) -> dict[str, Any]:
    offer, currency, address = view.offer, view.brand.currency, view.address(lang)
    tier: dict[str, Any] = {
        "@type": "MemberProgramTier",
        "@id": f"{address}#tier-{rung.id}",
        "name": brand_words(rung.name, lang),
        "url": f"{address}#tiers",
        "isTierOf": {"@id": f"{address}#program"},
    }
    if rung.at and offer.ladder.by == "spend":
        tier["hasTierRequirement"] = {
            "@type": "MonetaryAmount", "value": _major(rung.at, currency), "currency": currency,
        }  # fmt: skip
    elif rung.at:
        tier["hasTierRequirement"] = sentence(rung.reached, currency, lang)
    if offer.rules:
        rule = offer.rules[0]
        tier["hasTierBenefit"] = "https://schema.org/TierBenefitLoyaltyPoints"
        tier["membershipPointsEarned"] = {
            "@type": "QuantitativeValue",
            "value": rule.points if rule.percent is None else rule.percent,
            "unitText": offer_words.rate(rule, currency, lang),
        }
    return tier


def _major(amount: int, currency: str) -> str:
    """Return minor units in the currency's own unit, exactly: 1050 USD → "10.50"."""
    digits = currency_digits(currency)
    whole, part = divmod(amount, 10**digits)
    return f"{whole}.{part:0{digits}}" if digits else str(whole)


def _questions(asked: Sequence[Question], address: str, lang: str) -> dict[str, Any]:
    return {
        "@type": "FAQPage",
        "@id": f"{address}#questions",
        "inLanguage": lang,
        "mainEntity": [
            {"@type": "Question", "name": one.question, "acceptedAnswer": {"@type": "Answer", "text": one.answer}}
            for one in asked
        ],
    }


def _trail(view: LandingView, lang: str) -> dict[str, Any]:
    trail = [
        (view.brand.name, view.address(view.languages[0])),
        (brand_words(view.offer.name, lang), view.address(lang)),
    ]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": item}
            for place, (name, item) in enumerate(trail, start=1)
        ],
    }
