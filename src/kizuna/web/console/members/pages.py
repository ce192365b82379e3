"""The list of members as text: pure functions of a face and views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kizuna.core.errors import N_
from kizuna.web.console.members.asked import ACTIVE_DAYS, EXPIRING_DAYS, SLEEPING_DAYS, Asked
from kizuna.web.console.members.views import Layout, MemberTable, Panel, SavedView
from kizuna.web.faces import Face, render
from kizuna.web.history import lot_rows
from kizuna.web.words import brand_words, day, month, translate, translate_n

NAME_PX = 208
_ANY_DAY = date(2000, 1, 1)
_ROOM_STEPS_PX = (420, 560, 680, 800, 920, 1040, 1120)
"""The widths at which one more column may show; the styles have a block for each."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list: its head, the width that it asks for, the order that it stands for."""

    head: str
    width_px: int
    sort: str = ""
    is_figure: bool = False


COLUMNS: Mapping[str, Column] = {
    "card": Column(N_("Card number"), 156),
    "tier": Column(N_("Tier"), 104),
    "active": Column(N_("Last order"), 132, "active"),
    "joined": Column(N_("Joined"), 132, "joined"),
    "orders": Column(N_("Orders"), 72, is_figure=True),
    "spend": Column(N_("Spent in all"), 108, "spend", is_figure=True),
    "expiry": Column(N_("Soonest expiry"), 116, is_figure=True),
    "balance": Column(N_("Balance"), 104, "balance", is_figure=True),
}
DEFAULT_COLUMNS = ("card", "tier", "active", "balance")


@dataclass(frozen=True, slots=True)
class Head:
    """A head of the table: where a click on it leads, and how it is sorted now ("ascending", "descending", "" for not)."""

    key: str
    words: str
    href: str
    sorted: str
    is_figure: bool
    room: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the list without it."""

    words: str
    href: str


def layout_of(preferences: Mapping[str, object]) -> Layout:
    """Return how somebody likes the table; what they never said, or what is no longer offered, is as we would have it."""
    kept = preferences.get("members_columns")
    columns = tuple(key for key in COLUMNS if key in kept) if isinstance(kept, list) else DEFAULT_COLUMNS
    return Layout(columns, preferences.get("members_density") == "compact")


def heads(face: Face, asked: Asked, layout: Layout) -> list[Head]:
    """Return the heads of the columns, the name's first. Balance keeps its place on a phone, others wait for room."""
    made = [_head(face, asked, "name", Column(N_("Name"), NAME_PX, "kana"), 0)]
    room = NAME_PX + (COLUMNS["balance"].width_px if "balance" in layout.columns else 0)
    for key in layout.columns:
        if key == "balance":
            made.append(_head(face, asked, key, COLUMNS[key], 0))
            continue
        room += COLUMNS[key].width_px
        made.append(_head(face, asked, key, COLUMNS[key], room))
    return made


def _head(face: Face, asked: Asked, key: str, column: Column, room_px: int) -> Head:
    now = asked.sort if not asked.is_search else ""
    up, down = column.sort, f"-{column.sort}"
    first, other = (up, down) if column.sort == "kana" else (down, up)
    step = next((step for step in _ROOM_STEPS_PX if step >= room_px), _ROOM_STEPS_PX[-1])
    return Head(
        key=key,
        words=translate(face.lang, column.head),
        href="" if not column.sort or asked.is_search else asked.address(sort=other if now == first else first),
        sorted={up: "ascending", down: "descending"}.get(now, "") if column.sort else "",
        is_figure=column.is_figure,
        room=f"from-{step}" if room_px else "",
    )


def chips(face: Face, asked: Asked, tiers: Sequence[Mapping[str, str]]) -> list[Chip]:
    """Return the filters that are on, in words."""
    return [
        Chip(_filter_words(face, name, value, tiers), asked.address(**{name: "" if name == "joined" else None}))
        for name, value in asked.filters.items()
    ]


def cell_day(when: date, lang: str) -> str:
    """Return a day as a column of days writes it: without the weekday."""
    return day(when, lang).partition("(")[0]


def _filter_words(face: Face, name: str, value: str, tiers: Sequence[Mapping[str, str]]) -> str:
    if name == "tier":
        rank = int(value)
        return brand_words(tiers[rank], face.lang) if rank < len(tiers) else value
    if name == "joined":
        first = Asked(joined=value).listing(_ANY_DAY, 0).which.joined_from
        return translate(face.lang, N_("Joined in {month}"), month=month(first, face.lang) if first else value)
    return dict(_options(face, name))[value]


def _options(face: Face, name: str) -> list[tuple[str, str]]:
    """Return what a filter by days can be, as values and words."""

    def words(days: int) -> str:
        if name == "active":
            return translate_n(face.lang, N_("Ordered within {n} day"), N_("Ordered within {n} days"), days)
        if name == "sleeping":
            return translate_n(face.lang, N_("No order for {n} day"), N_("No order for {n} days"), days)
        return translate_n(face.lang, N_("Points expire within {n} day"), N_("Points expire within {n} days"), days)

    known = {"active": ACTIVE_DAYS, "sleeping": SLEEPING_DAYS, "expiring": EXPIRING_DAYS}[name]
    return [(str(days), words(days)) for days in known]


def members_page(
    face: Face,
    table: MemberTable,
    asked: Asked,
    layout: Layout,
    views: Sequence[SavedView] = (),
    panel: Panel | None = None,
) -> str:
    """Return the list that was asked for, with a member beside it when one is open."""
    return render(
        face,
        "console/members.html",
        table=table,
        asked=asked,
        layout=layout,
        heads=heads(face, asked, layout),
        chips=chips(face, asked, table.tiers),
        columns=[(key, translate(face.lang, column.head), key in layout.columns) for key, column in COLUMNS.items()],
        options={name: _options(face, name) for name in ("active", "sleeping", "expiring")},
        cell_day=lambda when: cell_day(when, face.lang),
        views=views,
        panel=panel,
        lot_rows=lot_rows(panel.member, face.brand) if panel and face.brand else (),
        section="members",
        here=True,
    )


def panel_part(face: Face, panel: Panel, asked: Asked) -> str:
    """Return a member in short by itself, to be put beside the list that is there."""
    rows = lot_rows(panel.member, face.brand) if face.brand else ()
    return render(face, "console/members_panel.html", panel=panel, asked=asked, lot_rows=rows)
