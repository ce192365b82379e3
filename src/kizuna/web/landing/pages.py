"""The landing page as text, and what search engines read beside it: pure functions of a face and a view."""

from collections.abc import Sequence
from functools import partial
from xml.sax.saxutils import escape, quoteattr

from kizuna.core.errors import N_
from kizuna.web import offer_words
from kizuna.web.faces import Face, render
from kizuna.web.landing.linked import linked
from kizuna.web.landing.questions import earning, questions
from kizuna.web.landing.views import LandingView
from kizuna.web.tell import sentence
from kizuna.web.words import brand_words, currency_digits, translate

DESCRIPTION_MAX = 120
_LOCALES = {"ja": "ja_JP", "en": "en_US"}


def promise(view: LandingView, lang: str) -> str:
    """Return the program in a few words: what one earns, or the brand's own line where nothing is earned."""
    if view.offer.rules:
        return offer_words.rate(view.offer.rules[0], view.brand.currency, lang)
    if view.running:
        return sentence(view.running[0].says, view.brand.currency, lang)
    return brand_words(view.brand.look.words.get("tagline", {}), lang) or translate(lang, N_("Points for members."))


def description(view: LandingView, lang: str) -> str:
    """Return the page in at most 120 characters: whole sentences as long as they fit."""
    stop = "。" if lang == "ja" else "."
    sentences = [
        translate(
            lang, N_("{program}, the points program of {brand}."),
            program=brand_words(view.offer.name, lang), brand=view.brand.name,
        ),
        promise(view, lang).rstrip(stop) + stop,
        offer_words.expiry(view.offer, view.brand.currency, lang).partition(stop)[0] + stop,
    ]  # fmt: skip
    text = ""
    for one in sentences:
        longer = f"{text}{'' if lang == 'ja' or not text else ' '}{one}"
        if len(longer) <= DESCRIPTION_MAX:
            text = longer
    return text or sentences[0][: DESCRIPTION_MAX - 1] + "…"


def landing_page(face: Face, view: LandingView) -> str:
    """Return the page in the face's language."""
    lang, offer, currency = face.lang, view.offer, view.brand.currency
    asked, about = questions(view, lang), description(view, lang)
    return render(
        face,
        "landing/page.html",
        view=view,
        offer=offer,
        running=view.running,
        coming=offer.coming(view.today),
        promise=promise(view, lang),
        earning=earning(view, lang),
        about=about,
        asked=asked,
        data=linked(view, asked, about, lang),
        locales=_LOCALES,
        examples=offer.example_amounts(currency_digits(currency)),
        rate=partial(offer_words.rate, currency=currency, lang=lang),
        rounding=partial(offer_words.rounding, lang=lang),
        redemption_rule=offer_words.redemption(offer, lang),
        expiry_rule=offer_words.expiry(offer, currency, lang),
        tier_rules=offer_words.tier_rules(offer.ladder, currency, lang),
    )


def nothing_page(face: Face) -> str:
    """Return what is said where no program is published, or no such brand is."""
    return render(face, "landing/nothing.html")


def robots(site: str) -> str:
    """Return what search engines may read: the pages for anybody. My Page tells nothing to whoever has no link (401)."""
    hidden = "".join(f"Disallow: {path}\n" for path in ("/console", "/v1/"))
    return f"User-agent: *\n{hidden}Allow: /\n\nSitemap: {site}/sitemap.xml\n"


def sitemap(views: Sequence[LandingView]) -> str:
    """Return every page in every language, each with the others beside it and the day of the version."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
        + "".join(_entry(view, lang) for view in views for lang in view.languages)
        + "</urlset>\n"
    )


def _entry(view: LandingView, lang: str) -> str:
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{other}" href={quoteattr(address)}/>'
        for other, address in [*view.addresses.items(), ("x-default", view.address(view.languages[0]))]
    )
    return f"<url><loc>{escape(view.address(lang))}</loc><lastmod>{view.changed_on}</lastmod>{others}</url>\n"
