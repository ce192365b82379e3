"""Small reference pictures of every screen, one sheet a screen: what a screen looked like when somebody last looked at it.

A picture is the screen scaled down and cut at a height, so that text blurs into tone and fonts of another machine hardly matter,
while a part that moved, vanished, turned dark or overflowed does. KIZUNA_REFERENCES=write keeps what is seen now; look at the
sheets in tests/references/ before you commit them.
"""

import io
import os
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter, ImageStat

SHEETS = Path(__file__).parent / "references"
WIDTHS = {360: 90, 768: 128, 1440: 180}
HEIGHT_MAX = 360
GAP = 4
TONE_MAX = 7.0
"""Mean difference of a blurred picture, of 255: another machine's fonts make about 1, a missing card more than 8."""
PATCH, PATCH_MAX = 15, 70.0
"""Side of a patch in pixels, and its greatest mean difference: a button that changed its colour shows here."""
LENGTH_TOLERANCE = 0.06


def small(picture: bytes, width: int) -> Image.Image:
    """Return a screenshot of a page `width` wide as its small picture."""
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    scale = WIDTHS[width] / whole.width
    made = whole.resize((WIDTHS[width], max(1, round(whole.height * scale))), Image.Resampling.BOX)
    return made.crop((0, 0, made.width, min(made.height, HEIGHT_MAX)))


def compare(seen: Image.Image, kept: Image.Image) -> str | None:
    """Return how `seen` differs from `kept` more than another machine would explain, None if it does not."""
    if abs(seen.height - kept.height) > max(4, LENGTH_TOLERANCE * kept.height):
        return f"is {seen.height} high, was {kept.height}"
    height = min(seen.height, kept.height)
    pair = [one.crop((0, 0, one.width, height)).filter(ImageFilter.BoxBlur(2)) for one in (seen, kept)]
    difference = ImageChops.difference(*pair).convert("L")
    tone = ImageStat.Stat(difference).mean[0]
    patches = difference.resize((max(1, seen.width // PATCH), max(1, height // PATCH)), Image.Resampling.BOX)
    worst = patches.getextrema()[1]
    if tone > TONE_MAX or worst > PATCH_MAX:
        return f"differs by {tone:.1f} (at most {TONE_MAX}), in one patch by {worst} (at most {PATCH_MAX:.0f})"
    return None


def check(name: str, seen: Mapping[str, Image.Image]) -> list[str]:
    """Compare a screen's pictures, by place, with its sheet; write the sheet instead when asked to. Returns what is wrong."""
    sheet = SHEETS / f"{name}.webp"
    if os.environ.get("KIZUNA_REFERENCES") == "write":
        _write(sheet, seen)
        return []
    how = "look at it, then keep it: make references"
    if not sheet.exists():
        return [f"{name} has no reference picture; {how}"]
    kept = _read(sheet, seen)
    remarks = []
    for place, picture in seen.items():
        before = kept.get(place)
        fault = "was not there" if before is None else compare(picture, before)
        if fault:
            remarks.append(f"{name} {place} {fault}; {how}")
    return remarks


def _write(sheet: Path, seen: Mapping[str, Image.Image]) -> None:
    SHEETS.mkdir(exist_ok=True)
    height = max(picture.height for picture in seen.values())
    whole = Image.new("RGB", (sum(one.width + GAP for one in seen.values()), height), (255, 0, 255))
    left = 0
    for picture in seen.values():
        whole.paste(picture, (left, 0))
        left += picture.width + GAP
    whole.save(sheet, quality=70, method=6)


def _read(sheet: Path, seen: Mapping[str, Image.Image]) -> dict[str, Image.Image]:
    """Return the pictures of a sheet; they stand in the order in which they are seen, magenta below and between."""
    whole = Image.open(sheet).convert("RGB")
    found: dict[str, Image.Image] = {}
    left = 0
    for place, picture in seen.items():
        if left + picture.width > whole.width:
            break
        column = whole.crop((left, 0, left + picture.width, whole.height))
        found[place] = column.crop((0, 0, column.width, _length(column)))
        left += picture.width + GAP
    return found


def _length(column: Image.Image) -> int:
    """Return where a picture ends: below it lies magenta."""
    red, green, blue = column.resize((1, column.height), Image.Resampling.BOX).split()
    rows = zip(red.getdata(), green.getdata(), blue.getdata(), strict=True)
    return next((at for at, (r, g, b) in enumerate(rows) if r > 220 and g < 60 and b > 220), column.height)
