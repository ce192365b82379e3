"""A brand's look as addresses of our own origin: a stylesheet made from its colour, and its logo.

Both addresses say what they hold, so that every cache may keep them for ever: a stylesheet's is its colour and the
number of the way in which it is made, a logo's is the hash of its bytes. Nothing in a picture can run: it is served with
a policy of its own, in a sandbox, and pages use it in <img> alone.
"""

import re
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import NotFound
from kizuna.runtime.brands import Brand
from kizuna.runtime.look import WORDS, Look, picture_of
from kizuna.web import colour
from kizuna.web.requests import YEAR_S, services
from kizuna.web.views import LookView

WAY = "1"
"""Raise it when `colour.stylesheet` makes other styles from the same colour: caches keep the old ones for ever."""

PREVIEW = ".phone"
"""Whose tokens a preview replaces (`.phone-light`, `.phone-dark`), in a page that keeps its own colours."""

_STYLE = re.compile(r"(?P<part>part-)?(?P<colour>[0-9a-f]{6})-(?P<way>[0-9]+)")
_FOREVER = {"cache-control": f"public, max-age={YEAR_S}, immutable"}
routes = APIRouter(prefix="/look", include_in_schema=False)


def style_address(slug: str, chosen: str, *, preview: bool = False) -> str:
    """Return the address of the styles of a colour `#rrggbb`; a preview's hold within `PREVIEW` only."""
    return f"/look/{slug}/{'part-' if preview else ''}{chosen.removeprefix('#')}-{WAY}.css"


def logo_address(slug: str, name: str) -> str:
    """Return the address of a picture by its hash."""
    return f"/look/{slug}/{name}"


def look_view(brand: Brand) -> LookView:
    """Return a brand's look as pages use it."""
    look = brand.look
    return LookView(
        css=style_address(brand.slug, look.colour) if look.colour else None,
        logo=logo_address(brand.slug, look.logo) if look.logo else None,
        logo_width=look.logo_width,
        logo_height=look.logo_height,
        colour=look.colour,
        words=by_name(look),
    )


def by_name(look: Look) -> Mapping[str, Mapping[str, str]]:
    """Return a brand's words by their name and then by language, without the empty ones."""
    named = {name: {lang: texts[name] for lang, texts in look.words.items() if texts.get(name)} for name in WORDS}
    return {name: texts for name, texts in named.items() if texts}


@routes.get("/{slug}/{name}.css")
async def style(slug: str, name: str) -> Response:
    """Return the styles that an address names; they depend on nothing else."""
    match = _STYLE.fullmatch(name)
    if match is None or match["way"] != WAY:
        raise NotFound(what="page", key=f"/look/{slug}/{name}.css")
    chosen = f"#{match['colour']}"
    text = colour.preview(chosen, PREVIEW) if match["part"] else colour.stylesheet(chosen)
    return Response(text, media_type="text/css", headers=_FOREVER)


@routes.get("/{slug}/{name}")
async def picture(request: Request, slug: str, name: str) -> Response:
    """Return a picture; whatever it holds, a browser that opens it runs and fetches nothing."""
    kind, raw = await picture_of(services(request).db, slug, name)
    sandbox = {"content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff"}
    return Response(raw, media_type=kind, headers=_FOREVER | sandbox)
