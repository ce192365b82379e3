"""The style page as text: a pure function of a face. It shows the parts themselves, so it cannot fall behind them."""

from kizuna.web.faces import Face, render
from kizuna.web.icons import ICONS

COLOURS = (
    ("paper", "surface", "sunken", "hairline", "edge", "ink", "ink-soft"),
    ("ai", "ai-deep", "ai-wash", "kaki", "kaki-bar", "kaki-wash"),
    ("matcha", "matcha-wash", "beni", "beni-wash", "amber", "amber-wash"),
    ("tier-0", "tier-1", "tier-2", "tier-3", "tier-4"),
    ("chart-1", "chart-2", "chart-3", "chart-4", "chart-5", "chart-6"),
)
"""The tokens of web/src/tokens.css, by purpose."""


def style_page(face: Face) -> str:
    """Return every part of the design system with sample words."""
    return render(face, "console/style.html", colours=COLOURS, icons=sorted(ICONS), section="style", here=True)
