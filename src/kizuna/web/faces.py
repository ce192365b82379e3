"""Turns views into pages: one Jinja2 environment for both faces, strict about every name, escaping everything.

Pure given its arguments: no request, no database, no clock. A template sees its `Face` as `face`, its own facts, and the
helpers of `_helpers`, which speak the face's language. Shared parts are imported `with context`, so that they speak it too.
"""

import json
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from types import FunctionType
from typing import Any
from urllib.parse import urlencode

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from kizuna.core.errors import N_, Kind, Problem
from kizuna.web import tell, why, why_operations, words
from kizuna.web.icons import icon
from kizuna.web.offer import LadderView
from kizuna.web.views import BrandView, EntryView, TierView, UnitView

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
TEMPLATES = tuple(HERE / face / "templates" for face in ("", "console", "member", "landing", "backtest"))

PRODUCT = "Kizuna"
THEMES = ("system", "light", "dark", "contrast")
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
class Toast:
    """What has just happened: `words` is a message id that `facts` fill; `undo` takes it back, sending `fields`."""

    words: str
    tone: str = "gain"
    facts: Mapping[str, str] = field(default_factory=dict)
    undo: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Face:
    """What every page knows beside its own facts. `path` is the address shown, with its query, for the language switch.

    `open_jobs` run or wait; `unseen` ended since the person last looked at the notices; `approvals` wait for a
    second person.
    """

    brand: BrandView | None
    lang: str
    user_email: str | None = None
    csrf_token: str = ""
    path: str = "/"
    asset: Callable[[str], str] = field(default_factory=assets)
    theme: str = THEMES[0]
    open_jobs: int = 0
    unseen: int = 0
    approvals: int = 0
    toast: Toast | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages on offer: the brand's own that we speak, or all of ours."""
        offered = self.brand.languages if self.brand else words.LANGUAGES
        return tuple(lang for lang in offered if lang in words.LANGUAGES) or words.LANGUAGES


class _Context(Context):
    """Calls helpers and macros at once: none of ours asks for the context, and a page makes some hundred calls."""

    def call(self, called: Any, *args: Any, **facts: Any) -> Any:
        """Call what a template names."""
        if type(called) in _PLAINLY_CALLED:
            facts.pop("_block_vars", None)  # Jinja hands its own scopes along, for what asks for the context
            facts.pop("_loop_vars", None)
            return called(*args, **facts)
        return super().call(called, *args, **facts)


_PLAINLY_CALLED = frozenset({FunctionType, partial, type(icon), Macro})


class _Environment(Environment):
    """Hands its globals out as one plain dict: each import of a part walks them, and a chain of maps walks slowly."""

    context_class = _Context

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the environment's globals under the template's own."""
        return {**self.globals, **(d or {})}


def environment() -> Environment:
    """Return a fresh environment; `render` keeps one."""
    made = _Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(
        icon=icon,
        qr=qr,
        query=query,
        sum_list=sum_list,
        product=PRODUCT,
        language_names=LANGUAGE_NAMES,
        operations=why_operations.KINDS,
        still=why.STILL,
        htmx_config=HTMX_CONFIG,
        themes=THEMES,
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
        "entry_points": partial(entry_figure, lang),
        "kind_name": lambda kind: why.kind_name(kind, lang),
        "unit_points": partial(unit_figure, lang),
    }
    for name in ("day", "short_day", "month"):
        bound[name] = _dated(getattr(words, name), lang)
    bound["said"] = lambda text: words.brand_words(text, lang)
    if brand is not None:
        bound["money"] = lambda amount: _money(amount, brand, lang)
        bound["counted"] = lambda track, n: counted(track, n, brand, lang)
        bound["telling"] = tell.teller(brand.currency, lang)
        bound["local"] = lambda at: words.local(at, brand)
        bound["why"] = lambda entry: _why(entry, brand, lang)
    return bound


def _dated(write: Callable[[date, str], str], lang: str) -> Callable[[date | datetime], str]:
    return lambda when: write(when.date() if isinstance(when, datetime) else when, lang)


def _money(amount: int, brand: BrandView, lang: str) -> Markup:
    return Markup(f'<span class="figure">{words.money(amount, brand.currency, lang)}</span>')  # noqa: S704 - digits and a sign


def _why(entry: EntryView, brand: BrandView, lang: str) -> Mapping[str, object]:
    return {
        "sentence": why.why_sentence(entry, brand, lang),
        "arithmetic": why.why_arithmetic(entry, brand, lang),
    }


def figure(lang: str, n: int) -> Markup:
    """Return points as a figure with its smaller unit."""
    count, unit = words.points(n, lang).split("\N{NO-BREAK SPACE}")
    return Markup(f'<span class="figure">{count}<span class="unit">{unit}</span></span>')  # noqa: S704 - digits and our unit


def unit_figure(lang: str, n: int, unit: UnitView | None = None) -> Markup:
    """Return points of a unit as a figure: the main unit's as pt, a card's stamps counted, others with their unit's name."""
    if unit is None or unit.is_main:
        return figure(lang, n)
    return Markup(f'<span class="figure">{escape(why.unit_points(n, unit, lang))}</span>')  # noqa: S704 - escaped


def signed_figure(
    lang: str, n: int, unit: UnitView | None = None, *, is_lost: bool = False, waits: bool = False
) -> Markup:
    """Return a change of points with sign and unit: green for gain, amber while it waits, red when lost, else ink."""
    tone = "waits" if waits else "gain" if n > 0 else "loss" if is_lost else "even"
    if unit is not None and not unit.is_main:
        sign, name = words.number(n) if n <= 0 else f"+{words.number(n)}", escape(words.brand_words(unit.name, lang))
        return Markup(f'<span class="figure {tone}">{sign}<span class="unit unit-name">{name}</span></span>')  # noqa: S704 - as above
    count, sign = words.signed_points(n, lang).split("\N{NO-BREAK SPACE}")
    return Markup(f'<span class="figure {tone}">{count}<span class="unit">{sign}</span></span>')  # noqa: S704 - as above


def entry_figure(lang: str, entry: EntryView) -> Markup:
    """Return an entry's points as its line shows them."""
    if entry.kind in why.STILL:
        return unit_figure(lang, abs(entry.points), entry.unit)
    tone = why.tone(entry)
    return signed_figure(lang, entry.points, entry.unit, is_lost=tone == "loss", waits=tone == "waits")


def counted(track: TierView | LadderView, n: int, brand: BrandView, lang: str) -> Markup:
    """Return a figure of a track: money, purchases, or points of its unit."""
    if track.by == "spend":
        return _money(n, brand, lang)
    if track.by == "visits":
        text = words.translate_n(lang, N_("{n} purchase"), "{n} purchases", n)
        return Markup(f'<span class="figure">{escape(text)}</span>')  # noqa: S704 - escaped
    return unit_figure(lang, n, track.unit)


def sum_list(lines: Sequence[tuple[str, str]]) -> Markup:
    """Return the lines of an arithmetic as a list, the last as its total: a page holds many, and joins them in one go."""
    rows = [f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in lines]
    total = rows.pop().replace("<dd>", '<dd class="sum-total">') if rows else ""
    return Markup(f'<dl class="sum">{"".join(rows)}{total}</dl>')  # noqa: S704 - every line is escaped


def query(**facts: object) -> str:
    """Return a query string of the facts that are not empty, with its question mark."""
    kept = {name: fact for name, fact in facts.items() if fact not in (None, "")}
    return f"?{urlencode(kept)}" if kept else ""


@lru_cache(maxsize=1024)  # drawing one takes longer than the rest of a card
def qr(text: str, label: str) -> Markup:
    """Return a QR code of `text` as inline SVG that reads as an image named `label`; error correction is medium."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(omitsize=True, svgclass="qr", lineclass=None, border=2)
    named = drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)
    return Markup(named)  # noqa: S704 - segno writes only geometry, the label is escaped
