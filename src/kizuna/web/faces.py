"""Turns views into pages: one Jinja2 environment for both faces, strict about every name, escaping everything.

Pure given its arguments: no request, no database, no clock. A template sees its `Face` as `face`, its own facts, and the
helpers of `_helpers`, which speak the face's language. Shared parts are imported `with context`, so that they speak it too.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlencode

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from kizuna.core.errors import N_, Kind, Problem
from kizuna.web import words
from kizuna.web.views import BrandView, EntryView

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
TEMPLATES = (HERE / "templates", HERE / "console" / "templates", HERE / "member" / "templates")

PRODUCT = "Kizuna"
LANGUAGE_NAMES = {"ja": "日本語", "en": "English"}
HTMX_CONFIG = json.dumps({"includeIndicatorCSS": False})

# For every page: no inline style or script, nothing from another host.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class AssetsMissing(Problem):
    """The styles were not built, so no page can be shown as designed."""

    code = "assets_missing"
    kind = Kind.UNAVAILABLE
    title = N_("The pages' styles have not been built: {name} is missing.")
    remedy = N_("Run “python web/build_hook.py” in the checkout, or install the package again.")


class Assets:
    """Address of each built file by its entry in web/vite.config.js: "console.css", "member.css", "console.js"."""

    def __init__(self, static: Path = STATIC) -> None:
        try:
            manifest = json.loads((static / "manifest.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise AssetsMissing(name="manifest.json") from None
        self._files: Mapping[str, str] = {key.removeprefix("src/"): entry["file"] for key, entry in manifest.items()}

    def __call__(self, name: str) -> str:
        """Return the hashed address of `name`."""
        if name not in self._files:
            raise AssetsMissing(name=name)
        return f"/static/{self._files[name]}"


@cache
def assets() -> Assets:
    """Return the built assets, read once."""
    return Assets()


@dataclass(frozen=True, slots=True)
class Face:
    """What every page knows beside its own facts. `path` is the address shown, with its query, for the language switch."""

    brand: BrandView | None
    lang: str
    user_email: str | None = None
    csrf_token: str = ""
    path: str = "/"
    asset: Callable[[str], str] = field(default_factory=assets)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages on offer: the brand's own that we speak, or all of ours."""
        offered = self.brand.languages if self.brand else words.LANGUAGES
        return tuple(lang for lang in offered if lang in words.LANGUAGES) or words.LANGUAGES


def environment() -> Environment:
    """Return a fresh environment; `render` keeps one."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        icon=icon,
        qr=qr,
        query=query,
        product=PRODUCT,
        language_names=LANGUAGE_NAMES,
        htmx_config=HTMX_CONFIG,
    )
    return made


_environment = cache(environment)


def render(face: Face, template: str, **facts: object) -> str:
    """Return `template` as text, in the face's language."""
    return _environment().get_template(template).render(face=face, **_helpers(face), **facts)


def _helpers(face: Face) -> Mapping[str, object]:
    """Return what templates may call, bound to the face's language and brand."""
    lang, brand = face.lang, face.brand
    bound: dict[str, object] = {
        "_": partial(words.translate, lang),
        "n_": partial(words.translate_n, lang),
        "rich": partial(words.rich, lang),
        "lang": lang,
        "number": words.number,
        "points": partial(figure, lang),
        "signed": partial(signed_figure, lang),
        "clock": words.clock,
        "kind_name": lambda kind: words.kind_name(kind, lang),
    }
    for name in ("day", "short_day", "month"):
        bound[name] = _dated(getattr(words, name), lang)
    bound["said"] = lambda text: words.brand_words(text, lang)
    if brand is not None:
        bound["money"] = lambda amount: _money(amount, brand, lang)
        bound["local"] = lambda at: words.local(at, brand)
        bound["why"] = lambda entry: _why(entry, brand, lang)
    return bound


def _dated(write: Callable[[date, str], str], lang: str) -> Callable[[date | datetime], str]:
    return lambda when: write(when, lang)


def _money(amount: int, brand: BrandView, lang: str) -> Markup:
    return Markup('<span class="figure">{}</span>').format(words.money(amount, brand.currency, lang))


def _why(entry: EntryView, brand: BrandView, lang: str) -> Mapping[str, object]:
    return {
        "sentence": words.why_sentence(entry, brand, lang),
        "arithmetic": words.why_arithmetic(entry, brand, lang),
    }


def figure(lang: str, n: int) -> Markup:
    """Return points as a figure with its smaller unit."""
    count, unit = words.points(n, lang).split("\N{NO-BREAK SPACE}")
    return Markup('<span class="figure">{}<span class="unit">{}</span></span>').format(count, unit)


def signed_figure(lang: str, n: int, *, is_lost: bool = False) -> Markup:
    """Return a change of points with sign and unit: green for gain, red when lost, ink when given for something."""
    count, unit = words.signed_points(n, lang).split("\N{NO-BREAK SPACE}")
    tone = "gain" if n > 0 else "loss" if is_lost else "even"
    return Markup('<span class="figure {}">{}<span class="unit">{}</span></span>').format(tone, count, unit)


def query(**facts: object) -> str:
    """Return a query string of the facts that are not empty, with its question mark."""
    kept = {name: fact for name, fact in facts.items() if fact not in (None, "")}
    return f"?{urlencode(kept)}" if kept else ""


# Icons are drawn on a 24-unit grid with one stroke width; they are our own.
_ICONS: Mapping[str, str] = {
    "home": "M4 11 12 4l8 7v8.5a.5.5 0 0 1-.5.5H15v-6H9v6H4.5a.5.5 0 0 1-.5-.5Z",
    "card": "M4.5 5.5h15A1.5 1.5 0 0 1 21 7v10a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17V7a1.5 1.5 0 0 1 1.5-1.5ZM3 10h18M7 15h3",
    "history": "M12 4a8 8 0 1 1-7.4 5M4 4.5V9h4.5M12 8v4.5l3 1.8",
    "settings": "M4 7h9M17 7h3M4 17h3M11 17h9M15 5a2 2 0 1 1 0 4 2 2 0 0 1 0-4ZM9 15a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
    "members": "M9 5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7ZM3 19.5c0-3 2.6-4.5 6-4.5s6 1.5 6 4.5M16 5.5a3.5 3.5 0 0 1 0 6.3"
    "M17.5 15.3c2.1.5 3.5 1.9 3.5 4.2",
    "search": "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM15.3 15.3 20 20",
    "earn": "M12 19V5M6 11l6-6 6 6",
    "redeem": "M12 5v14M6 13l6 6 6-6",
    "expire": "M7 4h10M7 20h10M8 4c0 4 2.5 6 4 8-1.5 2-4 4-4 8M16 4c0 4-2.5 6-4 8 1.5 2 4 4 4 8",
    "next": "m9 5 7 7-7 7",
    "back": "m15 5-7 7 7 7",
    "down": "m6 9 6 6 6-6",
    "close": "M6 6l12 12M18 6 6 18",
    "leave": "M14 5h4.5a.5.5 0 0 1 .5.5v13a.5.5 0 0 1-.5.5H14M10 8l-4 4 4 4M6 12h9",
    "open": "M13 5h6v6M19 5l-8 8M10 6H5.5a.5.5 0 0 0-.5.5v12a.5.5 0 0 0 .5.5h12a.5.5 0 0 0 .5-.5V14",
    "notice": "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16ZM12 11v5M12 8v.1",
    "email": "M4.5 6h15A1.5 1.5 0 0 1 21 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 16.5v-9A1.5 1.5 0 0 1 4.5 6ZM3.5 7.5 12 13"
    "l8.5-5.5",
    "phone": "M8 3.5h8A1.5 1.5 0 0 1 17.5 5v14a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 19V5A1.5 1.5 0 0 1 8 3.5ZM11 17.5h2",
    "line": "M12 4c5 0 9 3 9 7s-4 7-9 7c-.8 0-1.5-.1-2.2-.2L6 20.5l.5-3.8C4.3 15.4 3 13.3 3 11c0-4 4-7 9-7Z",
    "customer": "M12 4.5a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6ZM5 20c0-3.2 3-5 7-5s7 1.8 7 5",
}


def icon(name: str, size: int = 24) -> Markup:
    """Return one icon as inline SVG, hidden from assistive technology: the words beside it say the same."""
    path = _ICONS.get(name, _ICONS["notice"])
    return Markup(
        '<svg class="icon" width="{0}" height="{0}" viewBox="0 0 24 24" aria-hidden="true"><path d="{1}"/></svg>'
    ).format(size, path)


def qr(text: str, label: str) -> Markup:
    """Return a QR code of `text` as inline SVG that reads as an image named `label`; error correction is medium."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(omitsize=True, svgclass="qr", lineclass=None, border=2)
    named = drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)
    return Markup(named)  # noqa: S704 - segno writes only geometry, the label is escaped
