"""A brand's one colour, made readable: from #rrggbb to the accents of every theme, with their contrast kept. Pure.

Always true, for every colour there is: each pair of ink and ground in `PAIRS` has a contrast of at least 4.5:1 (7:1 where
high contrast is asked for), by WCAG 2.2's measure and on the colours as they are written, rounding included. The hue is
kept, the chroma is as much of the brand's own as sRGB holds at that lightness, and a colour that reads as it is stays.

Lightness, chroma and hue are OKLCH's (B. Ottosson, "A perceptual color space for image processing", 2020).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

TEXT_CONTRAST, STRONG_CONTRAST = 4.5, 7.0
WHITE = "#ffffff"

PAIRS = (("ai", "ground"), ("ai", "wash"), ("deep", "ground"), ("on", "ai"), ("on", "deep"), ("ink", "wash"))
"""What stands on what. Where text reads, the edge of a control (3:1) is seen."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The grounds that accents stand on in one theme (paper, surface, sunken), and its ink, as in web/src/tokens.css.

    `faint` are its soft ink, its hairlines and its persimmon, which a preview shows beside the accents.
    """

    grounds: tuple[str, str, str]
    ink: str
    faint: tuple[str, str, str]
    contrast: float
    is_dark: bool


THEMES: Mapping[str, Theme] = {
    "light": Theme(
        ("#faf8f4", "#fffefc", "#f3f0e9"), "#23252b", ("#5a5c63", "#e5e0d5", "#b1431a"), TEXT_CONTRAST, is_dark=False
    ),
    "dark": Theme(
        ("#15171b", "#1c1f24", "#24282e"), "#eceae4", ("#b0b3b9", "#31353c", "#f49c68"), TEXT_CONTRAST, is_dark=True
    ),
    "contrast-light": Theme(
        ("#ffffff", "#ffffff", "#f2f2f2"), "#000000", ("#2e2f33", "#767676", "#7d2a0a"), STRONG_CONTRAST, is_dark=False
    ),
    "contrast-dark": Theme(
        ("#000000", "#000000", "#1a1a1a"), "#ffffff", ("#e3e3e3", "#8c8c8c", "#ffb489"), STRONG_CONTRAST, is_dark=True
    ),
}


@dataclass(frozen=True, slots=True)
class Accents:
    """The colours of one theme, named as the tokens are: what one can do, pressed, as a faint ground, and what is written on it."""

    ai: str
    ai_deep: str
    ai_wash: str
    on_ai: str
    cord_b: str


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=512)
def accents(colour: str, theme: str) -> Accents:
    """Return a theme's accents for the brand's colour `#rrggbb`."""
    lightness, chroma, hue = _to_oklch(colour)
    at = THEMES[theme]

    def paint(level: float, most: float = 1.0) -> str:
        return _to_hex(level, min(chroma, most), hue)

    wash = paint(0.29 if at.is_dark else 0.945, 0.03)
    grounds = (*at.grounds, wash)
    up = 1 if at.is_dark else -1

    def reads(ink: str) -> bool:
        return all(contrast(ink, ground) >= at.contrast for ground in grounds)

    level = _nearest(lightness, 1.0 if at.is_dark else 0.0, lambda one: reads(paint(one)))
    ai = colour.lower() if level == lightness and reads(colour) else paint(level)
    deep_level = level + up * 0.09
    if not 0.05 < deep_level < 0.98:  # black and white have no way further: their pressed shade lies on the other side
        deep_level = _nearest(level - up * 0.09, level, lambda one: reads(paint(one)))
    deep = paint(deep_level)
    on = WHITE if not at.is_dark else _dark_ink(hue, min(chroma, 0.03), (ai, deep), at.contrast)
    cord = paint(min(0.92, max(0.2, level + (-0.22 if at.is_dark else 0.26))), chroma * 0.7)
    return Accents(ai, deep, wash, on, cord)


def stylesheet(colour: str) -> str:
    """Return the tokens that a brand's colour replaces, for every theme.

    The card stays bright, so that a scanner reads it: it has the light accents in every theme.
    """
    light, dark = accents(colour, "light"), accents(colour, "dark")
    strong = _tokens(accents(colour, "contrast-light"), accents(colour, "contrast-dark"))
    return (
        f":root{{{_tokens(light, dark)}}}\n"
        f":root[data-theme=contrast]{{{strong}}}\n"
        f"@media (prefers-contrast:more){{:root:not([data-theme=light],[data-theme=dark]){{{strong}}}}}\n"
        f":root .card-page{{{_tokens(light, light)}}}\n"
    )


def preview(colour: str, root: str) -> str:
    """Return the tokens of a miniature within a page that keeps its own: `root-light` and `root-dark`, whatever the theme."""
    parts = []
    for name in ("light", "dark"):
        theme, made = THEMES[name], accents(colour, name)
        names = ("paper", "surface", "sunken", "ink", "ink-soft", "hairline", "kaki")
        grounds = dict(zip(names, (*theme.grounds, theme.ink, *theme.faint), strict=True))
        plain = "".join(f"--{token}:{shade};" for token, shade in grounds.items())
        parts.append(f"{root}-{name}{{{plain}{_tokens(made, made)}}}\n")
    return "".join(parts)


def _tokens(light: Accents, dark: Accents) -> str:
    pairs = {
        "ai": (light.ai, dark.ai),
        "ai-deep": (light.ai_deep, dark.ai_deep),
        "ai-wash": (light.ai_wash, dark.ai_wash),
        "on-ai": (light.on_ai, dark.on_ai),
        "cord-a": (light.ai, dark.ai),
        "cord-b": (light.cord_b, dark.cord_b),
    }
    return "".join(
        f"--{name}:{one if one == other else f'light-dark({one},{other})'};" for name, (one, other) in pairs.items()
    )


def _nearest(start: float, end: float, holds: Callable[[float], bool]) -> float:
    """Return the level nearest to `start`, on the way to `end`, at which `holds`; contrast grows along the way."""
    if holds(start):
        return start
    near, far = start, end
    for _ in range(12):
        middle = (near + far) / 2
        near, far = (near, middle) if holds(middle) else (middle, far)
    return far


def _dark_ink(hue: float, chroma: float, grounds: tuple[str, ...], least: float) -> str:
    """Return a very dark shade of the hue that reads on the (light) accents; black if nothing lighter does."""
    level = 0.24
    while level > 0 and any(contrast(_to_hex(level, chroma, hue), ground) < least for ground in grounds):
        level -= 0.04
    return _to_hex(max(level, 0.0), chroma, hue)


# Between spaces


def _channels(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue, 0 to 1, as light adds up."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _curved(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


@lru_cache(maxsize=4096)
def _luminance(colour: str) -> float:
    red, green, blue = _channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_oklch(colour: str) -> tuple[float, float, float]:
    """Return lightness (0 to 1), chroma (0 for greys) and hue (radians)."""
    red, green, blue = _channels(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    chroma = math.hypot(a, b)
    return lightness, chroma if chroma > 1e-4 else 0.0, math.atan2(b, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """Return red, green and blue as light; outside 0 to 1 where sRGB does not hold the colour."""
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _to_hex(lightness: float, chroma: float, hue: float) -> str:
    """Return the colour as #rrggbb, with the most chroma up to `chroma` that sRGB holds."""
    most = chroma
    if not _fits(_from_oklch(lightness, chroma, hue)):
        least = 0.0
        for _ in range(12):
            middle = (least + most) / 2
            least, most = (middle, most) if _fits(_from_oklch(lightness, middle, hue)) else (least, middle)
        most = least
    light = (_curved(min(1.0, max(0.0, one))) for one in _from_oklch(lightness, most, hue))
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in light)


def _fits(channels: tuple[float, float, float]) -> bool:
    return all(-1e-4 <= channel <= 1 + 1e-4 for channel in channels)
