"""The report of a back-test as one page: pure functions of results, a language and a currency."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kizuna.core.errors import N_
from kizuna.simulate import Axis
from kizuna.web.backtest.grid import maps
from kizuna.web.backtest.limits import limits
from kizuna.web.backtest.parts import design
from kizuna.web.backtest.sides import sides
from kizuna.web.backtest.telling import Voice, assumption, period
from kizuna.web.backtest.views import Design, Page, Table
from kizuna.web.faces import STATIC, Face, assets, render
from kizuna.web.views import BrandView

STYLES = "backtest.css"


def report(
    results: Sequence[Mapping[str, Any]],
    comparisons: Sequence[Mapping[str, Any]],
    variation: Mapping[str, Any],
    *,
    lang: str,
    currency: str,
    standalone: bool,
    brand: str = "",
    notes: Sequence[str] = (),
    grid: Mapping[str, Any] | None = None,
) -> str:
    """Return results as one HTML page, without script. With `standalone` its styles lie within it, else at their address.

    `results` are of `kizuna.simulate.told`, `comparisons` of `winners`, `variation` of `variation`; `notes` are remarks about what the
    history left out. `grid` are variants of the first design: `axes` by `place` and `values`, `variants` by `values` and totals.
    """
    voice = Voice(lang, currency)
    designs = [design(one, variation, lang, currency, number) for number, one in enumerate(results, start=1)]
    page = Page(
        title=_title(designs, voice),
        about=_about(results[0], brand, voice),
        designs=designs,
        sides=sides(results, comparisons, lang, currency) if len(results) > 1 or comparisons else None,
        maps=_maps(grid, lang, currency) if grid and grid["variants"] else (),
        limits=_limits(results, designs, voice),
        notes=notes,
    )
    return shown(page, lang, currency, standalone=standalone)


def grid_report(
    axes: Sequence[Axis],
    rows: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]],
    *,
    lang: str,
    currency: str,
    standalone: bool,
    brand: str = "",
) -> str:
    """Return what many variants come to as one HTML page: `rows` are the values of each variant and its `told`."""
    voice, first = Voice(lang, currency), rows[0][1]
    page = Page(
        title=voice.words(N_("Back-test of {variants}"), variants=voice.count(N_("{n} variant"), "{n} variants", len(rows))),
        about=_about(first, brand, voice),
        assumption=assumption(first, voice),
        maps=maps(axes, rows, lang, currency),
        limits=limits(first, voice),
    )  # fmt: skip
    return shown(page, lang, currency, standalone=standalone)


def _maps(grid: Mapping[str, Any], lang: str, currency: str) -> Sequence[Table]:
    axes = [Axis(axis["place"], axis["values"]) for axis in grid["axes"]]
    return maps(axes, [(tuple(one["values"]), one) for one in grid["variants"]], lang, currency)


def shown(page: Page, lang: str, currency: str, *, standalone: bool) -> str:
    """Return a report as text."""
    return render(_face(lang, currency), "backtest/report.html", page=page, style=_style(standalone=standalone))


def _face(lang: str, currency: str) -> Face:
    brand = BrandView("", "", currency, "UTC", (lang,), {}, {}, is_demo=False)
    return Face(brand, lang)


def _style(*, standalone: bool) -> Markup:
    """Return the styles: within the page, so that it is one file, or by their address."""
    address = assets()(STYLES)
    if not standalone:
        return Markup(
            '<link rel="icon" href="/static/mark.svg" type="image/svg+xml"><link rel="stylesheet" href="{}">'
        ).format(address)
    text = (STATIC / address.removeprefix("/static/")).read_text(encoding="utf-8")
    return Markup(f"<style>{text}</style>")  # noqa: S704 - our own built styles


def _title(designs: Sequence[Design], voice: Voice) -> str:
    if len(designs) == 1:
        return voice.words(N_("Back-test: {design}"), design=designs[0].name)
    return voice.count(N_("Back-test: {n} design"), "Back-test: {n} designs", len(designs))


def _about(told: Mapping[str, Any], brand: str, voice: Voice) -> str:
    days = period(told, voice)
    return voice.words(N_("{brand}, {period}"), brand=brand, period=days) if brand else days


def _limits(results: Sequence[Mapping[str, Any]], designs: Sequence[Design], voice: Voice) -> Sequence[str]:
    """Return what has to be kept in mind, once."""
    if len(results) == 1:
        return designs[0].limits
    return list(dict.fromkeys(line for one in results for line in limits(one, voice)))
