"""The drawings: SVG with classes for colour, so that one drawing serves every theme; no style, no script, no text that is cut."""

from collections.abc import Sequence

from markupsafe import Markup

from kizuna.web.charts.model import Chart, Scale, Segment, Series, hundredths, joined

PLOT_PX = 240
FOOT_PX = 28
HEAD_PX = 12
LABEL_PX = 18
WIDTH_MAX = 8_00
FEW = 5
"""So many places have room for their names everywhere."""
SPARK_PX = 32
SPARK_EDGE_PX = 3
STACK_HEAD_PX = 20
STACK_PX = 24
STACK_WIDTH_PX = 290
WHOLE = 100_00
"""Hundredths of a per cent across the plot."""


def chart(drawn: Chart, lang: str) -> Markup:
    """Return the drawing of a chart in three parts: the axis, the plot, and each series named where it ends.

    It is for the eye; the words for it are `told.alternative`.
    """
    axis = drawn.scale
    return joined([_axis(drawn, axis, lang), _plot(drawn, axis), _names(drawn, axis)])


def _y(value: int, axis: Scale) -> int:
    """Return how far below the top edge a value lies, in hundredths of a pixel."""
    return HEAD_PX * 100 + (axis.top - value) * PLOT_PX * 100 // (axis.top - axis.low)


def _text_px(text: str) -> int:
    """Return about how wide a text is at 12 px: a full-width sign takes 12, any other 7."""
    return sum(12 if ord(sign) > 0x2E7F else 7 for sign in text)


def _axis(drawn: Chart, axis: Scale, lang: str) -> Markup:
    texts = [(drawn.ticked(tick, lang), _y(tick, axis)) for tick in axis.ticks]
    width = max(_text_px(text) for text, _ in texts) + 8
    drawn_texts = [
        Markup('<text x="{}" y="{}" dy=".35em" text-anchor="end">{}</text>').format(width - 8, hundredths(y), text)
        for text, y in texts
    ]
    return _svg("chart-axis", joined(drawn_texts), width)


def _svg(name: str, inside: Markup, width: int | str = "100%") -> Markup:
    return Markup('<svg class="{}" width="{}" height="{}" aria-hidden="true" focusable="false">{}</svg>').format(
        name, width, HEAD_PX + PLOT_PX + FOOT_PX, inside
    )


def _plot(drawn: Chart, axis: Scale) -> Markup:
    places = len(drawn.labels)
    rules = [
        Markup('<line class="{}" x1="0" x2="100%" y1="{y}" y2="{y}"/>').format(
            "chart-base" if tick == 0 else "chart-rule", y=hundredths(_y(tick, axis))
        )
        for tick in axis.ticks
    ]
    bands = [_band(drawn, band.name, band.first, band.last) for band in drawn.bands]
    columns = [one for one in drawn.series if one.mark == "column"]
    lines = [one for one in drawn.series if one.mark == "line"]
    shapes = [_hatches(drawn.id, columns), *bands, *rules]
    for place in range(places):
        shapes += _columns(drawn, columns, place, axis)
    shapes += [_line(one, turn, axis) for turn, one in enumerate(lines)]
    shapes += [_dots(one, turn, axis) for turn, one in enumerate(lines)]
    shapes += [_place_name(name, place, places) for place, name in enumerate(drawn.short)]
    return _svg("chart-field chart-mixed" if lines else "chart-field", joined(shapes))


def _middle(place: int, places: int) -> int:
    return (2 * place + 1) * WHOLE // (2 * places)


def _band(drawn: Chart, name: str, first: int, last: int) -> Markup:
    places = len(drawn.labels)
    x, width = first * WHOLE // places, (last - first + 1) * WHOLE // places
    return Markup(
        '<rect class="chart-band" x="{x}%" y="0" width="{w}%" height="{h}"/>'
        '<text class="chart-band-name" x="{x}%" dx="4" y="11">{name}</text>'
    ).format(x=hundredths(x), w=hundredths(width), h=HEAD_PX + PLOT_PX, name=name)


def _hatches(name: str, columns: Sequence[Series]) -> Markup:
    """Return a pattern for every series of columns but the first, so that they differ without colour."""
    return joined(
        [
            Markup(
                '<pattern id="{}-{}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate({})">'
                '<rect width="6" height="6" class="fill-{}"/><path class="chart-hatch" d="M0 0V6"/></pattern>'
            ).format(name, turn, 45 if turn % 2 else -45, one.colour)
            for turn, one in enumerate(columns)
            if turn
        ]
    )


def _columns(drawn: Chart, columns: Sequence[Series], place: int, axis: Scale) -> list[Markup]:
    if not columns:
        return []
    side = 1 if drawn.stacked else len(columns)
    band = WHOLE // len(drawn.labels)
    width = min(band * 64 // 100, WIDTH_MAX * side) // side
    left = _middle(place, len(drawn.labels)) - width * side // 2
    shapes, below = [], 0
    for turn, one in enumerate(columns):
        value = one.values[place]
        if value:
            low, high = (below, below + value) if drawn.stacked else (min(0, value), max(0, value))
            below += value if drawn.stacked else 0
            top, foot = _y(high, axis), _y(low, axis)
            shapes.append(
                Markup('<rect {} x="{}%" y="{}" width="{}%" height="{}" rx="{}"/>').format(
                    _filled(drawn.id, one, turn, is_open=place == drawn.open_at),
                    hundredths(left + (0 if drawn.stacked else turn * width)),
                    hundredths(top),
                    hundredths(width),
                    hundredths(foot - top),
                    0 if drawn.stacked else 2,
                )
            )
    return shapes


def _filled(name: str, one: Series, turn: int, *, is_open: bool = False) -> Markup:
    """Return how a column is filled: the first series plain, every other by its own hatch, a place that is not over paler."""
    kind = " ".join([*([f"fill-{one.colour}"] if turn == 0 else []), "chart-column", *(["is-open"] if is_open else [])])
    hatch = Markup(' fill="url(#{}-{})"').format(name, turn) if turn else ""
    return Markup('class="{}"{}').format(kind, hatch)


def _line(one: Series, turn: int, axis: Scale) -> Markup:
    """Return a line that stops where a value is missing; its box stretches, its stroke does not."""
    steps, pen = [], "M"
    for place, value in enumerate(one.values):
        if value is None:
            pen = "M"
            continue
        steps.append(f"{pen}{_middle(place, len(one.values))} {hundredths(_y(value, axis))}")
        pen = "L"
    return Markup(
        '<svg width="100%" height="{h}" viewBox="0 0 {w} {h}" preserveAspectRatio="none">'
        '<path class="chart-line line-{c} dash-{t}" d="{d}" vector-effect="non-scaling-stroke"/></svg>'
    ).format(h=HEAD_PX + PLOT_PX, w=WHOLE, c=one.colour, t=turn % 3, d="".join(steps))


def _dots(one: Series, turn: int, axis: Scale) -> Markup:
    return joined(
        [
            _shape(turn, one.colour, f"{hundredths(_middle(place, len(one.values)))}%", hundredths(_y(value, axis)))
            for place, value in enumerate(one.values)
            if value is not None
        ]
    )


def _shape(turn: int, colour: int, x: str, y: str) -> Markup:
    """Return the mark of a line's values: a disc, a square, a ring."""
    if turn % 3 == 1:
        return Markup('<rect class="fill-{}" x="{}" y="{}" width="6" height="6" transform="translate(-3 -3)"/>').format(
            colour, x, y
        )
    kind = "chart-ring line" if turn % 3 else "fill"
    return Markup('<circle class="{}-{}" cx="{}" cy="{}" r="3"/>').format(kind, colour, x, y)


def _place_name(name: str, place: int, places: int) -> Markup:
    """Return a place's name on the axis; narrow charts of many keep every second, third or sixth, counted from the last."""
    back = places - 1 - place
    kept = [f"keep-{every}" for every in (2, 3, 6) if back % every == 0 or places <= FEW]
    return Markup('<text class="chart-place {}" x="{}%" y="{}" text-anchor="middle">{}</text>').format(
        " ".join(kept), hundredths(_middle(place, places)), HEAD_PX + PLOT_PX + 20, name
    )


def _names(drawn: Chart, axis: Scale) -> Markup:
    """Return each series named at the height where it ends, moved apart where two would meet."""
    ends: list[tuple[int, int, Series]] = []
    below, lines, columns = 0, 0, 0
    for one in drawn.series:
        last = next((value for value in reversed(one.values) if value is not None), None)
        if last is None:
            continue
        height = below + last // 2 if drawn.stacked and one.mark == "column" else last
        below += last if drawn.stacked and one.mark == "column" else 0
        turn = lines if one.mark == "line" else columns
        lines, columns = lines + (one.mark == "line"), columns + (one.mark == "column")
        ends.append((_y(height, axis) // 100, turn, one))
    ends.sort(key=lambda end: end[0])
    width = max((_text_px(one.name) for _, _, one in ends), default=0) + 24
    places = apart([y for y, _, _ in ends])
    return _svg(
        "chart-names chart-mixed" if lines else "chart-names",
        joined([_name(drawn.id, one, turn, y) for (_, turn, one), y in zip(ends, places, strict=True)]),
        width,
    )


def apart(heights: Sequence[int]) -> list[int]:
    """Return rising heights moved as little as keeps them a line apart and within the plot: up first, down where that ends."""
    moved: list[int] = []
    foot = HEAD_PX + PLOT_PX
    for y in reversed(heights):
        moved.append(min(y, foot))
        foot = moved[-1] - LABEL_PX
    moved.reverse()
    head = HEAD_PX
    for place, y in enumerate(moved):
        moved[place] = max(y, head)
        head = moved[place] + LABEL_PX
    return moved


def _name(name: str, one: Series, turn: int, y: int) -> Markup:
    if one.mark == "line":
        sign = Markup('<path class="chart-line line-{} dash-{}" d="M0 {y}h16"/>{}').format(
            one.colour, turn % 3, _shape(turn, one.colour, "8", str(y)), y=y
        )
    else:
        sign = Markup('<rect {} x="3" y="{}" width="10" height="10" rx="2"/>').format(_filled(name, one, turn), y - 5)
    return Markup('{}<text x="20" y="{}" dy=".35em">{}</text>').format(sign, y, one.name)


def sparkline(values: Sequence[int | None], label: str, *, columns: bool = False, colour: int = 1) -> Markup:
    """Return a small chart that stands beside a figure; `label` says it in words. Empty where fewer than two values are known.

    Columns (what flows) begin at zero. A line (what stands) shows its own range, yet never less than a tenth of its height.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup()
    if columns:
        low, top = min(0, *known), max(1, *known)
    else:
        room = max(max(known) - min(known), abs(max(known)) // 10, 1)
        low = (min(known) + max(known) - room) // 2
        low = max(0, low) if min(known) >= 0 else low
        top = low + room
    heights = [
        None
        if value is None
        else SPARK_EDGE_PX * 100 + (top - value) * (SPARK_PX - 2 * SPARK_EDGE_PX) * 100 // (top - low)
        for value in values
    ]
    inside = _spark_columns(heights, colour) if columns else _spark_line(heights, colour)
    return Markup('<svg class="spark" width="100%" height="{}" role="img" aria-label="{}">{}</svg>').format(
        SPARK_PX, label, inside
    )


def _spark_columns(heights: Sequence[int | None], colour: int) -> Markup:
    band, foot = WHOLE // len(heights), (SPARK_PX - SPARK_EDGE_PX) * 100
    return joined(
        [
            Markup('<rect class="fill-{}" x="{}%" y="{}" width="{}%" height="{}"/>').format(
                colour,
                hundredths(place * WHOLE // len(heights) + band // 8),
                hundredths(y),
                hundredths(band * 3 // 4),
                hundredths(foot - y),
            )
            for place, y in enumerate(heights)
            if y is not None and y < foot
        ]
    )


def _spark_line(heights: Sequence[int | None], colour: int) -> Markup:
    inset = 1_50  # so that the last dot is whole
    steps, pen, end = [], "M", (0, 0)
    for place, y in enumerate(heights):
        if y is None:
            pen = "M"
            continue
        end = (inset + place * (WHOLE - 2 * inset) // max(1, len(heights) - 1), y)
        steps.append(f"{pen}{end[0]} {hundredths(y)}")
        pen = "L"
    return Markup(
        '<svg width="100%" height="{h}" viewBox="0 0 {w} {h}" preserveAspectRatio="none">'
        '<path class="chart-line line-{c}" d="{d}" vector-effect="non-scaling-stroke"/></svg>'
        '<circle class="fill-{c}" cx="{x}%" cy="{y}" r="3"/>'
    ).format(h=SPARK_PX, w=WHOLE, c=colour, d="".join(steps), x=hundredths(end[0]), y=hundredths(end[1]))


def bar(part: int, whole: int, colour: int = 1) -> Markup:
    """Return a horizontal bar that fills `part` of `whole`; the figure beside it says the same, so it is for the eye alone."""
    share = min(WHOLE, max(0, part) * WHOLE // whole) if whole > 0 else 0
    return Markup(
        '<svg class="share" width="100%" height="8" aria-hidden="true" focusable="false">'
        '<rect class="share-ground" width="100%" height="8" rx="2"/><rect class="fill-{}" width="{}%" height="8" rx="2"/></svg>'
    ).format(colour, hundredths(share))


def stack(segments: Sequence[Segment], label: str) -> Markup:
    """Return a whole as one row of its parts, each named above where it has room; `label` says it in words."""
    whole = sum(segment.value for segment in segments)
    shapes, left = [], 0
    for segment in segments:
        if segment.value <= 0:
            continue
        x = left * WHOLE // whole
        width = (left + segment.value) * WHOLE // whole - x
        left += segment.value
        shapes.append(
            Markup('<rect class="tone-{} stack-part" x="{}%" y="{}" width="{}%" height="{}"/>').format(
                segment.tone, hundredths(x), STACK_HEAD_PX, hundredths(width), STACK_PX
            )
        )
        room = width * STACK_WIDTH_PX // WHOLE - 12
        name = next((text for text in (segment.name, segment.brief) if text and _text_px(text) <= room), None)
        if name:
            shapes.append(Markup('<text x="{}%" y="12">{}</text>').format(hundredths(x), name))
    return Markup('<svg class="stack" width="100%" height="{}" role="img" aria-label="{}">{}</svg>').format(
        STACK_HEAD_PX + STACK_PX, label, joined(shapes)
    )
