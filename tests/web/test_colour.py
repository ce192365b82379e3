"""A brand's colour in every theme: each pair reads whatever the colour is, and the hue stays the brand's."""

import colorsys
import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.web.colour import THEMES, accents, contrast, preview, stylesheet
from kizuna.web.colour import _to_oklch as oklch

TOKENS = (Path(__file__).parents[2] / "web" / "src" / "tokens.css").read_text(encoding="utf-8")
EDGES = [
    "#ffff00",
    "#000000",
    "#ffffff",
    "#808080",
    "#ff0000",
    "#00ff00",
    "#0000ff",
    "#00ffff",
    "#ff00ff",
    "#fefefe",
    "#010101",
]
COLOURS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


def check(colour: str) -> None:
    for name, theme in THEMES.items():
        made = accents(colour, name)
        grounds = (*theme.grounds, made.ai_wash)
        pairs = [(ink, ground) for ink in (made.ai, made.ai_deep) for ground in grounds]
        pairs += [(made.on_ai, made.ai), (made.on_ai, made.ai_deep), (theme.ink, made.ai_wash)]
        for ink, ground in pairs:
            assert contrast(ink, ground) >= theme.contrast, f"{colour} in {name}: {ink} on {ground}"
        assert made.ai != made.ai_deep, f"{colour} in {name}: one sees no press"
        assert contrast(made.ai_wash, theme.grounds[0]) < 2, f"{colour} in {name}: the wash is a ground"


@settings(max_examples=400, deadline=None)
@given(COLOURS)
def test_every_colour_reads_in_every_theme(colour):
    check(colour)


@pytest.mark.parametrize("hue", range(0, 360, 5))
def test_every_hue_reads_at_its_most_vivid(hue):
    red, green, blue = colorsys.hsv_to_rgb(hue / 360, 1, 1)
    check("#" + "".join(f"{round(channel * 255):02x}" for channel in (red, green, blue)))


@pytest.mark.parametrize("colour", EDGES)
def test_the_corners_of_the_cube_read(colour):
    check(colour)


@settings(max_examples=200, deadline=None)
@given(COLOURS)
def test_the_hue_stays(colour):
    _, chroma, hue = oklch(colour)
    for name in THEMES:
        _, kept, found = oklch(accents(colour, name).ai)
        if chroma > 0.05 and kept > 0.05:
            turn = abs(math.remainder(found - hue, math.tau))
            assert turn < 0.06, f"{colour} in {name} turned by {math.degrees(turn):.1f}°"
        if chroma == 0:
            assert kept < 0.01, f"{colour} is a grey and stays one"


def test_a_colour_that_reads_stays_as_it_is():
    assert accents("#1c4c7d", "light").ai == "#1c4c7d"
    assert accents("#e60033", "light").ai != "#ffffff"
    assert accents("#9cc3e8", "dark").ai == "#9cc3e8"


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


def test_the_grounds_are_those_of_the_tokens():
    def said(name: str, at: int) -> list[tuple[str, str]]:
        return re.findall(rf"--{name}: light-dark\((#\w+), (#\w+)\)", TOKENS)[at]

    for at, (light, dark) in enumerate((("light", "dark"), ("contrast-light", "contrast-dark"))):
        for name in ("paper", "surface", "sunken"):
            one, other = said(name, at)
            assert one in THEMES[light].grounds
            assert other in THEMES[dark].grounds
        assert said("ink", at) == (THEMES[light].ink, THEMES[dark].ink)


def test_a_preview_has_the_grounds_of_the_tokens():
    names = ("ink-soft", "hairline", "kaki")
    for at, (light, dark) in enumerate((("light", "dark"), ("contrast-light", "contrast-dark"))):
        for place, name in enumerate(names):
            found = re.findall(rf"--{name}: light-dark\((#\w+), (#\w+)\)", TOKENS)[at]
            assert found == (THEMES[light].faint[place], THEMES[dark].faint[place])
    text = preview("#c2410c", ".phone")
    assert ".phone-light{--paper:#faf8f4;" in text
    assert ".phone-dark{--paper:#15171b;" in text
    assert "light-dark" not in text


def test_the_stylesheet_replaces_tokens_and_nothing_else():
    text = stylesheet("#c2410c")
    names = set(re.findall(r"--([a-z-]+):", text))
    assert names == {"ai", "ai-deep", "ai-wash", "on-ai", "cord-a", "cord-b"}
    assert all(f"--{name}:" in TOKENS for name in names)
    assert text.count("{") == text.count("}")
    assert "url(" not in text
